"""Runs of the schedule and requests of the member in random orders, with processes that are killed (R40).

The services run on simulated time and on a table in memory. One seed determines the order of all requests.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.member import RelationKind
from chalicelib.domain.model.repeat import Repeat
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.members.relationships import set_relation
from chalicelib.services.repeats.due_repeats import make_all_due
from chalicelib.services.repeats.member_repeats import change_repeat, end_repeat, list_repeats, make_repeat
from chalicelib.storage import reads
from infra.simulation.client import ServedRequest
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment
from tests.repeat_run import DAY, NINE, Killed, pattern

SEEDS = 40
# The share of the transactions after which a process is killed.
KILLED = 0.15
# The dates of both repeats. The first occurrence is due a day later.
DATES = tuple((NINE + DAY * number).date() for number in (14, 15))


class RepeatStory:
    """A member with two repeats, whose schedule runs three times at once while the member acts."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(f"story {seed}")
        self.world = SimulatedDeployment(DeploymentOptions(NINE - timedelta(hours=1), seed=seed, schedules=False))
        self.context = self.world.context
        claims = (Claims("issuer", name, name, None, "UTC", NINE) for name in ("Ada", "Ben"))
        self.ada, self.ben = (get_or_create_member(self.context, one) for one in claims)
        set_relation(self.context, self.ada.member_id, self.ben.member_id, RelationKind.FAVORITE)
        self.repeats = [self._repeat(partner_id=self.ben.member_id), self._repeat(time="11:00")]
        book_session(self.context, self.ben, BookingRequest(Slot(NINE + DAY * 14, 50)), None)
        self.world.run_for(days=1, hours=1)
        self.world.client.listeners.append(self._kill)
        self.kills = True

    def _repeat(self, **fields: object) -> Repeat:
        def new(repeat_id: str, now: datetime) -> Repeat:
            return pattern(self.ada, repeat_id, now, first=DATES[0], last=DATES[-1], **fields)

        return make_repeat(self.context, self.ada.member_id, new).repeat

    def _kill(self, request: ServedRequest) -> None:
        if self.kills and request.operation == "TransactWriteItems" and self.rng.random() < KILLED:
            raise Killed

    def run(self, *acts: Callable[["RepeatStory"], None]) -> None:
        """Run three schedules and the acts of the member at once, and then the schedule until nothing is left."""
        for act in (*[lambda story: make_all_due(story.context)] * 3, *acts):
            self.world.scheduler.spawn(lambda act=act: self._until_killed(act), after=self.rng.uniform(0, 0.2))
        self.world.run_for(seconds=60)
        self.kills = False
        make_all_due(self.context)
        # Also without a run that gathers, everything is due by now.
        self.world.run_for(hours=3)
        make_all_due(self.context)

    def _until_killed(self, act: Callable[["RepeatStory"], None]) -> None:
        with suppress(Killed):
            act(self)

    def bookings(self) -> list[Booking]:
        """Return all bookings of the member, also the cancelled ones."""
        days = reads.days_between(self.context.table, self.ada.member_id, date.min, date.max)
        return [booking for day in days for booking in day.bookings]

    def cancels(self) -> None:
        """Cancel one of the sessions that are there now."""
        active = [booking for booking in self.bookings() if booking.active]
        if active:
            cancel_session(self.context, self.ada.member_id, self.rng.choice(active).booking_id)

    def changes(self) -> None:
        """Change the title of a repeat."""
        chosen = self.rng.choice(self.repeats).repeat_id
        change_repeat(self.context, self.ada.member_id, chosen, lambda repeat, _: replace(repeat, title="Thesis"))

    def ends(self) -> None:
        """End the repeat with the partner and its sessions."""
        end_repeat(self.context, self.ada.member_id, self.repeats[0].repeat_id, cancel=True)


def made(story: RepeatStory, repeat: Repeat) -> Counter[date]:
    """Return the dates for which a repeat has made a session, with the number of its sessions."""
    return Counter(one.slot.date for one in story.bookings() if one.repeat_id == repeat.repeat_id)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, SEEDS))])
def test_r40_each_occurrence_is_made_once_in_any_order_of_runs_cancels_and_kills(seed: int) -> None:
    story = RepeatStory(seed)
    story.run(RepeatStory.cancels, RepeatStory.changes, RepeatStory.cancels)
    before = story.bookings()
    for repeat in story.repeats:
        assert made(story, repeat) == Counter(DATES)
    assert [repeat.skipped for repeat in list_repeats(story.context, story.ada.member_id)] == [(), ()]
    make_all_due(story.context)
    assert story.bookings() == before


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, SEEDS))])
def test_r40_an_ended_repeat_leaves_no_session_in_any_order_of_runs_and_kills(seed: int) -> None:
    story = RepeatStory(seed)
    story.run(RepeatStory.ends)
    # The request may have been killed. Its repetition ends what it left.
    story.ends()
    ended, other = story.repeats
    assert [one for one in story.bookings() if one.repeat_id == ended.repeat_id and one.active] == []
    assert max(made(story, ended).values(), default=1) == 1
    assert made(story, other) == Counter(DATES)
    assert [repeat.repeat_id for repeat in list_repeats(story.context, story.ada.member_id)] == [other.repeat_id]
