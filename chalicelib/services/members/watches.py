"""Watches of favorites, which a member sets, removes and loses with the favorite (R45)."""

from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, Unauthenticated
from chalicelib.domain.model.ids import lookup_id
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, versioned_limit_of
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.watch import Watch, watcher_of
from chalicelib.services.begun_reads import Begun, begun_first
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import reads, watch_reads


def set_watch(context: Context, caller: str, other: str, *, begun: Begun[VersionedLimit] | None = None) -> None:
    """Watch a favorite. It is idempotent. `begun` is the first read of the versioned limit of relations.

    Raises InvalidRequest for every member who is not a favorite of the caller, unknown ones included. The caller knows
    the own favorites, so the refusal says nothing about the other member. Raises Unauthenticated without an account.
    """
    favorite, unused = lookup_id(other, caller), versioned_limit_of(caller, LimitKind.RELATIONS)
    read_limit = begun_first(begun, lambda: reads.versioned_limit(context.table, unused))

    def decide(attempt: Attempt) -> Decision[None]:
        # Every change of a relation increments this version, so a favorite that ends now makes the watch conflict.
        limit = read_limit()
        with context.table.parallel(2) as threads:
            watched = threads.submit(reads.profile, context.table, favorite)
            existing = threads.submit(watch_reads.watch, context.table, caller, favorite)
            account, relations = reads.account_and_relations(context.table, caller, [favorite])
        if not isinstance(account, Profile):
            # The caller's account is deleted (R33).
            raise Unauthenticated
        if not relations[favorite].favorite or watched.result() is None:
            raise InvalidRequest(input_texts.NOT_A_FAVORITE, field="userId")
        if existing.result():
            return Decision(None)
        watch = Watch(member_id=caller, favorite_id=favorite, made_at=attempt.now)
        made = (DocumentChange(None, watch), DocumentChange(None, watcher_of(watch)))
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
    if found is None:
        return ()
    # Regardless of the time of the latest event in the copy.
    return tuple(DocumentChange(each, None, regardless=True) for each in (found, watcher_of(found)))
