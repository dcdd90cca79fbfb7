"""Every invariant, broken once by hand in a small snapshot that is otherwise in order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.audit.invariants import Invariant, Violation, shared_rooms, violations, violations_of
from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.queue_rows import ROWS_KEPT, PairRow, Row, WaitingRow, row_of
from chalicelib.domain.decisions.write_set import Job, JobKind
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.booking import Booking, Partner, QueuePosition, State
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile, Relation, Tombstone, WorkStyle
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.suspension import Suspension

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
NINE = Slot(NOW.replace(hour=9), 50)
NOON = Slot(NOW.replace(hour=12), 25)
MIDNIGHT = Slot(NOW.replace(hour=23, minute=30), 50)
SHARDS = 4
LINK = InviteLink("link", "gil", "link-digest", NOW, max_uses=1, uses=1)
KEY = ApiKey("key", "gil", "key-digest", "scripts", Scope.READ, NOW)
TITLED = session_id("eve", NINE.date, "0" * 16)
FAVORITE, BLOCK = Relation(favorite=True), Relation(blocked=True)
ROOM_ADA, ROOM_CY = "room of ada", "room of cy"


def new_booking(member: str, slot: Slot, queue_shard: int = 0) -> Booking:
    return Booking(f"{member} {slot.start:%H:%M}", member, slot, NOW, State.WAITING, queue_shard=queue_shard)


def in_order() -> Snapshot:
    """Return a snapshot without a violation.

    At nine Ada and Ben are matched, Cy and Dee are locked in, and Eve waits. Fay waits past midnight. Hal waits in a
    slot of four queue shards. Cy has a favorite. Gil has a link and a key. Ivy's account is not yet erased. Jo's is.
    """
    new = [new_booking(name, NINE) for name in ("ada", "ben", "cy", "dee", "eve")]
    new += [new_booking("fay", MIDNIGHT), new_booking("hal", NOON, queue_shard=2), new_booking("ivy", NOON)]
    editor = DayEditor(Days(Day(one.member_id, on) for one in new for on in one.slot.dates), "first", NOW)
    for booking in new:
        editor.queue(booking)
    ada, ben, cy, dee, *_ = map(editor.booking, new)
    editor.match(ada, ben, ROOM_ADA)
    editor.lock(cy, dee, ROOM_CY)
    days = {change.after.key: change.after for change in editor.changes()}
    members = ("ada", "ben", "cy", "dee", "eve", "fay", "gil", "hal")
    return Snapshot(
        days=days,
        rows={row for day in days.values() for booking in day.active if (row := row_of(booking))},
        queue_shards={(NOON, shard): SHARDS for shard in range(SHARDS)},
        accounts={
            **{name: Profile(name, name.title(), "UTC", NOW, "first") for name in members},
            "ivy": Tombstone("ivy", NOW, "second"),
            "jo": Tombstone("jo", NOW, "second", erased=True),
        },
        relations={("cy", "dee"): FAVORITE},
        mirrors={("cy", "dee"): FAVORITE},
        invites={LINK.digest: LINK},
        links={("gil", "link"): LINK.digest},
        api_keys={KEY.digest: KEY},
        listed_keys={("gil", "key"): KEY.digest},
        jobs={"job": Job("job", JobKind.DELETION, "ivy")},
    )


def booking_of(snapshot: Snapshot, member: str, slot: Slot = NINE) -> Booking:
    booking = snapshot.days[member, slot.date].holding(slot)
    assert booking
    return booking


def row(snapshot: Snapshot, member: str, slot: Slot = NINE) -> Row:
    found = row_of(booking_of(snapshot, member, slot))
    assert found
    return found


def change(snapshot: Snapshot, member: str, **changes: object) -> None:
    """Change the member's booking at nine and nothing else."""
    day, booking = snapshot.days[member, NINE.date], booking_of(snapshot, member)
    bookings = tuple(replace(one, **changes) if one == booking else one for one in day.bookings)
    snapshot.days[day.key] = replace(day, bookings=bookings)


