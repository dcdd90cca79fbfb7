"""A table with items of every kind, and every corruption of it with the violations that it causes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from chalicelib.domain.audit.invariants import Invariant, Violation
from chalicelib.domain.decisions.queue_rows import PairRow, Row, WaitingRow, row_of
from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.decisions.write_set import Job, JobKind, QueueShardsOpened, WriteSet
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.booking import Booking, Partner, QueuePosition, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile, Relation, RelationKind, Tombstone
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_item, title_item
from chalicelib.storage.documents import document_item
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import (
    account_item,
    api_key_item,
    invite_item,
    job_item,
    link_item,
    listed_key_item,
    queue_shards_item,
    relation_item,
    row_item,
)
from chalicelib.storage.transactions import commit
from tests.batches import put
from tests.harness import MONDAY, World, at
from tests.table_snapshot import take_snapshot

NINE, NOON, CROWDED, MIDNIGHT, AHEAD = at(1), at(4), at(6), at(15.5), at(30)
SECRET = "a title that only its owner may read"
LONG_SECRET = f"{SECRET}, and too long for the day of its session"
QUEUE_SHARDS = 4


@dataclass
class PopulatedTable:
    """A deployment in which something of each kind has happened, and whose table has no violation.

    Ada and Ben are matched at nine, Cy and Dee are locked in. Eve waits and has blocked Ada. Fay waits before midnight
    in a session with a long title.
    Gil has locked in with Hal by a link with one use, and has an API key. Jo's account is deleted, and only the first
    transaction of the deletion of Ivy's account is committed. Twelve more members wait or are matched in a slot with
    several queue shards.
    """

    world: World
    members: dict[str, Profile]
    crowd: list[Profile]

    def id(self, name: str) -> str:
        return self.members[name].member_id

    def day(self, name: str, slot: Slot = NINE) -> Day:
        return self.world.day(self.members[name], slot)

    def held(self, name: str, slot: Slot = NINE) -> Booking:
        held = self.day(name, slot).holding(slot)
        assert held
        return held

    def pair(self, name: str, slot: Slot = NINE) -> Partner:
        pair = self.held(name, slot).partner
        assert pair
        return pair

    def row(self, name: str) -> Row:
        row = row_of(self.held(name))
        assert row
        return row

    def link(self) -> InviteLink:
        (link,) = self.world.links(self.members["gil"])
        return link

    def api_key(self) -> ApiKey:
        (key,) = take_snapshot(self.world.table).api_keys.values()
        return key

    def save(self, item: Item) -> None:
        """Write an item without any condition."""
        self.world.table.put_item(item.pk, item.sk, attributes=item.serialize())

    def delete(self, item: Item) -> None:
        """Delete an item without any condition."""
        self.world.table.delete_item(item.pk, item.sk)

    def raw(self, key: Key) -> dict[str, Any]:
        """Return an item as DynamoDB returns it."""
        return dict(self.world.table.get_item(*key)["Item"])

    def change(self, name: str, **changes: Any) -> None:
        """Write a member's booking at nine with these changes, and no other item."""
        held, day = self.held(name), self.day(name)
        bookings = (*(one for one in day.bookings if one != held), replace(held, **changes))
        self.save(day_item(replace(day, bookings=bookings)))

    def add(self, name: str, slot: Slot) -> Booking:
        """Write a further waiting booking and its row, without any check."""
        day = self.day(name, slot)
        queue_position, booking_id = (
            QueuePosition(displaced=False, since=MONDAY),
            session_id(day.member_id, slot.date, "0" * 16),
        )
        added = Booking(booking_id, day.member_id, slot, MONDAY, State.WAITING, queue_position=queue_position)
        self.save(day_item(replace(day, version=day.version + 1, bookings=(*day.bookings, added))))
        self.save(row_item(WaitingRow(slot, queue_position, day.member_id)))
        return added

    def wrong(self, invariant: Invariant, name: str, *, slot: Slot = NINE) -> Violation:
        """Return the violation that names a member and the member's booking."""
        return Violation(invariant, (self.id(name), self.held(name, slot).booking_id), slot)

    def not_mutual(self, name: str, partner: str, pair_id: str) -> Violation:
        return Violation(Invariant.MUTUAL, (self.id(name), self.id(partner), pair_id), NINE)


