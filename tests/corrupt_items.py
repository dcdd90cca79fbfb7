"""A busy world in order, and every way to bring it out of order by hand, with what is then wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from chalicelib.domain.audit.invariants import Invariant, Violation
from chalicelib.domain.decisions.queue_rows import PairRow, Row, WaitingRow, row_of
from chalicelib.domain.decisions.write_set import Job, JobKind, QueueShardsOpened, WriteSet
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.booking import Booking, Partner, QueuePosition, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile, Relation, RelationKind, Tombstone
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_item
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
from tests.table_snapshot import look_at_everything, take_snapshot

NINE, NOON, CROWDED, MIDNIGHT, AHEAD = at(1), at(4), at(6), at(15.5), at(30)
SECRET = "a title nobody else may read"
LANES = 4


@dataclass
class Busy:
    """A world in order, in which something of every kind has happened.

    Ada and Ben are matched at nine, Cy and Dee locked in, Eve waits and has blocked Ada. Fay waits before midnight. Gil
    has let Hal in by a link with one use, and has an API key. Jo's account is deleted, the deletion of Ivy's has just
    begun. A crowd waits and is matched in a slot of several lanes.
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
        """Write an item, whatever else there is."""
        self.world.table.put_item(item.pk, item.sk, attributes=item.serialize())

    def delete(self, item: Item) -> None:
        """Take an item off the table, and nothing else."""
        self.world.table.delete_item(item.pk, item.sk)

    def raw(self, key: Key) -> dict[str, Any]:
        """An item as it goes over the wire."""
        return dict(self.world.table.get_item(*key)["Item"])

    def change(self, name: str, **changes: Any) -> None:
        """Write a member's booking at nine with these changes, and nothing else."""
        held, day = self.held(name), self.day(name)
        bookings = (*(one for one in day.bookings if one != held), replace(held, **changes))
        self.save(day_item(replace(day, bookings=bookings)))

    def add(self, name: str, slot: Slot) -> Booking:
        """Write another booking that waits, and its row, whatever else there is."""
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
        """The violation that names a member and the member's booking."""
        return Violation(invariant, (self.id(name), self.held(name, slot).booking_id), slot)

    def not_mutual(self, name: str, partner: str, pair_id: str) -> Violation:
        return Violation(Invariant.MUTUAL, (self.id(name), self.id(partner), pair_id), NINE)


def busy(world: World) -> Busy:
    """Let it all happen."""
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
    world.book(fay, MIDNIGHT)
    world.book(gil, NOON)
    world.accept(hal, world.invite(gil, max_uses=1), NOON)
    world.api_key(gil, Scope.READ)
    for member in (ivy, jo):
        world.book(member, AHEAD)
    world.leave(jo)
    world.begin_to_leave(ivy)
    commit(
        world.table,
        WriteSet(queue_shards=QueueShardsOpened(CROWDED, 1, LANES)),
        token=world.context.token(26),
        now=world.now,
    )
    crowd = [world.member(f"Member {n}") for n in range(12)]
    for member in crowd:
        world.book(member, CROWDED)
    return Busy(world, members, crowd)


Tampering = Callable[[Busy], set[Violation]]


def misplaced_row(busy: Busy) -> set[Violation]:
    """Somebody waits in a shard in which nobody looks."""
    row = row_item(busy.row("eve"))
    busy.delete(row)
    row.pk = f"{keys.POOL}{NINE.date}#9"
    busy.save(row)
    return {busy.wrong(Invariant.ROW, "eve"), Violation(Invariant.READABLE, (row.pk, row.sk))}


def misplaced_chore(busy: Busy) -> set[Violation]:
    """Work is left in a shard in which nobody looks."""
    job = job_item(Job("left", JobKind.PARTING, busy.id("ada"), busy.id("ben")))
    job.pk = f"{keys.CHORE}9"
    busy.save(job)
    return {Violation(Invariant.READABLE, (job.pk, "left"))}


def unknown_kind(busy: Busy) -> set[Violation]:
    raw = {"PK": {"S": "SOMETHING#1"}, "SK": {"S": "ELSE"}, "k": {"S": "unheard of"}}
    put(busy.world.table, raw)
    return {Violation(Invariant.READABLE, ("SOMETHING#1", "ELSE"))}


def half_an_item(busy: Busy) -> set[Violation]:
    """A day that has lost its version, and with it whatever it held."""
    key, booking = keys.day(*busy.day("cy").key), busy.pair("dee")
    raw = busy.raw(key)
    put(busy.world.table, {name: value for name, value in raw.items() if name != "n"})
    return {Violation(Invariant.READABLE, key), busy.not_mutual("dee", "cy", booking.pair_id)}


