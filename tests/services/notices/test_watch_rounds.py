"""The events of members whose favorite became lockable (R9, R10, R36, R45)."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import Availability, Gender, PartnerGender, Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.watch import MOST_ROUNDS, Watcher
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.services.bookings.batch import BatchedRequest, book_sessions
from chalicelib.services.members.watches import remove_watch, set_watch
from chalicelib.services.notices import watch_rounds
from chalicelib.services.notices.watch_rounds import run_rounds
from chalicelib.storage import watch_reads
from tests.announcements import RecordedBus, announce_all, day_records, logged, record_channels
from tests.harness import World, at
from tests.staff_acts import suspend

NINE, TEN = at(1), at(2)


def watching(world: World, *watchers: Profile, favorite: Profile) -> None:
    """Let members watch a favorite."""
    for member in watchers:
        world.favorite(member, favorite)
        set_watch(world.context, member.member_id, favorite.member_id)


def notices(world: World, member: Profile) -> list[Event]:
    """Announce all new records and return the member's notices of favorites."""
    announce_all(world)
    return [event for event in logged(world, member) if event.kind is EventKind.FAVORITE_AVAILABLE]


def slots(world: World, member: Profile) -> list[Slot]:
    """Return the slots of the member's notices of favorites."""
    return [event.slot for event in notices(world, member)]


def pair(world: World) -> tuple[Profile, Profile]:
    """Return a member and the favorite that the member watches."""
    ada, ben = world.members("Ada", "Ben")
    watching(world, ada, favorite=ben)
    return ada, ben


def test_r45_a_watcher_is_notified_of_a_new_session_of_the_favorite(world: World) -> None:
    bus, _ = record_channels(world)
    ada, ben = pair(world)
    session = world.book(ben, NINE)
    (event,) = notices(world, ada)
    assert (event.member_id, event.other_id, event.slot, event.booking_id) == (
        ada.member_id,
        ben.member_id,
        NINE,
        None,
    )
    assert event.at == world.now
    assert event in bus.events
    assert session["sessionId"] not in event.event_id
    # The favorite's own log has nothing about the watcher.
    assert [one.kind for one in logged(world, ben)] == [EventKind.BOOKED]


def test_r45_a_watcher_who_is_matched_with_the_favorite_gets_the_match_only(world: World) -> None:
    ada, ben = pair(world)
    world.book(ada, NINE)
    world.book(ben, NINE)
    assert slots(world, ada) == []
    assert [event.kind for event in logged(world, ada)] == [EventKind.BOOKED, EventKind.MATCHED]
    # It does not use up the event of the hour.
    world.book(ben, TEN)
    assert slots(world, ada) == [TEN]


def test_r45_the_same_record_twice_gives_one_event(world: World) -> None:
    ada, ben = pair(world)
    world.book(ben, NINE)
    records = day_records(world)
    for _ in range(2):
        assert handle_day_records(world.context, records) == {"batchItemFailures": []}
    assert slots(world, ada) == [NINE]


def _available(bus: RecordedBus) -> list[Event]:
    return [event for event in bus.events if event.kind is EventKind.FAVORITE_AVAILABLE]


def test_r45_an_event_is_sent_again_until_the_bus_accepts_it(world: World) -> None:
    bus, _ = record_channels(world)
    ada, ben = pair(world)
    world.book(ben, NINE)
    records = day_records(world)
    # More often than changes of a favorite are judged in an hour.
    bus.failures = MOST_ROUNDS + 1
    for expected in (*(1 for _ in range(bus.failures)), 0):
        assert len(handle_day_records(world.context, records)["batchItemFailures"]) == expected
    (event,) = notices(world, ada)
    assert _available(bus) == [event]


def test_r45_an_event_of_a_killed_run_is_sent_by_the_next_one(world: World) -> None:
    """A run is killed after the commit of the event, and its record comes again after the pause of the watch."""
    _, ben = pair(world)
    world.book(ben, NINE)
    records = day_records(world)
    assert handle_day_records(world.context, records) == {"batchItemFailures": []}
    bus, _ = record_channels(world)
    world.after(minutes=59)
    for _ in range(2):
        assert handle_day_records(world.context, records) == {"batchItemFailures": []}
        world.after(minutes=0.5)
    assert len(_available(bus)) == 2
    assert len({event.event_id for event in _available(bus)}) == 1