def populate(world: World) -> PopulatedTable:
    """Run the use cases that fill the table."""
    names = ("ada", "ben", "cy", "dee", "eve", "fay", "gil", "hal", "ivy", "jo")
    members = {name: world.member(name.title()) for name in names}
    ada, ben, cy, dee, eve, fay, gil, hal, ivy, jo = members.values()
    world.favorite(cy, dee, ada)
    for member in (ada, ben, dee):
        world.book(member, NINE)
    world.lock(cy, dee, NINE)
    world.say(eve, RelationKind.BLOCK, ada)
    world.book(eve, NINE, title=SECRET)
    world.cancel(fay, world.book(fay, NOON))
    world.book(fay, MIDNIGHT, title=LONG_SECRET)
    world.book(gil, NOON)
    world.accept(hal, world.invite(gil, max_uses=1), NOON)
    world.api_key(gil, Scope.READ)
    for member in (ivy, jo):
        world.book(member, AHEAD)
    world.leave(jo)
    world.begin_to_leave(ivy)
    commit(
        world.table,
        WriteSet(queue_shards=(QueueShardsOpened(CROWDED, 1, QUEUE_SHARDS),)),
        token=world.context.token(26),
        now=world.now,
    )
    crowd = [world.member(f"Member {n}") for n in range(12)]
    for member in crowd:
        world.book(member, CROWDED)
    return PopulatedTable(world, members, crowd)


Corruption = Callable[[PopulatedTable], set[Violation]]


def misplaced_row(table: PopulatedTable) -> set[Violation]:
    """Put a waiting row into a partition that no query reads."""
    row = row_item(table.row("eve"))
    table.delete(row)
    row.pk = f"{keys.POOL}{NINE.date}#9"
    table.save(row)
    return {table.wrong(Invariant.ROW, "eve"), Violation(Invariant.READABLE, (row.pk, row.sk))}


def misplaced_job(table: PopulatedTable) -> set[Violation]:
    """Put a job into a partition that no query reads."""
    job = job_item(Job("left", JobKind.PARTING, table.id("ada"), table.id("ben")))
    job.pk = f"{keys.JOB}9"
    table.save(job)
    return {Violation(Invariant.READABLE, (job.pk, "left"))}


def unknown_kind(table: PopulatedTable) -> set[Violation]:
    raw = {"PK": {"S": "SOMETHING#1"}, "SK": {"S": "ELSE"}, "k": {"S": "no kind"}}
    put(table.world.table, raw)
    return {Violation(Invariant.READABLE, ("SOMETHING#1", "ELSE"))}


def day_without_version_attribute(table: PopulatedTable) -> set[Violation]:
    """Make a day undecodable, which hides its bookings too."""
    key, booking = keys.day(*table.day("cy").key), table.pair("dee")
    raw = table.raw(key)
    put(table.world.table, {name: value for name, value in raw.items() if name != "n"})
    return {Violation(Invariant.READABLE, key), table.not_mutual("dee", "cy", booking.pair_id)}


def unknown_length(table: PopulatedTable) -> set[Violation]:
    key = keys.day(*table.day("eve").key)
    raw = table.raw(key)
    raw["b"]["L"][0]["M"]["l"] = {"N": "30"}
    put(table.world.table, raw)
    return {Violation(Invariant.READABLE, key), Violation(Invariant.SURPLUS_ROW, (table.id("eve"),), NINE)}


def version_0(table: PopulatedTable) -> set[Violation]:
    table.save(day_item(replace(table.day("eve"), version=0)))
    return {Violation(Invariant.VERSION, (table.id("eve"), NINE.date.isoformat()))}