def unheard_of_length(busy: Busy) -> set[Violation]:
    key = keys.day(*busy.day("eve").key)
    raw = busy.raw(key)
    raw["b"]["L"][0]["M"]["l"] = {"N": "30"}
    put(busy.world.table, raw)
    return {Violation(Invariant.READABLE, key), Violation(Invariant.SURPLUS_ROW, (busy.id("eve"),), NINE)}


def no_version(busy: Busy) -> set[Violation]:
    busy.save(day_item(replace(busy.day("eve"), version=0)))
    return {Violation(Invariant.VERSION, (busy.id("eve"), NINE.date.isoformat()))}


def waits_in_no_turn(busy: Busy) -> set[Violation]:
    busy.change("eve", queue_position=None)
    return {busy.wrong(Invariant.FORM, "eve"), Violation(Invariant.SURPLUS_ROW, (busy.id("eve"),), NINE)}


def waits_with_a_partner(busy: Busy) -> set[Violation]:
    busy.change("eve", partner=replace(busy.pair("ada"), pair_id="another"))
    return {busy.wrong(Invariant.FORM, "eve")}


def off_the_quarter_hour(busy: Busy) -> set[Violation]:
    odd, row = at(1.1), Violation(Invariant.SURPLUS_ROW, (busy.id("eve"),), NINE)
    busy.change("eve", slot=odd)
    return {busy.wrong(Invariant.FORM, "eve", slot=odd), row}


def twice_the_same_booking(busy: Busy) -> set[Violation]:
    day = busy.day("eve")
    cancelled = replace(day.bookings[0], state=State.CANCELLED, queue_position=None)
    busy.save(day_item(replace(day, bookings=(*day.bookings, cancelled))))
    return {busy.wrong(Invariant.FORM, "eve")}


def paired_with_oneself(busy: Busy) -> set[Violation]:
    pair = busy.pair("cy")
    busy.change("cy", partner=replace(pair, member_id=busy.id("cy")))
    return {busy.wrong(Invariant.NOT_ONESELF, "cy"), busy.not_mutual("dee", "cy", pair.pair_id)}


def left_alone(busy: Busy) -> set[Violation]:
    """Dee's half of the pair is cancelled, and Cy's is not."""
    busy.change("dee", state=State.CANCELLED, partner=None)
    return {busy.not_mutual("cy", "dee", busy.pair("cy").pair_id)}


def another_partner(busy: Busy) -> set[Violation]:
    pair = busy.pair("cy")
    busy.change("cy", partner=replace(pair, member_id=busy.id("eve")))
    return {busy.not_mutual("cy", "eve", pair.pair_id), busy.not_mutual("dee", "cy", pair.pair_id)}


def another_length(busy: Busy) -> set[Violation]:
    pair, shorter = busy.pair("cy"), at(1, minutes=25)
    busy.change("cy", slot=shorter)
    mine = replace(busy.not_mutual("cy", "dee", pair.pair_id), slot=shorter)
    return {mine, busy.not_mutual("dee", "cy", pair.pair_id)}


def another_kind(busy: Busy) -> set[Violation]:
    """Ada is locked in with Ben, who is matched with Ada."""
    pair_id = busy.pair("ada").pair_id
    busy.change("ada", state=State.LOCKED_IN)
    surplus = Violation(Invariant.SURPLUS_ROW, (*sorted((busy.id("ada"), busy.id("ben"))), pair_id), NINE)
    return {busy.not_mutual("ada", "ben", pair_id), busy.not_mutual("ben", "ada", pair_id), surplus}


def another_pair_id(busy: Busy) -> set[Violation]:
    pair = busy.pair("cy")
    busy.change("cy", partner=replace(pair, pair_id="another"))
    return {busy.not_mutual("cy", "dee", "another"), busy.not_mutual("dee", "cy", pair.pair_id)}


def overlap(busy: Busy) -> set[Violation]:
    held, added = busy.held("eve"), busy.add("eve", at(1.75))
    ids = (busy.id("eve"), held.booking_id, added.booking_id)
    return {Violation(Invariant.NO_OVERLAP, ids, added.slot)}


def overlap_past_midnight(busy: Busy) -> set[Violation]:
    held, added = busy.held("fay", MIDNIGHT), busy.add("fay", at(16.25))
    ids = (busy.id("fay"), held.booking_id, added.booking_id)
    return {Violation(Invariant.NO_OVERLAP, ids, added.slot)}