def change_partner(snapshot: Snapshot, member: str, **changes: object) -> None:
    change(snapshot, member, partner=replace(booking_of(snapshot, member).partner, **changes))


def add_waiting(snapshot: Snapshot, member: str, slot: Slot) -> None:
    """Add a waiting booking with its row, without a check for overlaps."""
    day = snapshot.days[member, slot.date]
    editor = DayEditor(Days([day]), "second", NOW)
    editor.queue(new_booking(member, slot))
    (changed,) = editor.changes()
    snapshot.days[day.key] = changed.after
    snapshot.rows.add(row(snapshot, member, slot))


def of(invariant: Invariant, member: str, slot: Slot = NINE) -> Violation:
    return Violation(invariant, (member, f"{member} {slot.start:%H:%M}"), slot)


def not_mutual(member: str, partner: str, room: str, slot: Slot = NINE) -> Violation:
    return Violation(Invariant.MUTUAL, (member, partner, room), slot)


def surplus(*ids: str, slot: Slot = NINE) -> Violation:
    return Violation(Invariant.SURPLUS_ROW, ids, slot)


Case = Callable[[Snapshot], set[Violation]]


def unreadable_item(it: Snapshot) -> set[Violation]:
    it.unreadable.add(("pk", "sk"))
    return {Violation(Invariant.READABLE, ("pk", "sk"))}


def stored_without_a_write(it: Snapshot) -> set[Violation]:
    it.days["eve", NINE.date] = replace(it.days["eve", NINE.date], version=0)
    return {Violation(Invariant.VERSION, ("eve", "2026-03-02"))}


def waiting_without_a_queue_position(it: Snapshot) -> set[Violation]:
    change(it, "eve", queue_position=None)
    return {of(Invariant.FORM, "eve"), surplus("eve")}


def waiting_with_a_partner(it: Snapshot) -> set[Violation]:
    change(it, "eve", partner=Partner("ada", "other room", WorkStyle()))
    return {of(Invariant.FORM, "eve")}


def locked_in_without_a_partner(it: Snapshot) -> set[Violation]:
    change(it, "cy", partner=None)
    return {of(Invariant.FORM, "cy"), not_mutual("dee", "cy", ROOM_CY)}


def joined_unseen_by_the_partner(it: Snapshot) -> set[Violation]:
    change(it, "cy", joined_at=NINE.start)
    return {not_mutual("cy", "dee", ROOM_CY), not_mutual("dee", "cy", ROOM_CY)}


def asks_without_having_joined(it: Snapshot) -> set[Violation]:
    change(it, "cy", seeks_again=True)
    return {of(Invariant.FORM, "cy")}


def asks_while_locked_in(it: Snapshot) -> set[Violation]:
    change(it, "cy", seeks_again=True, joined_at=NINE.start)
    return {of(Invariant.FORM, "cy"), not_mutual("dee", "cy", ROOM_CY)}


def waits_since_the_start_without_an_ask(it: Snapshot) -> set[Violation]:
    change(it, "eve", queue_position=QueuePosition(displaced=False, since=NINE.start))
    return {of(Invariant.FORM, "eve"), surplus("eve")}


def missed_with_a_partner(it: Snapshot) -> set[Violation]:
    change(it, "cy", state=State.MISSED)
    return {of(Invariant.FORM, "cy"), not_mutual("dee", "cy", ROOM_CY)}


def joined_and_missed(it: Snapshot) -> set[Violation]:
    change(it, "eve", state=State.MISSED, queue_position=None, joined_at=NINE.start)
    return {of(Invariant.FORM, "eve"), surplus("eve")}


def off_the_grid(it: Snapshot) -> set[Violation]:
    odd = replace(NINE, start=NINE.start + timedelta(minutes=5))
    change(it, "eve", slot=odd)
    return {replace(of(Invariant.FORM, "eve"), slot=odd), surplus("eve")}


