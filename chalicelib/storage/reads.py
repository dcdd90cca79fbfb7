"""The reads of the table, each named after its access pattern, except those of queues.

Reads on which a decision rests are strongly consistent. The others only display what they read.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import NamedTuple

from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.day import Day, DayKey, Days
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, VersionedLimit
from chalicelib.domain.model.member import Account, MemberRelations, PairRelations, Profile, Relation
from chalicelib.storage import keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_from, recorded_response_from
from chalicelib.storage.items import (
    ApiKeyItem,
    DayItem,
    InviteItem,
    Item,
    LinkItem,
    ListedKeyItem,
    ProfileItem,
    RecordedResponseItem,
    RelationItem,
    VersionedLimitItem,
)
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import (
    account_from,
    api_key_from,
    invite_from,
    profile_from,
    relation_from,
    versioned_limit_from,
)


class DaysAndLimit(NamedTuple):
    """Days of a member. `has_limit` says that the member has a versioned limit of bookings (R36)."""

    days: Days
    has_limit: bool


# The number of parallel queries if one query for each of many members is needed.
PARALLEL_QUERIES = 32


def profile(table: Table, member_id: str) -> Profile | None:
    """Return the member's profile, or None without one or after its deletion."""
    found = account(table, member_id)
    return found if isinstance(found, Profile) else None


def account(table: Table, member_id: str) -> Account | None:
    """Return the member's profile or the tombstone of a deleted one, or None without either."""
    return account_from(queries.get(table, keys.profile(member_id)))


def accounts(table: Table, members: Collection[str], *, consistent: bool = True) -> dict[str, Account | None]:
    """Return the account of each of those members, in one batch."""
    found = queries.batch(table, {keys.profile(member_id) for member_id in members}, consistent=consistent)
    return {member_id: account_from(found.get(keys.profile(member_id))) for member_id in members}


def accounts_and_days(
    table: Table, members: Collection[str], wanted: Collection[DayKey]
) -> tuple[dict[str, Account | None], Days]:
    """Return the account of each of those members, and days of others, in one batch."""
    profiles = {member_id: keys.profile(member_id) for member_id in members}
    found = queries.batch(table, {*profiles.values(), *(keys.day(*key) for key in wanted)}, consistent=True)
    return {one: account_from(found.get(key)) for one, key in profiles.items()}, _days_in(found, wanted)


def account_and_relations(
    table: Table, member_id: str, others: Collection[str]
) -> tuple[Account | None, dict[str, Relation]]:
    """Return the member's account and the relation to each of the others, in one batch."""
    profile, abouts = keys.profile(member_id), {other: keys.about(member_id, other) for other in others}
    found = queries.batch(table, {profile, *abouts.values()}, consistent=True)
    return account_from(found.get(profile)), {other: _relation_in(found, about) for other, about in abouts.items()}


def profiles(table: Table, members: Collection[str]) -> Iterator[Profile]:
    """Yield the profiles of those members that have one, for display."""
    found = queries.batch(table, {keys.profile(member_id) for member_id in members}, consistent=False)
    return (profile_from(item) for item in found.values() if isinstance(item, ProfileItem))


def days(table: Table, wanted: Iterable[DayKey]) -> Days:
    """Return those days, read in one batch. A day without an item is empty and has version 0."""
    wanted = set(wanted)
    return _days_in(queries.batch(table, {keys.day(*key) for key in wanted}, consistent=True), wanted)


def days_and_limit(table: Table, member_id: str, first: date, last: date) -> DaysAndLimit:
    """Return the member's days and whether a versioned limit of bookings exists, in one query.

    The days are all from `first` to `last`, and all later ones that have items.
    """
    versioned_limit = keys.versioned_limit(member_id, LimitKind.BOOKINGS)
    found = list(
        queries.query(table, keys.member(member_id), Item.sk.between(keys.day(member_id, first).sk, versioned_limit.sk))
    )
    written = (day_from(item) for item in found if isinstance(item, DayItem))
    return DaysAndLimit(
        Days.whole(member_id, first, last, written), any(item.sk == versioned_limit.sk for item in found)
    )


def days_of(table: Table, member_id: str, first: date, last: date) -> Days:
    """Return the member's days from `first` to `last` in one query.

    One more day in the range costs almost nothing.
    """
    return Days.whole(member_id, first, last, days_between(table, member_id, first, last))


def days_between(
    table: Table,
    member_id: str,
    first: date,
    last: date,
    *,
    newest_first: bool = False,
    consistent: bool = True,
    page: int | None = None,
) -> Iterator[Day]:
    """Yield the member's days from `first` to `last` inclusive that have items, in one query or in pages of `page`."""
    between = Item.sk.between(keys.day(member_id, first).sk, keys.day(member_id, last).sk)
    partition = keys.member(member_id)
    for item in queries.query(table, partition, between, backwards=newest_first, consistent=consistent, page=page):
        if isinstance(item, DayItem):
            yield day_from(item)


