"""The deletion of an account erases the member's documents, and those that a run in flight stores later (R33)."""

from typing import get_args

import pytest

from chalicelib.domain.decisions.document_copies import copies_of, kept_copies
from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.calendar_feed import CalendarFeed
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import Event, EventKind, EventRow
from chalicelib.domain.model.mail_records import SentMail
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import LiveConnection, NoticeSettings, PushSubscription, Webhook
from chalicelib.domain.model.repeat import EndedRepeat, Repeat, RepeatSchedule, Weekday
from chalicelib.domain.model.report import Report, ReportReason
from chalicelib.domain.model.watch import Watch, Watcher, unused_hour
from chalicelib.domain.model.webhook_delivery import Outcome, RequestedDeliveries, WebhookDelivery
from chalicelib.metrics import collect_metrics
from chalicelib.services.jobs import run_jobs
from chalicelib.storage.document_keys import DEMAND, OF_MEMBER, key_of
from chalicelib.storage.documents import Stored, document_item
from tests import batches
from tests.announcements import announce_all, day_records, record_channels
from tests.harness import MONDAY, World, at
from tests.table_snapshot import read_whole_table


def documents_of(member: Profile) -> list[Document]:
    """Return a document of each kind that a member can have."""
    owner = member.member_id
    event = Event("evt_1", EventKind.BOOKED, owner, MONDAY, at(30), "20260303-0000000000000000-000000")
    return [
        NoticeSettings(member_id=owner, address="ada@example.org", email_kinds=(EventKind.BOOKED,), push_kinds=()),
        PushSubscription(member_id=owner, subscription_id="phone", endpoint="", p256dh="", auth="", made_at=MONDAY),
        Webhook(member_id=owner, webhook_id="hook", url="https://example.org/", kinds=(), made_at=MONDAY),
        LiveConnection(member_id=owner, connection_id="open", opened_at=MONDAY),
        CalendarFeed(member_id=owner, feed_id="feed", digest="digest", made_at=MONDAY),
        SentMail(member_id=owner, mail_id="evt_1", claimed_at=MONDAY),
        WebhookDelivery(member_id=owner, webhook_id="hook", event=event, attempt=1, at=MONDAY, outcome=Outcome(200)),
        RequestedDeliveries(member_id=owner, on=MONDAY.date(), count=3),
        Watch(member_id=owner, favorite_id="a favorite", made_at=MONDAY),
        Watcher(member_id="a follower", favorite_id=owner, made_at=MONDAY),
        unused_hour(owner, MONDAY),
        Repeat(
            member_id=owner,
            repeat_id="repeat",
            weekdays=(Weekday.MONDAY,),
            time="09:00",
            time_zone="UTC",
            minutes=50,
            first=MONDAY.date(),
            changed_at=MONDAY,
            made_at=MONDAY,
            title="a plan of the member",
        ),
        EndedRepeat(member_id=owner, repeat_id="ended", ended_at=MONDAY),
        RepeatSchedule(member_id=owner, due=MONDAY),
        Report(
            member_id=owner,
            report_id="report",
            reported_at=MONDAY,
            reported_id="another member",
            reason=ReportReason.OTHER,
            booking_id="session",
            slot=at(30),
        ),
        *(EventRow(member_id=owner, sequence=sequence, events=(event,)) for sequence in range(100, 130)),
    ]


def with_copies(documents: list[Document]) -> list[Document]:
    """Return documents with their copies in other partitions, those that stay without the member included."""
    return [
        each
        for document in documents
        for each in (document, *copies_of(document), *(stored for stored, _ in kept_copies(document)))
    ]


def store(world: World, documents: list[Document]) -> None:
    batches.save(world.table, {key_of(each): document_item(each) for each in with_copies(documents)}.values())


def remaining(world: World, member: Profile) -> list[tuple[str, str]]:
    """Return the keys of all documents that name the member."""
    found = read_whole_table(world.table).items()
    stored = ((key, raw["d"]["S"]) for key, raw in found if "d" in raw and "S" in raw["d"])
    named = (key for key, text in stored if member.member_id in f"{key} {text}")
    # The sweep counts the demand of an hour again.
    return sorted(key for key in named if not key.pk.startswith(DEMAND))


def leave_for_good(world: World, member: Profile) -> None:
    """Delete the account, and run its job until it is done."""
    world.leave(member)
    announce_all(world)
    world.now += SETTLE
    run_jobs(world.context)
    world.check()


def test_r33_every_kind_of_document_with_a_member_is_erased_with_its_copies(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    bens = [NoticeSettings(member_id=ben.member_id, address="ben@example.org")]
    store(world, [*documents_of(ada), *bens])
    assert len(remaining(world, ada)) == len(documents_of(ada)) + 7
    leave_for_good(world, ada)
    assert remaining(world, ada) == []
    assert len(remaining(world, ben)) == 1


def test_r33_a_new_kind_of_document_is_erased_or_named_here() -> None:
    """A kind with a member is in one of the erased prefixes, or a copy of a document there."""
    ada = Profile("A" * 24, "Ada", "UTC", MONDAY, "revision")
    documents = documents_of(ada)
    covered = {type(each) for each in with_copies(documents)}
    assert {kind for document in documents for kind in OF_MEMBER if document_item(document).sk.startswith(kind)} == set(
        OF_MEMBER
    )
    # The round of a deleted favorite ends with the next run.
    elsewhere = {
        "AddressRecord",
        "AnnouncedStarts",
        "EventLog",
        "HourOfDemand",
        "StaffLine",
        "WatchHorizon",
        "WatchRound",
    }
    assert {kind.__name__ for kind in get_args(Stored)} - {kind.__name__ for kind in covered} <= elsewhere


def test_r33_the_events_and_starts_of_the_member_are_erased_and_the_partner_keeps_the_own(world: World) -> None:
    record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, at(30))
    world.book(ada, at(50))
    announce_all(world)
    before = remaining(world, ben)
    assert len(remaining(world, ada)) == 1 + 3 + 2
    leave_for_good(world, ada)
    assert remaining(world, ada) == []
    # Ben has one event more.
    assert len(remaining(world, ben)) == len(before) + 1


def test_r33_what_a_run_in_flight_stores_after_the_erasure_is_erased_by_the_job(world: World) -> None:
    record_channels(world)
    ada = world.member("Ada")
    world.book(ada, at(30))
    records = day_records(world)
    world.leave(ada)
    assert records
    # The run had read the account before, and commits now.
    store(world, documents_of(ada))
    world.now += SETTLE
    run_jobs(world.context)
    assert remaining(world, ada) == []
    world.check()


@pytest.mark.parametrize("text", ["ada@example.org", "https://example.org/", "digest", "a plan of the member"])
def test_r33_no_text_of_the_member_stays(world: World, text: str) -> None:
    ada = world.member("Ada")
    store(world, documents_of(ada))
    assert text in str(read_whole_table(world.table))
    leave_for_good(world, ada)
    assert text not in str(read_whole_table(world.table))


@pytest.mark.long  # Stores and erases 700 rows.
def test_r36_a_deletion_with_many_documents_costs_no_more_than_150_units(world: World) -> None:
    ada = world.member("Ada")
    rows = [document for document in documents_of(ada) if isinstance(document, EventRow)]
    store(
        world,
        [
            *documents_of(ada),
            *(type(rows[0])(member_id=ada.member_id, sequence=n, events=rows[0].events) for n in range(200, 900)),
        ],
    )
    with collect_metrics() as metrics:
        world.leave(ada)
    assert metrics.read_units + metrics.write_units <= 150
    leave_for_good(world, ada)
    assert remaining(world, ada) == []