def waiting_without_queue_position(table: PopulatedTable) -> set[Violation]:
    table.change("eve", queue_position=None)
    return {table.wrong(Invariant.FORM, "eve"), Violation(Invariant.SURPLUS_ROW, (table.id("eve"),), NINE)}


def waiting_with_a_partner(table: PopulatedTable) -> set[Violation]:
    table.change("eve", partner=replace(table.pair("ada"), pair_id="another"))
    return {table.wrong(Invariant.FORM, "eve")}


def off_the_quarter_hour(table: PopulatedTable) -> set[Violation]:
    odd, row = at(1.1), Violation(Invariant.SURPLUS_ROW, (table.id("eve"),), NINE)
    table.change("eve", slot=odd)
    return {table.wrong(Invariant.FORM, "eve", slot=odd), row}


def two_bookings_with_one_id(table: PopulatedTable) -> set[Violation]:
    day = table.day("eve")
    cancelled = replace(day.bookings[0], state=State.CANCELLED, queue_position=None)
    table.save(day_item(replace(day, bookings=(*day.bookings, cancelled))))
    return {table.wrong(Invariant.FORM, "eve")}


def paired_with_oneself(table: PopulatedTable) -> set[Violation]:
    pair = table.pair("cy")
    table.change("cy", partner=replace(pair, member_id=table.id("cy")))
    return {table.wrong(Invariant.NOT_ONESELF, "cy"), table.not_mutual("dee", "cy", pair.pair_id)}


def cancelled_by_one_half(table: PopulatedTable) -> set[Violation]:
    """Cancel Dee's half of the pair, but not Cy's."""
    table.change("dee", state=State.CANCELLED, partner=None)
    return {table.not_mutual("cy", "dee", table.pair("cy").pair_id)}


def another_partner(table: PopulatedTable) -> set[Violation]:
    pair = table.pair("cy")
    table.change("cy", partner=replace(pair, member_id=table.id("eve")))
    return {table.not_mutual("cy", "eve", pair.pair_id), table.not_mutual("dee", "cy", pair.pair_id)}


def another_length(table: PopulatedTable) -> set[Violation]:
    pair, shorter = table.pair("cy"), at(1, minutes=25)
    table.change("cy", slot=shorter)
    mine = replace(table.not_mutual("cy", "dee", pair.pair_id), slot=shorter)
    return {mine, table.not_mutual("dee", "cy", pair.pair_id)}


def locked_in_by_one_half(table: PopulatedTable) -> set[Violation]:
    """Lock Ada in with Ben, while Ben stays matched with Ada."""
    pair_id = table.pair("ada").pair_id
    table.change("ada", state=State.LOCKED_IN)
    surplus = Violation(Invariant.SURPLUS_ROW, (*sorted((table.id("ada"), table.id("ben"))), pair_id), NINE)
    return {table.not_mutual("ada", "ben", pair_id), table.not_mutual("ben", "ada", pair_id), surplus}


def another_pair_id(table: PopulatedTable) -> set[Violation]:
    pair = table.pair("cy")
    table.change("cy", partner=replace(pair, pair_id="another"))
    return {table.not_mutual("cy", "dee", "another"), table.not_mutual("dee", "cy", pair.pair_id)}


def overlap(table: PopulatedTable) -> set[Violation]:
    held, added = table.held("eve"), table.add("eve", at(1.75))
    ids = (table.id("eve"), held.booking_id, added.booking_id)
    return {Violation(Invariant.NO_OVERLAP, ids, added.slot)}


def overlap_past_midnight(table: PopulatedTable) -> set[Violation]:
    held, added = table.held("fay", MIDNIGHT), table.add("fay", at(16.25))
    ids = (table.id("fay"), held.booking_id, added.booking_id)
    return {Violation(Invariant.NO_OVERLAP, ids, added.slot)}