def pairs_relations(
    table: Table, pairs: Collection[tuple[str, str]], *, consistent: bool = True
) -> list[PairRelations]:
    """Return the pair relations of each two members, in one batch.

    Call it after the days of both members were read (R1).
    """
    return _pairs_in(queries.batch(table, _keys_of_pairs(pairs), consistent=consistent), pairs)


def pairs_relations_and_days(
    table: Table, pairs: Collection[tuple[str, str]], wanted: Collection[DayKey]
) -> tuple[list[PairRelations], Days]:
    """Return the pair relations of each two members, and days of others, in one batch.

    Call it after the days of the pairs' members were read (R1).
    """
    days = {keys.day(*key) for key in wanted}
    found = queries.batch(table, _keys_of_pairs(pairs) | days, consistent=True)
    return _pairs_in(found, pairs), _days_in(found, wanted)


def _keys_of_pairs(pairs: Collection[tuple[str, str]]) -> set[Key]:
    wanted = {keys.profile(member) for pair in pairs for member in pair}
    return wanted | {keys.about(*way) for one, other in pairs for way in ((one, other), (other, one))}


def _pairs_in(found: dict[Key, Item], pairs: Collection[tuple[str, str]]) -> list[PairRelations]:
    return [
        PairRelations(
            _profile_in(found, one),
            _profile_in(found, other),
            _relation_in(found, keys.about(one, other)),
            _relation_in(found, keys.about(other, one)),
        )
        for one, other in pairs
    ]


def pair_relations(table: Table, member_id: str, other: str) -> PairRelations:
    """Return the pair relations of the member and the other.

    Call it after the days of both members were read (R1).
    """
    (found,) = pairs_relations(table, [(member_id, other)])
    return found


def profiles_and_relations(
    table: Table, member_id: str, others: Collection[str]
) -> dict[str, tuple[Profile | None, Relation]]:
    """Return the others' profiles and the member's relations to them, in one batch, for display."""
    wanted = {keys.profile(other) for other in others} | {keys.about(member_id, other) for other in others}
    found = queries.batch(table, wanted, consistent=False)
    return {other: (_profile_in(found, other), _relation_in(found, keys.about(member_id, other))) for other in others}


def account_and_relation(table: Table, member_id: str, other: str) -> tuple[Account | None, Relation]:
    """Return the other's account and the member's relation to the other, in one batch, for display."""
    account, about = keys.profile(other), keys.about(member_id, other)
    found = queries.batch(table, {account, about}, consistent=False)
    return account_from(found.get(account)), _relation_in(found, about)


def relation(table: Table, member_id: str, other: str) -> Relation:
    """Return the member's relation to the other."""
    item = queries.get(table, keys.about(member_id, other))
    return relation_from(item if isinstance(item, RelationItem) else None)


def relations(
    table: Table, member_id: str, *, after: str | None = None, page: int | None = None, consistent: bool = True
) -> Iterator[tuple[str, Relation]]:
    """Yield the member's relations to others by the others' ids, starting after the id `after`."""
    start, about = keys.about(member_id, after) if after else None, Item.sk.startswith(keys.ABOUT)
    partition = keys.member(member_id)
    for item in queries.query(table, partition, about, after=start, page=page, consistent=consistent):
        if isinstance(item, RelationItem):
            yield item.sk.removeprefix(keys.ABOUT), relation_from(item)


def favorites_of(table: Table, member_id: str) -> dict[str, Relation]:
    """Return the member's relations to favorites, for display."""
    outgoing = relations(table, member_id, consistent=False)
    return {other: relation for other, relation in outgoing if relation.favorite}


def members_with_relations(table: Table, members: Collection[str]) -> Iterator[MemberRelations]:
    """Yield the profiles of those members that have one, with all their relations to others.

    Call it after the days of the members were read (R1). After one batch of profiles, one query for each member runs in
    parallel.
    """

    def query(member_id: str) -> dict[str, Relation]:
        return dict(relations(table, member_id))

    profiles = queries.batch(table, {keys.profile(member_id) for member_id in members}, consistent=True)
    with table.parallel(PARALLEL_QUERIES) as threads:
        for member_id, outgoing in zip(members, threads.map(query, members), strict=True):
            profile = _profile_in(profiles, member_id)
            if profile:
                yield MemberRelations(profile, outgoing)


def relations_to(table: Table, member_id: str, others: Collection[str]) -> dict[str, Relation]:
    """Return the relations of those others to the member, in one batch."""
    found = queries.batch(table, {keys.about(other, member_id) for other in others}, consistent=True)
    return {other: _relation_in(found, keys.about(other, member_id)) for other in others}