def test_r45_a_page_of_the_schedule_is_sent_again_until_the_bus_accepts_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_rounds, "PAGE", 2)
    bus, _ = record_channels(world)
    *watchers, ben = world.members(*"ABCDE")
    watching(world, *watchers, favorite=ben)
    world.book(ben, NINE)
    announce_all(world)
    bus.failures = 1
    with pytest.raises(SendFailed):
        run_rounds(world.context)
    assert len(_available(bus)) == 2
    assert run_rounds(world.context) == 1
    assert {event.member_id for event in _available(bus)} == {member.member_id for member in watchers}
    assert all(len(notices(world, member)) == 1 for member in watchers)


def test_r45_two_concurrent_runs_of_two_changes_give_one_event(world: World) -> None:
    """The second run judges its change after the first one has read the watch, and before it commits."""
    ada, ben = pair(world)
    record_channels(world)
    world.book(ben, NINE)
    first = day_records(world)
    world.book(ben, at(3))
    second = day_records(world)
    events, event = world.table.connection.client.meta.events, "before-call.dynamodb.TransactWriteItems"

    def run_the_second(params: Mapping[str, Any], **_: Any) -> None:
        if b"WATCH#BY" in params["body"] and ada.member_id.encode() in params["body"]:
            events.unregister(event, run_the_second)
            assert handle_day_records(world.context, second) == {"batchItemFailures": []}

    events.register(event, run_the_second)
    assert handle_day_records(world.context, first) == {"batchItemFailures": []}
    assert slots(world, ada) == [at(3)]


def test_r45_at_most_one_event_an_hour_for_a_favorite(world: World) -> None:
    ada, ben = pair(world)
    cy = world.member("Cy")
    watching(world, ada, favorite=cy)
    world.book(ben, NINE)
    assert slots(world, ada) == [NINE]
    world.after(minutes=59).book(ben, at(3))
    assert slots(world, ada) == [NINE]
    # Another favorite has a pause of its own.
    world.book(cy, at(3, minutes=25))
    assert slots(world, ada) == [NINE, at(3, minutes=25)]
    world.after(minutes=1).book(ben, at(5))
    assert slots(world, ada) == [NINE, at(3, minutes=25), at(5)]


def test_r45_a_session_that_a_lock_releases_is_available_again(world: World) -> None:
    ada, ben = pair(world)
    cy = world.member("Cy")
    world.favorite(cy, ben)
    world.book(ben, NINE)
    locked = world.lock(cy, ben, NINE)
    # Locked in before the stream's function runs: nothing to lock now.
    assert slots(world, ada) == []
    world.cancel(cy, locked)
    assert slots(world, ada) == [NINE]


def test_r45_a_random_match_and_its_end_are_no_news(world: World) -> None:
    ada, ben = pair(world)
    world.book(ben, NINE)
    assert slots(world, ada) == [NINE]
    world.after(hours=-2)
    cy = world.member("Cy")
    session = world.book(cy, NINE)
    world.cancel(cy, session)
    assert slots(world, ada) == [NINE]


def _no_one(world: World, _: Profile, ben: Profile) -> None:
    world.set(ben, availability=Availability.NO_ONE)


def _favorites_only(world: World, _: Profile, ben: Profile) -> None:
    world.set(ben, availability=Availability.FAVORITES)


def _gender(world: World, _: Profile, ben: Profile) -> None:
    world.set(ben, gender=Gender.MAN, partner_gender=PartnerGender.SAME)


def _blocks(world: World, ada: Profile, ben: Profile) -> None:
    world.say(ben, RelationKind.BLOCK, ada)


def _blocked(world: World, ada: Profile, ben: Profile) -> None:
    world.say(ada, RelationKind.BLOCK, ben)


def _snoozes(world: World, ada: Profile, ben: Profile) -> None:
    world.say(ben, RelationKind.SNOOZE, ada, until=world.now + timedelta(hours=9))


def _snoozed(world: World, ada: Profile, ben: Profile) -> None:
    world.say(ada, RelationKind.SNOOZE, ben, until=world.now + timedelta(hours=9))


def _own_session(world: World, ada: Profile, _: Profile) -> None:
    world.book(ada, at(0.75, minutes=75))


def _not_a_favorite(world: World, ada: Profile, ben: Profile) -> None:
    world.take_back(ada, RelationKind.FAVORITE, ben)


def _not_watched(world: World, ada: Profile, ben: Profile) -> None:
    remove_watch(world.context, ada.member_id, ben.member_id)


def _not_watched_any_more(world: World, ada: Profile, ben: Profile) -> None:
    world.take_back(ada, RelationKind.FAVORITE, ben)
    world.favorite(ada, ben)