def of_another_date(it: Snapshot) -> set[Violation]:
    tomorrow = replace(NINE, start=NINE.start + timedelta(days=1))
    change(it, "eve", slot=tomorrow)
    return {replace(of(Invariant.FORM, "eve"), slot=tomorrow), surplus("eve")}


def one_booking_twice(it: Snapshot) -> set[Violation]:
    day = it.days["eve", NINE.date]
    again = replace(day.bookings[0], state=State.CANCELLED, queue_position=None)
    it.days[day.key] = replace(day, bookings=(*day.bookings, again))
    return {of(Invariant.FORM, "eve")}


def paired_with_oneself(it: Snapshot) -> set[Violation]:
    change_partner(it, "cy", member_id="cy")
    return {of(Invariant.NOT_ONESELF, "cy"), not_mutual("dee", "cy", ROOM_CY)}


def partner_cancelled(it: Snapshot) -> set[Violation]:
    change(it, "dee", state=State.CANCELLED, partner=None)
    return {not_mutual("cy", "dee", ROOM_CY)}


def another_partner(it: Snapshot) -> set[Violation]:
    change_partner(it, "cy", member_id="eve")
    return {not_mutual("cy", "eve", ROOM_CY), not_mutual("dee", "cy", ROOM_CY)}


def another_length(it: Snapshot) -> set[Violation]:
    shorter = replace(NINE, minutes=25)
    change(it, "cy", slot=shorter)
    return {not_mutual("cy", "dee", ROOM_CY, shorter), not_mutual("dee", "cy", ROOM_CY)}


def another_state(it: Snapshot) -> set[Violation]:
    change(it, "ada", state=State.LOCKED_IN)
    ada, ben = not_mutual("ada", "ben", ROOM_ADA), not_mutual("ben", "ada", ROOM_ADA)
    return {ada, ben, surplus("ada", "ben", ROOM_ADA)}


def another_pair_id(it: Snapshot) -> set[Violation]:
    change_partner(it, "cy", pair_id="other room")
    return {not_mutual("cy", "dee", "other room"), not_mutual("dee", "cy", ROOM_CY)}


def overlap(it: Snapshot) -> set[Violation]:
    later = replace(NINE, start=NINE.start + timedelta(minutes=45))
    add_waiting(it, "eve", later)
    return {Violation(Invariant.NO_OVERLAP, ("eve", "eve 09:00", "eve 09:45"), later)}


def overlap_past_midnight(it: Snapshot) -> set[Violation]:
    later = replace(NOON, start=MIDNIGHT.start + timedelta(minutes=45))
    add_waiting(it, "fay", later)
    return {Violation(Invariant.NO_OVERLAP, ("fay", "fay 23:30", "fay 00:15"), later)}


def next_day_without_the_end(it: Snapshot) -> set[Violation]:
    key = ("fay", MIDNIGHT.footprint_end.date())
    it.days[key] = replace(it.days[key], overnight_until=None)
    return {of(Invariant.OVERNIGHT, "fay", MIDNIGHT)}


def next_day_missing(it: Snapshot) -> set[Violation]:
    del it.days["fay", MIDNIGHT.footprint_end.date()]
    return {of(Invariant.OVERNIGHT, "fay", MIDNIGHT)}


def end_without_a_booking(it: Snapshot) -> set[Violation]:
    it.days["eve", NINE.date] = replace(it.days["eve", NINE.date], overnight_until=NOW.replace(hour=0, minute=30))
    return {Violation(Invariant.OVERNIGHT, ("eve", "2026-03-02"))}


def no_waiting_row(it: Snapshot) -> set[Violation]:
    it.rows.remove(row(it, "eve"))
    return {of(Invariant.ROW, "eve")}


def no_pair_row(it: Snapshot) -> set[Violation]:
    it.rows.remove(row(it, "ada"))
    return {of(Invariant.ROW, "ada"), of(Invariant.ROW, "ben")}