def no_overnight_end(table: PopulatedTable) -> set[Violation]:
    table.save(day_item(replace(table.day("fay", at(16)), overnight_until=None)))
    return {table.wrong(Invariant.OVERNIGHT, "fay", slot=MIDNIGHT)}


def overnight_end_without_a_booking(table: PopulatedTable) -> set[Violation]:
    table.save(day_item(replace(table.day("eve"), overnight_until=at(-7.5).start)))
    return {Violation(Invariant.OVERNIGHT, (table.id("eve"), NINE.date.isoformat()))}


def no_waiting_row(table: PopulatedTable) -> set[Violation]:
    table.delete(row_item(table.row("eve")))
    return {table.wrong(Invariant.ROW, "eve")}


def no_pair_row(table: PopulatedTable) -> set[Violation]:
    table.delete(row_item(table.row("ada")))
    return {table.wrong(Invariant.ROW, "ada"), table.wrong(Invariant.ROW, "ben")}


def a_second_waiting_row(table: PopulatedTable) -> set[Violation]:
    table.save(row_item(WaitingRow(NINE, QueuePosition(displaced=True, since=MONDAY), table.id("eve"))))
    return {Violation(Invariant.SURPLUS_ROW, (table.id("eve"),), NINE)}


def a_waiting_row_of_a_locked_in_booking(table: PopulatedTable) -> set[Violation]:
    table.save(row_item(WaitingRow(NINE, QueuePosition(displaced=False, since=MONDAY), table.id("cy"))))
    return {Violation(Invariant.SURPLUS_ROW, (table.id("cy"),), NINE)}


def a_pair_row_of_a_locked_in_pair(table: PopulatedTable) -> set[Violation]:
    pair_id, two = table.pair("cy").pair_id, (table.id("cy"), table.id("dee"))
    table.save(row_item(PairRow(NINE, pair_id, frozenset(two))))
    return {Violation(Invariant.SURPLUS_ROW, (*sorted(two), pair_id), NINE)}


def no_number_of_queue_shards(table: PopulatedTable) -> set[Violation]:
    """Leave rows in queue shards that no read knows."""
    for queue_shard in range(QUEUE_SHARDS):
        table.delete(Item(*keys.queue_shards(CROWDED, queue_shard)))
    held = [table.world.day(member, CROWDED).holding(CROWDED) for member in table.crowd]
    rows = {row for row in map(row_of, filter(None, held)) if row and row.queue_shard}
    return {Violation(Invariant.QUEUE_SHARD, named(row), CROWDED) for row in rows}


def named(row: Row) -> tuple[str, ...]:
    return (row.member_id,) if isinstance(row, WaitingRow) else (*sorted(row.members), row.pair_id)


def one_number_of_queue_shards_less(table: PopulatedTable) -> set[Violation]:
    table.delete(Item(*keys.queue_shards(CROWDED, 2)))
    return {
        Violation(Invariant.QUEUE_SHARDS, (str(queue_shard),), CROWDED)
        for queue_shard in range(QUEUE_SHARDS)
        if queue_shard != 2
    }


def one_number_of_queue_shards_more(table: PopulatedTable) -> set[Violation]:
    table.save(queue_shards_item(QueueShardsOpened(CROWDED, QUEUE_SHARDS, QUEUE_SHARDS), QUEUE_SHARDS))
    return {Violation(Invariant.QUEUE_SHARDS, (str(QUEUE_SHARDS),), CROWDED)}


def paired_with_the_blocked(table: PopulatedTable) -> set[Violation]:
    """Leave a pair that a block should have parted."""
    two = (table.id("ben"), table.id("ada"))
    blocked = Relation(blocked=True)
    for key in (keys.about(*two), keys.by(*reversed(two))):
        table.save(relation_item(key, blocked))
    return {Violation(Invariant.BLOCK, (*two, table.pair("ben").pair_id), NINE)}


