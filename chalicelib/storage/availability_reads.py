"""The reads of a view of many members."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from chalicelib.domain.model.day import Day
from chalicelib.domain.model.member import Profile, Relation
from chalicelib.storage import keys, queries, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.items import Item, ProfileItem, RelationItem
from chalicelib.storage.mappers import profile_from, relation_from


class SeenMember(NamedTuple):
    """A member's profile, relation to the viewer and days, as a view of many members reads them."""

    profile: Profile | None
    incoming: Relation
    days: list[Day]


def members_seen(table: Table, viewer: str, dates: Mapping[str, tuple[date, date]]) -> dict[str, SeenMember]:
    """Return what a view of many members shows to `viewer`, for display.

    `dates` are the first and last date to read of each member. A batch of profiles, a batch of relations and one query
    for each member's days run in parallel. The relations are read by key, so the cost depends on the number of the
    members alone (R11, R36).
    """

    def query(member_id: str) -> list[Day]:
        return list(reads.days_between(table, member_id, *dates[member_id], consistent=False))

    with table.parallel(reads.PARALLEL_QUERIES) as threads:
        profiles = threads.submit(queries.batch, table, {keys.profile(other) for other in dates}, consistent=False)
        said = threads.submit(queries.batch, table, {keys.about(other, viewer) for other in dates}, consistent=False)
        days = dict(zip(dates, threads.map(query, dates), strict=True))
        found = {**profiles.result(), **said.result()}
    return {
        member_id: SeenMember(
            _profile(found.get(keys.profile(member_id))),
            _relation(found.get(keys.about(member_id, viewer))),
            days[member_id],
        )
        for member_id in dates
    }


def _profile(item: Item | None) -> Profile | None:
    return profile_from(item) if isinstance(item, ProfileItem) else None


def _relation(item: Item | None) -> Relation:
    return relation_from(item if isinstance(item, RelationItem) else None)