def second_waiting_row(it: Snapshot) -> set[Violation]:
    first = row(it, "eve")
    assert isinstance(first, WaitingRow)
    it.rows.add(replace(first, queue_position=replace(first.queue_position, since=NOW - MOMENT)))
    return {surplus("eve")}


def waiting_row_of_a_locked_in_member(it: Snapshot) -> set[Violation]:
    it.rows.add(replace(row(it, "eve"), member_id="cy"))
    return {surplus("cy")}


def pair_row_of_a_locked_in_pair(it: Snapshot) -> set[Violation]:
    it.rows.add(PairRow(NINE, ROOM_CY, frozenset({"cy", "dee"})))
    return {surplus("cy", "dee", ROOM_CY)}


def row_in_a_missing_shard(it: Snapshot) -> set[Violation]:
    it.queue_shards.clear()
    return {Violation(Invariant.QUEUE_SHARD, ("hal",), NOON)}


def one_shard_fewer(it: Snapshot) -> set[Violation]:
    del it.queue_shards[NOON, 3]
    return {Violation(Invariant.QUEUE_SHARDS, (str(shard),), NOON) for shard in range(3)}


def one_shard_more(it: Snapshot) -> set[Violation]:
    it.queue_shards[NOON, SHARDS] = SHARDS
    return {Violation(Invariant.QUEUE_SHARDS, (str(SHARDS),), NOON)}


def one_room_of_two_pairs(it: Snapshot) -> set[Violation]:
    it.rows.remove(row(it, "ada"))
    for member in ("ada", "ben"):
        change_partner(it, member, pair_id=ROOM_CY)
    it.rows.add(row(it, "ada"))
    return {Violation(Invariant.OWN_ROOM, (ROOM_CY, "ada", "ben", "cy", "dee"))}


def pair_despite_a_block(it: Snapshot) -> set[Violation]:
    it.relations["ben", "ada"] = it.mirrors["ben", "ada"] = BLOCK
    return {Violation(Invariant.BLOCK, ("ben", "ada", ROOM_ADA), NINE)}


def booking_of_an_erased_account(it: Snapshot) -> set[Violation]:
    it.accounts["eve"] = Tombstone("eve", NOW, "second", erased=True)
    return {of(Invariant.DELETION, "eve")}


def booking_without_an_account(it: Snapshot) -> set[Violation]:
    del it.accounts["eve"]
    return {of(Invariant.DELETION, "eve")}


def key_of_an_erased_account(it: Snapshot) -> set[Violation]:
    key = replace(KEY, owner_id="jo", digest="jo-digest")
    it.api_keys[key.digest], it.listed_keys["jo", "key"] = key, key.digest
    return {Violation(Invariant.DELETION, ("jo", "key"))}


def deletion_without_a_job(it: Snapshot) -> set[Violation]:
    it.jobs.clear()
    return {Violation(Invariant.JOB, ("ivy",))}


def relation_without_its_copy(it: Snapshot) -> set[Violation]:
    it.mirrors.clear()
    return {Violation(Invariant.MIRROR, ("cy", "dee"))}


def copy_without_its_relation(it: Snapshot) -> set[Violation]:
    it.relations.clear()
    return {Violation(Invariant.MIRROR, ("cy", "dee"))}


def two_different_copies(it: Snapshot) -> set[Violation]:
    it.mirrors["cy", "dee"] = BLOCK
    return {Violation(Invariant.MIRROR, ("cy", "dee"))}


def link_used_too_often(it: Snapshot) -> set[Violation]:
    it.invites[LINK.digest] = LINK.used()
    return {Violation(Invariant.INVITE_USES, ("gil", "link"))}


def link_not_in_the_list(it: Snapshot) -> set[Violation]:
    it.links.clear()
    return {Violation(Invariant.INVITE_LISTED, ("gil", "link"))}


def list_without_the_link(it: Snapshot) -> set[Violation]:
    it.invites.clear()
    return {Violation(Invariant.INVITE_LISTED, ("gil", "link"))}


