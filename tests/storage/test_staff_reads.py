"""The reads of staff (R47)."""

from datetime import date, timedelta

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.report import KEPT, Report, ReportReason, listed
from chalicelib.domain.model.staff_line import StaffAct, StaffLine
from chalicelib.storage import keys, staff_reads
from chalicelib.storage.document_keys import key_of
from chalicelib.storage.transactions import commit
from tests.harness import MONDAY, World, at

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def store(world: World, *stored: Document) -> None:
    changes = WriteSet(documents=tuple(DocumentChange(None, document) for document in stored))
    commit(world.table, changes, token=world.context.token(26), now=world.now)


def line(line_id: str, days: int) -> StaffLine:
    return StaffLine(
        line_id=line_id, at=MONDAY + timedelta(days=days), act=StaffAct.REPORTS_READ, by="s" * 24, version=1
    )


def report(report_id: str, days: int) -> Report:
    at_instant = MONDAY + timedelta(days=days)
    return Report(
        member_id="a" * 24,
        report_id=report_id,
        reported_at=at_instant,
        reported_id="b" * 24,
        reason=ReportReason.OTHER,
        booking_id="one",
        slot=at(1),
        version=1,
        expires=at_instant + KEPT,
    )


def test_r47_the_lines_of_a_month_are_read_newest_first_from_a_place_on(world: World) -> None:
    first, second, third, later = lines = [line("a", 0), line("b", 1), line("c", 2), line("d", 31)]
    store(world, *lines)
    assert staff_reads.lines_of_month(world.table, MARCH, None, 9) == [third, second, first]
    assert staff_reads.lines_of_month(world.table, MARCH, None, 2) == [third, second]
    assert staff_reads.lines_of_month(world.table, MARCH, key_of(third).sk, 1) == [second]
    assert staff_reads.lines_of_month(world.table, APRIL, None, 9) == [later]
    assert staff_reads.staff_line(world.table, second.at, "b") == second
    assert staff_reads.staff_line(world.table, second.at, "c") is None


def test_r47_reports_and_their_copies_in_the_list_of_staff_are_apart(world: World) -> None:
    own = [report("x", 0), report("y", 1)]
    copies = [listed(one) for one in own]
    store(world, *own, *copies)
    found = staff_reads.reports_of_month(world.table, MARCH, None, 9)
    assert [(one.report_id, one.reporter_id) for one in found] == [("y", "a" * 24), ("x", "a" * 24)]
    assert staff_reads.report(world.table, "a" * 24, "x") == own[0]
    assert staff_reads.report(world.table, "b" * 24, "x") is None
    assert staff_reads.lines_of_month(world.table, MARCH, None, 9) == []


def test_r47_scans_find_each_profile_once_and_say_what_they_cost(world: World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    members = world.members("Ada", "Ben", "Cy")
    world.book(members[0], at(1))
    monkeypatch.setattr(staff_reads, "SCANNED_ITEMS", 2)
    found, units, place = [], 0.0, None
    for _ in range(20):
        scanned = staff_reads.scan_profiles(world.table, place)
        found += scanned.profiles
        units, place = units + scanned.units, scanned.after
        if place is None:
            break
    assert place is None
    assert sorted(one.member_id for one in found) == sorted(one.member_id for one in members)
    assert units > 0


def test_r47_a_scan_from_a_profile_on_leaves_that_one_out(world: World) -> None:
    world.members("Ada", "Ben")
    first, second = staff_reads.scan_profiles(world.table, None).profiles
    assert staff_reads.scan_profiles(world.table, keys.profile(first.member_id)).profiles == [second]
