"""The reads of the demand of slots (R46)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice, repeat

from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.model.demand import KEPT_IN_SLOT, HourOfDemand, WaitingMember, waiting_members
from chalicelib.domain.model.member import NO_RELATION, PairRelations, Profile, Relation
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys, queries, queue_reads, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import demand_partitions, hour_of_demand
from chalicelib.storage.documents import document, documents
from chalicelib.storage.items import Item, ProfileItem, RelationItem
from chalicelib.storage.mappers import profile_from, relation_from

# The hours with demand that a read of a later week begins with. Two days of hours.
HOURS_A_PAGE = 48


def hour_counted(table: Table, hour: datetime) -> HourOfDemand | None:
    """Return the current document of an hour, or None if no member has waited in it."""
    return document(table, hour_of_demand(hour), HourOfDemand)


def hours_counted(table: Table, first: datetime, last: datetime) -> Iterator[HourOfDemand]:
    """Return the documents of the hours from `first` to `last` inclusive, for display.

    There is one query for each 7 dates. All begin at once, and the later ones with a page: a reader may have enough
    before (R36).
    """
    between = Item.sk.between(hour_of_demand(first).sk, hour_of_demand(last).sk)

    def begun(partition: str, page: int | None) -> Iterator[HourOfDemand]:
        hours = documents(table, partition, between, HourOfDemand, consistent=False, page=page)
        return chain(list(islice(hours, 1)), hours)

    nearest, *later = demand_partitions(first.date(), last.date())
    with table.parallel(len(later) or 1) as threads:
        pages = threads.map(begun, later, repeat(HOURS_A_PAGE))
        return chain(begun(nearest, None), *pages)


def waiting_now(table: Table, slot: Slot) -> tuple[WaitingMember, ...]:
    """Return the first waiting members of the slot, by its queue and then their days."""
    rows: list[WaitingRow] = []
    queue_shard, queue_shards = 0, 1
    while queue_shard < queue_shards and len(rows) < KEPT_IN_SLOT:
        page = next(queue_reads.waiting_in(table, slot, queue_shard, page=KEPT_IN_SLOT))
        rows += page.rows
        queue_shard, queue_shards = queue_shard + 1, max(queue_shards, page.queue_shards)
    members = [row.member_id for row in rows[:KEPT_IN_SLOT]]
    days = reads.days(table, [(member_id, slot.date) for member_id in members])
    return waiting_members(slot, [days[member_id, slot.date] for member_id in members])


def relations_to_judge(
    table: Table, caller: Profile, outgoing: Mapping[str, Relation], others: Collection[str]
) -> dict[str, PairRelations]:
    """Return the relations of the caller and each of the others, for display.

    `outgoing` are all relations of the caller. The profiles of the others and their relations to the caller are read
    by key in one batch, whether they exist or not (R11).
    """
    wanted = {keys.profile(other) for other in others} | {keys.about(other, caller.member_id) for other in others}
    found = queries.batch(table, wanted, consistent=False)

    def profile(other: str) -> Profile | None:
        item = found.get(keys.profile(other))
        return profile_from(item) if isinstance(item, ProfileItem) else None

    def incoming(other: str) -> Relation:
        item = found.get(keys.about(other, caller.member_id))
        return relation_from(item if isinstance(item, RelationItem) else None)

    return {
        other: PairRelations(caller, profile(other), outgoing.get(other, NO_RELATION), incoming(other))
        for other in others
    }