def recorded_response(table: Table, member_id: str, idempotency_key: str) -> RecordedResponse | None:
    """Return the recorded response to the member's idempotency key, expired or not."""
    item = queries.get(table, keys.recorded_response(member_id, idempotency_key))
    return recorded_response_from(item, member_id, idempotency_key) if isinstance(item, RecordedResponseItem) else None


def answered_bookings(table: Table, member_id: str) -> Iterator[Booking]:
    """Yield the bookings in the member's recorded responses."""
    for item in queries.query(table, keys.member(member_id), Item.sk.startswith(keys.RECORDED_RESPONSE)):
        if isinstance(item, RecordedResponseItem):
            yield recorded_response_from(item, member_id, item.sk).booking


def invite(table: Table, digest: str) -> InviteLink | None:
    """Return the invite link whose token has that digest, or None without one or after its revocation."""
    item = queries.get(table, keys.invite(digest))
    return invite_from(item) if isinstance(item, InviteItem) else None


def invite_digest(table: Table, member_id: str, link_id: str) -> str | None:
    """Return the digest of the token of the member's invite link, or None if it does not exist."""
    item = queries.get(table, keys.link(member_id, link_id))
    return item.digest if isinstance(item, LinkItem) else None


def invites_of(
    table: Table, member_id: str, *, after: str | None = None, limit: int | None = None
) -> list[tuple[str, InviteLink | None]]:
    """Return at most `limit` of the member's invite links in the order of their ids, starting after the id `after`.

    A link that is being revoked at that moment is None.
    """
    listed = _listed(table, member_id, keys.LINK, keys.invite, after, limit)
    return [(link_id, invite_from(item) if isinstance(item, InviteItem) else None) for link_id, item in listed]


def versioned_limit(table: Table, unused: VersionedLimit) -> VersionedLimit:
    """Return the current value of a versioned limit, or `unused` if no counted write has passed it."""
    item = queries.get(table, keys.versioned_limit(unused.member_id, unused.name))
    return versioned_limit_from(item) if isinstance(item, VersionedLimitItem) else unused


def api_key(table: Table, digest: str) -> ApiKey | None:
    """Return the API key with that digest, or None without one or after its revocation."""
    item = queries.get(table, keys.api_key(digest))
    return api_key_from(item) if isinstance(item, ApiKeyItem) else None


def api_key_digest(table: Table, member_id: str, key_id: str) -> str | None:
    """Return the digest of the member's API key, or None if it does not exist."""
    item = queries.get(table, keys.listed_key(member_id, key_id))
    return item.digest if isinstance(item, ListedKeyItem) else None


def api_keys_of(
    table: Table, member_id: str, *, after: str | None = None, limit: int | None = None
) -> list[tuple[str, ApiKey | None]]:
    """Return at most `limit` of the member's API keys in the order of their ids, starting after the id `after`.

    A key that is being revoked at that moment is None.
    """
    listed = _listed(table, member_id, keys.KEY, keys.api_key, after, limit)
    return [(key_id, api_key_from(item) if isinstance(item, ApiKeyItem) else None) for key_id, item in listed]


def number_listed(table: Table, member_id: str, prefix: str) -> int:
    """Return the number of entries in one of the member's lists, without reading the items."""
    return sum(1 for _ in queries.query(table, keys.member(member_id), Item.sk.startswith(prefix)))


def _listed(
    table: Table, member_id: str, prefix: str, key_of: Callable[[str], Key], after: str | None, limit: int | None
) -> list[tuple[str, Item | None]]:
    """Return the ids in one of the member's lists, each with the item that its entry points to."""
    partition = keys.member(member_id)
    start = Key(partition, f"{prefix}{after}") if after else None
    rows = islice(queries.query(table, partition, Item.sk.startswith(prefix), after=start, page=limit), limit)
    listed = {
        row.sk.removeprefix(prefix): key_of(row.digest) for row in rows if isinstance(row, LinkItem | ListedKeyItem)
    }
    found = queries.batch(table, listed.values(), consistent=True)
    return [(listed_id, found.get(key)) for listed_id, key in listed.items()]


def _days_in(found: dict[Key, Item], wanted: Iterable[DayKey]) -> Days:
    read = {key: found.get(keys.day(*key)) for key in wanted}
    return Days(day_from(item) if isinstance(item, DayItem) else Day(*key) for key, item in read.items())


def _profile_in(found: dict[Key, Item], member_id: str) -> Profile | None:
    item = found.get(keys.profile(member_id))
    return profile_from(item) if isinstance(item, ProfileItem) else None


def _relation_in(found: dict[Key, Item], key: Key) -> Relation:
    item = found.get(key)
    return relation_from(item if isinstance(item, RelationItem) else None)