def deleted_but_booked(table: PopulatedTable) -> set[Violation]:
    """Leave a booking that the deletion of the account should have cancelled."""
    table.save(account_item(Tombstone(table.id("ada"), MONDAY, "corrupted", erased=True)))
    # Cy's favorite should have gone with the account.
    favorite = Violation(Invariant.DELETION, (table.id("cy"), table.id("ada")))
    return {table.wrong(Invariant.DELETION, "ada"), favorite}


def relation_of_an_erased_account(table: PopulatedTable) -> set[Violation]:
    """Leave the block of a deleted account. Its job is done."""
    _finish_deletion(table)
    table.save(relation_item(keys.about(table.id("jo"), table.id("dee")), Relation(blocked=True)))
    return {Violation(Invariant.DELETION, (table.id("jo"), table.id("dee")))}


def favorite_about_an_erased_account(table: PopulatedTable) -> set[Violation]:
    _finish_deletion(table)
    for key in (keys.about(table.id("dee"), table.id("jo")), keys.by(table.id("jo"), table.id("dee"))):
        table.save(relation_item(key, Relation(favorite=True)))
    return {Violation(Invariant.DELETION, (table.id("dee"), table.id("jo")))}


def empty_day_of_an_erased_account(table: PopulatedTable) -> set[Violation]:
    _finish_deletion(table)
    table.save(day_item(Day(table.id("jo"), MONDAY.date(), version=7)))
    return {Violation(Invariant.DELETION, (table.id("jo"), MONDAY.date().isoformat()))}


def document_of_an_erased_account(table: PopulatedTable) -> set[Violation]:
    _finish_deletion(table)
    item = document_item(NoticeSettings(member_id=table.id("jo"), address="jo@example.org"))
    table.save(item)
    return {Violation(Invariant.DELETION, (item.pk, item.sk))}


def _finish_deletion(table: PopulatedTable) -> None:
    """Delete the job of the account that is erased already, as the schedule does."""
    (job,) = (job for job in take_snapshot(table.world.table).jobs.values() if job.member_id == table.id("jo"))
    table.delete(job_item(job))


def no_such_member(table: PopulatedTable) -> set[Violation]:
    table.delete(account_item(table.members["cy"]))
    return {table.wrong(Invariant.DELETION, "cy")}


def deletion_without_its_job(table: PopulatedTable) -> set[Violation]:
    (job,) = (job for job in take_snapshot(table.world.table).jobs.values() if job.member_id == table.id("ivy"))
    table.delete(job_item(job))
    return {Violation(Invariant.JOB, (table.id("ivy"),))}


def no_copy_of_a_relation(table: PopulatedTable) -> set[Violation]:
    table.delete(Item(*keys.by(table.id("ada"), table.id("cy"))))
    return {Violation(Invariant.MIRROR, (table.id("cy"), table.id("ada")))}


def a_copy_of_no_relation(table: PopulatedTable) -> set[Violation]:
    table.delete(Item(*keys.about(table.id("cy"), table.id("ada"))))
    return {Violation(Invariant.MIRROR, (table.id("cy"), table.id("ada")))}


def a_copy_that_differs(table: PopulatedTable) -> set[Violation]:
    table.save(relation_item(keys.by(table.id("ada"), table.id("cy")), Relation(blocked=True)))
    return {Violation(Invariant.MIRROR, (table.id("cy"), table.id("ada")))}


def used_more_often_than_allowed(table: PopulatedTable) -> set[Violation]:
    link = table.link()
    table.save(invite_item(link.used()))
    return {Violation(Invariant.INVITE_USES, (table.id("gil"), link.link_id))}


def a_link_without_an_entry(table: PopulatedTable) -> set[Violation]:
    link = table.link()
    table.delete(link_item(link))
    return {Violation(Invariant.INVITE_LISTED, (table.id("gil"), link.link_id))}


def an_entry_without_a_link(table: PopulatedTable) -> set[Violation]:
    link = table.link()
    table.delete(invite_item(link))
    return {Violation(Invariant.INVITE_LISTED, (table.id("gil"), link.link_id))}