def no_tail(busy: Busy) -> set[Violation]:
    busy.save(day_item(replace(busy.day("fay", at(16)), overnight_until=None)))
    return {busy.wrong(Invariant.TAIL, "fay", slot=MIDNIGHT)}


def a_tail_of_nothing(busy: Busy) -> set[Violation]:
    busy.save(day_item(replace(busy.day("eve"), overnight_until=at(-7.5).start)))
    return {Violation(Invariant.TAIL, (busy.id("eve"), NINE.date.isoformat()))}


def no_waiting_row(busy: Busy) -> set[Violation]:
    busy.delete(row_item(busy.row("eve")))
    return {busy.wrong(Invariant.ROW, "eve")}


def no_pair_row(busy: Busy) -> set[Violation]:
    busy.delete(row_item(busy.row("ada")))
    return {busy.wrong(Invariant.ROW, "ada"), busy.wrong(Invariant.ROW, "ben")}


def a_second_waiting_row(busy: Busy) -> set[Violation]:
    busy.save(row_item(WaitingRow(NINE, QueuePosition(displaced=True, since=MONDAY), busy.id("eve"))))
    return {Violation(Invariant.SURPLUS_ROW, (busy.id("eve"),), NINE)}


def a_waiting_row_of_somebody_locked_in(busy: Busy) -> set[Violation]:
    busy.save(row_item(WaitingRow(NINE, QueuePosition(displaced=False, since=MONDAY), busy.id("cy"))))
    return {Violation(Invariant.SURPLUS_ROW, (busy.id("cy"),), NINE)}


def a_pair_row_of_somebody_locked_in(busy: Busy) -> set[Violation]:
    pair_id, two = busy.pair("cy").pair_id, (busy.id("cy"), busy.id("dee"))
    busy.save(row_item(PairRow(NINE, pair_id, frozenset(two))))
    return {Violation(Invariant.SURPLUS_ROW, (*sorted(two), pair_id), NINE)}


def lanes_forgotten(busy: Busy) -> set[Violation]:
    """The crowd waits and is matched in lanes of which nobody knows."""
    for queue_shard in range(LANES):
        busy.delete(Item(*keys.queue_shards(CROWDED, queue_shard)))
    held = [busy.world.day(member, CROWDED).holding(CROWDED) for member in busy.crowd]
    rows = {row for row in map(row_of, filter(None, held)) if row and row.queue_shard}
    return {Violation(Invariant.LANE, named(row), CROWDED) for row in rows}


def named(row: Row) -> tuple[str, ...]:
    return (row.member_id,) if isinstance(row, WaitingRow) else (*sorted(row.members), row.pair_id)


def lanes_told_in_one_less(busy: Busy) -> set[Violation]:
    busy.delete(Item(*keys.queue_shards(CROWDED, 2)))
    return {
        Violation(Invariant.LANES, (str(queue_shard),), CROWDED) for queue_shard in range(LANES) if queue_shard != 2
    }


def lanes_told_in_one_more(busy: Busy) -> set[Violation]:
    busy.save(queue_shards_item(QueueShardsOpened(CROWDED, LANES, LANES), LANES))
    return {Violation(Invariant.LANES, (str(LANES),), CROWDED)}


def paired_with_the_blocked(busy: Busy) -> set[Violation]:
    """As if the parting had been forgotten."""
    two = (busy.id("ben"), busy.id("ada"))
    blocked = Relation(blocked=True, revision="tampered")
    for key in (keys.about(*two), keys.by(*reversed(two))):
        busy.save(relation_item(key, blocked))
    return {Violation(Invariant.BLOCK, (*two, busy.pair("ben").pair_id), NINE)}


def deleted_but_booked(busy: Busy) -> set[Violation]:
    """As if the deletion had forgotten a booking."""
    busy.save(account_item(Tombstone(busy.id("ada"), MONDAY, "tampered", erased=True)))
    return {busy.wrong(Invariant.DELETION, "ada")}


def no_such_member(busy: Busy) -> set[Violation]:
    busy.delete(account_item(busy.members["cy"]))
    return {busy.wrong(Invariant.DELETION, "cy")}


def deletion_forgotten(busy: Busy) -> set[Violation]:
    (job,) = (Item(*key) for key in look_at_everything(busy.world.table) if key.pk.startswith(keys.JOB))
    busy.delete(job)
    return {Violation(Invariant.CHORE, (busy.id("ivy"),))}


