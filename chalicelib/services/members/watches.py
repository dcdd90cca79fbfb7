"""Watches of favorites, which a member sets, removes and loses with the favorite (R45)."""

from collections.abc import Iterator
from itertools import islice

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, Unauthenticated
from chalicelib.domain.model.ids import lookup_id
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.watch import Watch, Watcher
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads, watch_reads

# The watches that one transaction of an erasure deletes, each with its copy.
WATCHES_PER_TRANSACTION = 12


def set_watch(context: Context, caller: str, other: str) -> None:
    """Watch a favorite. It is idempotent.

    Raises InvalidRequest for every member who is not a favorite of the caller, unknown ones included. The caller knows
    the own favorites, so the refusal says nothing about the other member. Raises Unauthenticated without an account.
    """
    favorite = lookup_id(other, caller)

    def decide(attempt: Attempt) -> Decision[None]:
        # Every change of a relation increments this version, so a favorite that ends now makes the watch conflict.
        limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.RELATIONS))
        account, relations = reads.account_and_relations(context.table, caller, [favorite])
        if not isinstance(account, Profile):
            # The caller's account is deleted (R33).
            raise Unauthenticated
        if not relations[favorite].favorite or reads.profile(context.table, favorite) is None:
            raise InvalidRequest(input_texts.NOT_A_FAVORITE, field="userId")
        if watch_reads.watch(context.table, caller, favorite):
            return Decision(None)
        made = (
            DocumentChange(None, Watch(member_id=caller, favorite_id=favorite, made_at=attempt.now)),
            DocumentChange(None, Watcher(favorite_id=favorite, member_id=caller)),
        )
        return Decision(None, WriteSet(documents=made, versioned_limit=limit, present=(caller, favorite)))

    run_transaction(context, decide)


def remove_watch(context: Context, caller: str, other: str) -> None:
    """Watch a favorite no more. It is idempotent, also for a member who is no favorite."""

    def decide(_attempt: Attempt) -> Decision[None]:
        return Decision(None, WriteSet(documents=ended_watch(context, caller, lookup_id(other, caller))))

    run_transaction(context, decide)


def ended_watch(context: Context, caller: str, favorite: str) -> tuple[DocumentChange, ...]:
    """Return the deletion of the caller's watch of a favorite, nothing without a watch."""
    found = watch_reads.watch(context.table, caller, favorite)
    return _deletion(found) if found else ()


def erased_watches(context: Context, member_id: str) -> Iterator[tuple[DocumentChange, ...]]:
    """Yield the deletions of all watches of a member and of all watches by others, in batches of one transaction."""
    watchers = watch_reads.watchers_of(context.table, member_id)
    by_others = (Watch(member_id=one.member_id, favorite_id=member_id, made_at=context.clock()) for one in watchers)
    for found in (watch_reads.watches_of(context.table, member_id), by_others):
        remaining = iter(found)
        while batch := list(islice(remaining, WATCHES_PER_TRANSACTION)):
            yield tuple(change for watch in batch for change in _deletion(watch))
    count = watch_reads.watched_hour(context.table, member_id)
    if count:
        yield (DocumentChange(count, None, regardless=True),)


def _deletion(watch: Watch) -> tuple[DocumentChange, ...]:
    """Return the deletion of a watch and its copy, regardless of the time of the latest event."""
    copy = Watcher(favorite_id=watch.favorite_id, member_id=watch.member_id)
    return (DocumentChange(watch, None, regardless=True), DocumentChange(copy, None, regardless=True))