def _suspended(world: World, ada: Profile, _: Profile) -> None:
    suspend(world, ada)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize(
    "reason",
    [
        _suspended,
        _no_one,
        _favorites_only,
        _gender,
        _blocks,
        _blocked,
        _snoozes,
        _snoozed,
        _own_session,
        _not_a_favorite,
        _not_watched,
        _not_watched_any_more,
    ],
)
def test_r45_a_session_that_the_watcher_cannot_lock_is_no_event(
    world: World, reason: Callable[[World, Profile, Profile], None]
) -> None:
    ada, ben = pair(world)
    reason(world, ada, ben)
    world.book(ben, NINE)
    assert slots(world, ada) == []
    # The refusal of one session does not silence the watch.
    stored = watch_reads.watcher(world.table, ben.member_id, ada.member_id)
    assert stored is None or stored.notified_at is None


def test_r8_a_session_beyond_two_weeks_is_no_event(world: World) -> None:
    ada, ben = pair(world)
    world.book(ben, at(14 * 24 + 0.25))
    world.book(ben, at(14 * 24 - 1))
    assert slots(world, ada) == [at(14 * 24 - 1)]


def test_r45_a_deleted_watcher_or_favorite_causes_no_event(world: World) -> None:
    ada, ben = pair(world)
    cy = world.member("Cy")
    watching(world, cy, favorite=ben)
    world.leave(ada)
    world.book(ben, NINE)
    assert slots(world, cy) == [NINE]
    assert logged(world, ada) == []


def test_r36_ten_changes_of_a_favorite_in_an_hour_are_judged(world: World) -> None:
    ada, ben = pair(world)
    world.set(ben, availability=Availability.NO_ONE)
    for number in range(MOST_ROUNDS):
        world.book(ben, at(2 + number, minutes=25))
    assert slots(world, ada) == []
    world.set(ben, availability=Availability.EVERYONE)
    world.book(ben, at(30))
    assert slots(world, ada) == []
    world.after(hours=1).book(ben, at(31))
    assert slots(world, ada) == [at(31)]


def test_r36_a_favorite_without_watchers_costs_no_write(world: World) -> None:
    ben = world.member("Ben")
    world.book(ben, NINE)
    announce_all(world)
    assert watch_reads.watched_hour(world.table, ben.member_id) is None


def test_r45_the_schedule_notifies_the_watchers_beyond_the_first_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_rounds, "PAGE", 2)
    *watchers, ben = world.members(*"ABCDEFG")
    watching(world, *watchers, favorite=ben)
    world.book(ben, NINE)
    announce_all(world)

    def notified() -> int:
        return sum(len(notices(world, member)) for member in watchers)

    assert notified() == 2
    assert run_rounds(world.context) == 1
    assert notified() == len(watchers)
    assert run_rounds(world.context) == 0
    assert all(one.notified_at == world.now for one in watch_reads.watchers_of(world.table, ben.member_id))


def test_r45_the_schedule_judges_all_sessions_of_a_write(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One write of a day adds two sessions, as a batch does, and the last watcher cannot lock the first of them."""
    monkeypatch.setattr(watch_rounds, "PAGE", 1)
    *watchers, ben = world.members("Ada", "Cy", "Ben")
    watching(world, *watchers, favorite=ben)
    last = max(watchers, key=lambda member: member.member_id)
    world.book(last, at(0.75, minutes=75))
    announce_all(world)
    book_sessions(world.context, ben, [BatchedRequest(BookingRequest(slot)) for slot in (NINE, at(5))])
    announce_all(world)
    assert run_rounds(world.context) == 1
    assert {member.name: slots(world, member) for member in watchers} == {
        member.name: [at(5) if member == last else NINE] for member in watchers
    }


def test_r45_a_round_of_a_cancelled_session_ends_without_an_event(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_rounds, "PAGE", 1)
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    watching(world, ada, cy, favorite=ben)
    session = world.book(ben, NINE)
    announce_all(world)
    world.cancel(ben, session)
    assert run_rounds(world.context) == 1
    assert len(notices(world, ada) + notices(world, cy)) == 1


def test_r45_a_clock_that_was_set_back_silences_no_watch(world: World) -> None:
    later = Watcher(favorite_id="f", member_id="m", made_at=world.now, notified_at=world.now + timedelta(minutes=1))
    assert not later.is_silent(world.now)
    assert later.is_silent(world.now + timedelta(minutes=1))
    assert not later.is_silent(world.now + timedelta(minutes=61))