def link_in_another_list(it: Snapshot) -> set[Violation]:
    it.links["hal", "link"] = LINK.digest
    return {Violation(Invariant.INVITE_LISTED, ("hal", "link"))}


def key_not_in_the_list(it: Snapshot) -> set[Violation]:
    it.listed_keys.clear()
    return {Violation(Invariant.KEY_LISTED, ("gil", "key"))}


def list_without_the_key(it: Snapshot) -> set[Violation]:
    it.api_keys.clear()
    return {Violation(Invariant.KEY_LISTED, ("gil", "key"))}


def title_that_is_not_stored(it: Snapshot) -> set[Violation]:
    change(it, "eve", long_title="digest")
    return {of(Invariant.TITLE, "eve")}


def another_title_is_stored(it: Snapshot) -> set[Violation]:
    change(it, "eve", booking_id=TITLED, long_title="digest")
    it.titles["eve", TITLED] = "another digest"
    return {Violation(Invariant.TITLE, ("eve", TITLED), NINE), Violation(Invariant.TITLE, ("eve", TITLED))}


def title_without_a_booking(it: Snapshot) -> set[Violation]:
    it.titles["eve", TITLED] = "digest"
    return {Violation(Invariant.TITLE, ("eve", TITLED))}


def booking_of_a_suspended_member(snapshot: Snapshot) -> set[Violation]:
    suspension = Suspension(NOW, "rude", "staff")
    snapshot.accounts["eve"] = replace(snapshot.accounts["eve"], suspension=suspension, revision="second")
    return {of(Invariant.SUSPENSION, "eve")}


CASES: list[Case] = [
    unreadable_item,
    stored_without_a_write,
    waiting_without_a_queue_position,
    waiting_with_a_partner,
    locked_in_without_a_partner,
    joined_unseen_by_the_partner,
    asks_without_having_joined,
    asks_while_locked_in,
    waits_since_the_start_without_an_ask,
    missed_with_a_partner,
    joined_and_missed,
    off_the_grid,
    of_another_date,
    one_booking_twice,
    paired_with_oneself,
    partner_cancelled,
    another_partner,
    another_length,
    another_state,
    another_pair_id,
    overlap,
    overlap_past_midnight,
    next_day_without_the_end,
    next_day_missing,
    end_without_a_booking,
    no_waiting_row,
    no_pair_row,
    second_waiting_row,
    waiting_row_of_a_locked_in_member,
    pair_row_of_a_locked_in_pair,
    row_in_a_missing_shard,
    one_shard_fewer,
    one_shard_more,
    one_room_of_two_pairs,
    pair_despite_a_block,
    booking_of_an_erased_account,
    booking_without_an_account,
    key_of_an_erased_account,
    deletion_without_a_job,
    relation_without_its_copy,
    copy_without_its_relation,
    two_different_copies,
    link_used_too_often,
    link_not_in_the_list,
    list_without_the_link,
    link_in_another_list,
    key_not_in_the_list,
    list_without_the_key,
    title_that_is_not_stored,
    another_title_is_stored,
    title_without_a_booking,
    booking_of_a_suspended_member,
]


