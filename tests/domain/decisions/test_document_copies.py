"""The documents in other partitions that are erased with a member's document."""

from msgspec.structs import replace

from chalicelib.domain.decisions.document_copies import copies_of, kept_copies
from chalicelib.domain.decisions.start_rows import start_row
from chalicelib.domain.model.calendar_feed import CalendarFeed, FeedAddress
from chalicelib.domain.model.event import Event, EventKind, EventRow
from chalicelib.domain.model.notices import LiveConnection, LiveConnectionOwner, NoticeSettings
from chalicelib.domain.model.repeat import DueRepeats, RepeatSchedule
from chalicelib.domain.model.report import Report, ReportReason, listed
from chalicelib.domain.model.watch import Watch, Watcher
from tests.domain.samples import NOON, SLOT

BOOKED = Event("evt_1", EventKind.BOOKED, "ada", NOON, SLOT, "booking")


def test_r33_a_feed_and_a_connection_have_a_copy_by_their_secret() -> None:
    feed = CalendarFeed(member_id="ada", feed_id="feed", digest="digest", made_at=NOON)
    assert copies_of(feed) == (FeedAddress(digest="digest", member_id="ada", feed_id="feed"),)
    connection = LiveConnection(member_id="ada", connection_id="one", opened_at=NOON)
    assert copies_of(connection) == (LiveConnectionOwner(member_id="ada", connection_id="one", opened_at=NOON),)


def test_r33_the_events_of_a_booking_lead_to_its_start_row() -> None:
    """A run in flight may have stored both after the days were erased."""
    row = EventRow(member_id="ada", sequence=1, events=(BOOKED, replace(BOOKED, kind=EventKind.MATCHED)))
    assert copies_of(row) == (start_row("ada", "booking", SLOT),)


def test_r33_a_watch_and_its_copy_lead_to_each_other() -> None:
    watch = Watch(member_id="ada", favorite_id="ben", made_at=NOON)
    watcher = Watcher(member_id="ada", favorite_id="ben", made_at=NOON)
    assert copies_of(watch) == (watcher,)
    assert copies_of(replace(watcher, notified_at=NOON)) == (watch,)


def test_r33_the_schedule_of_repeats_leads_to_its_row_in_the_list_of_due_members() -> None:
    schedule = RepeatSchedule(member_id="ada", due=NOON)
    assert copies_of(schedule) == (DueRepeats(member_id="ada", due=NOON),)
    assert copies_of(replace(schedule, due=None)) == ()


def test_r33_another_document_has_no_copy() -> None:
    assert copies_of(NoticeSettings(member_id="ada")) == ()


def test_r33_the_report_in_the_list_of_staff_stays_without_its_reporter() -> None:
    report = Report(
        member_id="ada",
        report_id="report",
        reported_at=NOON,
        reported_id="ben",
        reason=ReportReason.OTHER,
        booking_id="booking",
        slot=SLOT,
        text="Rude",
    )
    assert copies_of(report) == ()
    ((before, after),) = kept_copies(report)
    assert before == listed(report)
    assert (before.reporter_id, after) == ("ada", replace(before, reporter_id=None))
    assert kept_copies(NoticeSettings(member_id="ada")) == ()