def no_mirror(busy: Busy) -> set[Violation]:
    busy.delete(Item(*keys.by(busy.id("ada"), busy.id("cy"))))
    return {Violation(Invariant.MIRROR, (busy.id("cy"), busy.id("ada")))}


def a_mirror_of_nothing(busy: Busy) -> set[Violation]:
    busy.delete(Item(*keys.about(busy.id("cy"), busy.id("ada"))))
    return {Violation(Invariant.MIRROR, (busy.id("cy"), busy.id("ada")))}


def a_mirror_that_says_something_else(busy: Busy) -> set[Violation]:
    busy.save(relation_item(keys.by(busy.id("ada"), busy.id("cy")), Relation(blocked=True, revision="tampered")))
    return {Violation(Invariant.MIRROR, (busy.id("cy"), busy.id("ada")))}


def used_too_often(busy: Busy) -> set[Violation]:
    link = busy.link()
    busy.save(invite_item(link.used()))
    return {Violation(Invariant.INVITE_USES, (busy.id("gil"), link.link_id))}


def a_link_in_no_list(busy: Busy) -> set[Violation]:
    link = busy.link()
    busy.delete(link_item(link))
    return {Violation(Invariant.INVITE_LISTED, (busy.id("gil"), link.link_id))}


def a_list_of_no_link(busy: Busy) -> set[Violation]:
    link = busy.link()
    busy.delete(invite_item(link))
    return {Violation(Invariant.INVITE_LISTED, (busy.id("gil"), link.link_id))}


def listed_with_another(busy: Busy) -> set[Violation]:
    """The owner's list is in order, and Hal's leads to the same link."""
    link = busy.link()
    busy.save(link_item(replace(link, owner_id=busy.id("hal"))))
    return {Violation(Invariant.INVITE_LISTED, (busy.id("hal"), link.link_id))}


def a_key_in_no_list(busy: Busy) -> set[Violation]:
    key = busy.api_key()
    busy.delete(listed_key_item(key))
    return {Violation(Invariant.KEY_LISTED, (busy.id("gil"), key.key_id))}


def a_list_of_no_key(busy: Busy) -> set[Violation]:
    key = busy.api_key()
    busy.delete(api_key_item(key))
    return {Violation(Invariant.KEY_LISTED, (busy.id("gil"), key.key_id))}


def a_key_of_the_deleted(busy: Busy) -> set[Violation]:
    """Jo's account is deleted and erased, and a key of hers is there and listed."""
    key = replace(busy.api_key(), owner_id=busy.id("jo"), digest="left")
    for item in (api_key_item(key), listed_key_item(key)):
        busy.save(item)
    return {Violation(Invariant.DELETION, (busy.id("jo"), key.key_id))}


def a_room_of_two_pairs(busy: Busy) -> set[Violation]:
    """Cy and Dee meet where Gil and Hal do: only the whole table tells."""
    room = busy.pair("gil", NOON).pair_id
    for name in ("cy", "dee"):
        busy.change(name, partner=replace(busy.pair(name), pair_id=room))
    four = sorted(busy.id(name) for name in ("cy", "dee", "gil", "hal"))
    return {Violation(Invariant.OWN_ROOM, (room, *four))}


TAMPERINGS: list[Tampering] = [
    misplaced_row,
    misplaced_chore,
    unknown_kind,
    half_an_item,
    unheard_of_length,
    no_version,
    waits_in_no_turn,
    waits_with_a_partner,
    off_the_quarter_hour,
    twice_the_same_booking,
    paired_with_oneself,
    left_alone,
    another_partner,
    another_length,
    another_kind,
    another_pair_id,
    overlap,
    overlap_past_midnight,
    no_tail,
    a_tail_of_nothing,
    no_waiting_row,
    no_pair_row,
    a_second_waiting_row,
    a_waiting_row_of_somebody_locked_in,
    a_pair_row_of_somebody_locked_in,
    lanes_forgotten,
    lanes_told_in_one_less,
    lanes_told_in_one_more,
    paired_with_the_blocked,
    deleted_but_booked,
    no_such_member,
    deletion_forgotten,
    no_mirror,
    a_mirror_of_nothing,
    a_mirror_that_says_something_else,
    used_too_often,
    a_link_in_no_list,
    a_list_of_no_link,
    listed_with_another,
    a_key_in_no_list,
    a_list_of_no_key,
    a_key_of_the_deleted,
]