def test_a_snapshot_in_order_has_no_violation() -> None:
    assert list(violations(in_order(), NOW)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_each_violation_is_found_once_and_no_other(case: Case) -> None:
    snapshot = in_order()
    expected = case(snapshot)
    found = list(violations(snapshot, NOW))
    assert (set(found), len(found)) == (expected, len(expected))


def test_r36_a_stored_title_of_a_booking_is_no_violation() -> None:
    snapshot = in_order()
    change(snapshot, "eve", booking_id=TITLED, long_title="digest")
    snapshot.titles["eve", TITLED] = "digest"
    assert list(violations(snapshot, NOW)) == []


def test_r33_a_title_is_excused_until_the_account_is_erased() -> None:
    snapshot = in_order()
    title = ("ivy", session_id("ivy", NINE.date, "0" * 16))
    snapshot.titles[title] = "digest"
    assert list(violations(snapshot, NOW)) == []
    snapshot.accounts["ivy"] = Tombstone("ivy", NOW, "third", erased=True)
    assert Violation(Invariant.TITLE, title) in set(violations(snapshot, NOW))


def test_r47_the_job_of_a_suspension_excuses_a_booking() -> None:
    snapshot = in_order()
    booking_of_a_suspended_member(snapshot)
    snapshot.jobs["second"] = Job("second", JobKind.SUSPENSION, "eve")
    assert list(violations(snapshot, NOW)) == []


def test_every_invariant_has_a_case() -> None:
    assert {violation.invariant for case in CASES for violation in case(in_order())} == set(Invariant)


def test_r1_a_parting_job_of_the_same_direction_excuses_a_blocked_pair() -> None:
    snapshot = in_order()
    expected = pair_despite_a_block(snapshot)
    for member, other, found in (("ada", "ben", expected), ("ben", "cy", expected), ("ben", "ada", set())):
        snapshot.jobs["parting"] = Job("parting", JobKind.PARTING, member, other)
        assert set(violations(snapshot, NOW)) == found
    snapshot.jobs["parting"] = Job("parting", JobKind.DELETION, "ben", "ada")
    assert set(violations(snapshot, NOW)) == expected


@pytest.mark.parametrize("case", [pair_despite_a_block, booking_of_an_erased_account], ids=lambda case: case.__name__)
def test_r1_r33_a_booking_that_has_started_is_neither_parted_nor_erased(case: Case) -> None:
    snapshot = in_order()
    expected = case(snapshot)
    assert set(violations(snapshot, NINE.start - MOMENT)) == expected
    assert set(violations(snapshot, NINE.start)) == set()


@pytest.mark.parametrize("case", [no_waiting_row, no_pair_row], ids=lambda case: case.__name__)
def test_r19_a_row_may_be_missing_once_it_has_expired(case: Case) -> None:
    snapshot = in_order()
    expected = case(snapshot)
    assert set(violations(snapshot, NINE.start + ROWS_KEPT - MOMENT)) == expected
    assert set(violations(snapshot, NINE.start + ROWS_KEPT)) == set()


@pytest.mark.parametrize("case", [row_in_a_missing_shard, one_shard_fewer], ids=lambda case: case.__name__)
def test_r19_queue_shards_may_be_missing_once_their_rows_have_expired(case: Case) -> None:
    snapshot = in_order()
    expected = case(snapshot)
    assert set(violations(snapshot, NOON.start + ROWS_KEPT - MOMENT)) == expected
    assert set(violations(snapshot, NOON.start + ROWS_KEPT)) == set()


def test_r34_shared_rooms_are_found_in_the_whole_table_only() -> None:
    snapshot = in_order()
    assert list(shared_rooms(snapshot)) == []
    expected = one_room_of_two_pairs(snapshot)
    assert set(shared_rooms(snapshot)) == expected
    assert list(violations_of(snapshot, snapshot, NOW)) == []


def test_only_the_items_of_the_subject_are_checked() -> None:
    snapshot = in_order()
    expected = partner_cancelled(snapshot)
    no_waiting_row(snapshot)
    subject = Snapshot(days={key: day for key, day in snapshot.days.items() if key[0] == "cy"})
    assert set(violations_of(subject, snapshot, NOW)) == expected
    assert set(violations_of(Snapshot(), snapshot, NOW)) == set()


def test_r33_a_missed_session_of_an_erased_account_is_a_violation() -> None:
    snapshot = in_order()
    change(snapshot, "eve", state=State.MISSED, queue_position=None)
    snapshot.rows.discard(row(in_order(), "eve"))
    assert of(Invariant.DELETION, "eve") not in set(violations(snapshot, NINE.start))
    snapshot.accounts["eve"] = Tombstone("eve", NOW, "second", erased=True)
    assert of(Invariant.DELETION, "eve") in set(violations(snapshot, NINE.start))