def an_entry_of_another_member(table: PopulatedTable) -> set[Violation]:
    """Add an entry for the link to Hal's list, while the entry in its owner's list is right."""
    link = table.link()
    table.save(link_item(replace(link, owner_id=table.id("hal"))))
    return {Violation(Invariant.INVITE_LISTED, (table.id("hal"), link.link_id))}


def a_key_without_an_entry(table: PopulatedTable) -> set[Violation]:
    key = table.api_key()
    table.delete(listed_key_item(key))
    return {Violation(Invariant.KEY_LISTED, (table.id("gil"), key.key_id))}


def an_entry_without_a_key(table: PopulatedTable) -> set[Violation]:
    key = table.api_key()
    table.delete(api_key_item(key))
    return {Violation(Invariant.KEY_LISTED, (table.id("gil"), key.key_id))}


def a_key_of_a_deleted_account(table: PopulatedTable) -> set[Violation]:
    """Add a key with its entry to Jo's account, which is deleted and erased."""
    key = replace(table.api_key(), owner_id=table.id("jo"), digest="left")
    for item in (api_key_item(key), listed_key_item(key)):
        table.save(item)
    return {Violation(Invariant.DELETION, (table.id("jo"), key.key_id))}


def a_room_of_two_pairs(table: PopulatedTable) -> set[Violation]:
    """Give Cy and Dee the room of Gil and Hal.

    Only a snapshot of the whole table shows it.
    """
    room = table.pair("gil", NOON).pair_id
    for name in ("cy", "dee"):
        table.change(name, partner=replace(table.pair(name), pair_id=room))
    four = sorted(table.id(name) for name in ("cy", "dee", "gil", "hal"))
    return {Violation(Invariant.OWN_ROOM, (room, *four))}


def a_long_title_that_is_missing(table: PopulatedTable) -> set[Violation]:
    held = table.held("fay", MIDNIGHT)
    table.delete(title_item(LongTitle(held.member_id, held.booking_id, LONG_SECRET)))
    return {table.wrong(Invariant.TITLE, "fay", slot=MIDNIGHT)}


def a_long_title_without_a_booking(table: PopulatedTable) -> set[Violation]:
    booking_id = session_id(table.id("fay"), NINE.date, "0" * 16)
    table.save(title_item(LongTitle(table.id("fay"), booking_id, LONG_SECRET)))
    return {Violation(Invariant.TITLE, (table.id("fay"), booking_id))}


CORRUPTIONS: list[Corruption] = [
    relation_of_an_erased_account,
    favorite_about_an_erased_account,
    empty_day_of_an_erased_account,
    misplaced_row,
    misplaced_job,
    unknown_kind,
    day_without_version_attribute,
    unknown_length,
    version_0,
    waiting_without_queue_position,
    waiting_with_a_partner,
    off_the_quarter_hour,
    two_bookings_with_one_id,
    paired_with_oneself,
    cancelled_by_one_half,
    another_partner,
    another_length,
    locked_in_by_one_half,
    another_pair_id,
    overlap,
    overlap_past_midnight,
    no_overnight_end,
    overnight_end_without_a_booking,
    no_waiting_row,
    no_pair_row,
    a_second_waiting_row,
    a_waiting_row_of_a_locked_in_booking,
    a_pair_row_of_a_locked_in_pair,
    no_number_of_queue_shards,
    one_number_of_queue_shards_less,
    one_number_of_queue_shards_more,
    paired_with_the_blocked,
    deleted_but_booked,
    no_such_member,
    deletion_without_its_job,
    no_copy_of_a_relation,
    a_copy_of_no_relation,
    a_copy_that_differs,
    used_more_often_than_allowed,
    a_link_without_an_entry,
    an_entry_without_a_link,
    an_entry_of_another_member,
    a_key_without_an_entry,
    an_entry_without_a_key,
    a_key_of_a_deleted_account,
    a_long_title_that_is_missing,
    a_long_title_without_a_booking,
]
