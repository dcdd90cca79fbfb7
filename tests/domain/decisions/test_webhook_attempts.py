"""The attempts to deliver an event to a webhook, and their effect on the webhook (R43)."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.webhook_attempts import (
    LATER_PAUSE,
    PAUSES,
    SLOW,
    after_attempt,
    delivery_row,
    next_attempt,
    postponed_row,
)
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Channel, Delivery, Webhook
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.webhook_delivery import Outcome

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
EVENT = Event("evt_1", EventKind.BOOKED, "ada", NOW, Slot(NOW + DAY, 50), "booking")
FIRST = Delivery(Channel.WEBHOOK, EVENT, "hook")
HOOK = Webhook(member_id="ada", webhook_id="hook", url="https://hooks.example/", kinds=(EventKind.BOOKED,), made_at=NOW)
SUCCESS, FAILURE, GONE, NO_RESPONSE = Outcome(204), Outcome(500), Outcome(410), Outcome(reason="timed_out")


@pytest.mark.parametrize(("attempt", "pause"), list(enumerate(PAUSES, start=1)))
@pytest.mark.parametrize("outcome", [FAILURE, NO_RESPONSE, Outcome(302), Outcome(199), Outcome(404)])
def test_r43_a_failure_is_tried_again_after_a_growing_pause(attempt: int, pause: timedelta, outcome: Outcome) -> None:
    failed = replace(FIRST, attempt=attempt, first_at=NOW, due=NOW, requested=True)
    ended = NOW + timedelta(minutes=1)
    expected = replace(failed, attempt=attempt + 1, due=ended + pause, requested=False)
    assert next_attempt(failed, outcome, ended) == expected


def test_r43_the_first_attempt_begins_the_day() -> None:
    assert next_attempt(FIRST, FAILURE, NOW) == replace(FIRST, attempt=2, first_at=NOW, due=NOW + PAUSES[0])


@pytest.mark.parametrize(
    ("attempt", "ended", "due"),
    [
        # The attempt after the last pause is one day after the first, also if the queue was late.
        (7, timedelta(hours=17, minutes=36), DAY),
        (6, timedelta(hours=20), DAY),
        (9, 2 * HOUR, DAY),
        (8, DAY, None),
        (3, DAY, None),
    ],
)
def test_r43_the_last_attempt_is_one_day_after_the_first(attempt: int, ended: timedelta, due: timedelta | None) -> None:
    found = next_attempt(replace(FIRST, attempt=attempt, first_at=NOW), FAILURE, NOW + ended)
    assert (found.due if found else None) == (NOW + due if due else None)


@pytest.mark.parametrize(
    ("delivery", "outcome"),
    [
        (FIRST, SUCCESS),
        (FIRST, Outcome(200)),
        (FIRST, Outcome(299)),
        (FIRST, GONE),
        (replace(FIRST, test=True), FAILURE),
    ],
)
def test_r43_a_success_a_test_and_status_410_are_not_tried_again(delivery: Delivery, outcome: Outcome) -> None:
    assert next_attempt(delivery, outcome, NOW) is None


FAILING = replace(HOOK, failing_since=NOW - 2 * HOUR, paused_until=NOW)
OFF = replace(FAILING, disabled_at=NOW - HOUR)
# The attempt of the test begins NOW and ends an hour later.
LATER = NOW + HOUR + LATER_PAUSE


def failing_for(time: timedelta, **changed: datetime | None) -> Webhook:
    return replace(HOOK, failing_since=NOW + HOUR - time, **changed)


@pytest.mark.parametrize(
    ("before", "outcome", "after"),
    [
        (HOOK, FAILURE, replace(HOOK, failing_since=NOW, paused_until=LATER)),
        (FAILING, FAILURE, replace(FAILING, paused_until=LATER)),
        (FAILING, NO_RESPONSE, replace(FAILING, paused_until=LATER)),
        # The first pause of a webhook is that of its event, which then is the one that tries.
        (failing_for(SECOND), FAILURE, failing_for(SECOND, paused_until=NOW + HOUR + PAUSES[0])),
        (HOOK, GONE, replace(HOOK, failing_since=NOW, paused_until=LATER, disabled_at=NOW + HOUR)),
        (failing_for(DAY), FAILURE, failing_for(DAY, paused_until=LATER, disabled_at=NOW + HOUR)),
        (failing_for(DAY - SECOND), FAILURE, failing_for(DAY - SECOND, paused_until=LATER)),
        # Only its owner switches a webhook on.
        (OFF, SUCCESS, OFF),
        (OFF, FAILURE, OFF),
    ],
)
def test_r43_a_webhook_is_switched_off_after_a_day_of_failures(
    before: Webhook, outcome: Outcome, after: Webhook
) -> None:
    assert after_attempt(before, FIRST, outcome, NOW, NOW + HOUR) == after
    # A test changes nothing without status 410.
    tested = after_attempt(before, replace(FIRST, test=True), outcome, NOW, NOW + HOUR)
    assert tested == (after if outcome.gone else before)


QUICK, TOO_LONG = SLOW, SLOW + timedelta(milliseconds=1)
OVER = NOW + TOO_LONG


@pytest.mark.parametrize(
    ("before", "took", "after"),
    [
        (HOOK, QUICK, HOOK),
        (FAILING, QUICK, HOOK),
        (replace(FAILING, slow_since=NOW - DAY), QUICK, HOOK),
        (HOOK, TOO_LONG, replace(HOOK, slow_since=NOW, paused_until=OVER + PAUSES[0])),
        (
            replace(HOOK, slow_since=NOW - HOUR),
            TOO_LONG,
            replace(HOOK, slow_since=NOW - HOUR, paused_until=OVER + LATER_PAUSE),
        ),
        # Failures and slow successes in turn do not begin the first minute again, and never switch off.
        (FAILING, TOO_LONG, replace(HOOK, slow_since=NOW - 2 * HOUR, paused_until=OVER + LATER_PAUSE)),
        (OFF, TOO_LONG, OFF),
    ],
)
def test_r43_only_a_quick_success_ends_the_time_of_one_attempt_at_a_time(
    before: Webhook, took: timedelta, after: Webhook
) -> None:
    assert after_attempt(before, FIRST, SUCCESS, NOW, NOW + took) == after
    assert after_attempt(before, replace(FIRST, test=True), SUCCESS, NOW, NOW + took) == before


def test_r43_a_failure_of_a_slow_webhook_begins_the_day_of_failures_and_not_the_first_minute() -> None:
    slow = replace(HOOK, slow_since=NOW - 2 * DAY)
    expected = replace(slow, failing_since=NOW, paused_until=LATER)
    assert after_attempt(slow, FIRST, FAILURE, NOW, NOW + HOUR) == expected


def test_r43_the_row_of_a_delivery_has_the_latest_attempt_and_expires() -> None:
    following = next_attempt(FIRST, FAILURE, NOW)
    row = delivery_row(FIRST, HOOK, FAILURE, NOW, following=following)
    assert (row.member_id, row.webhook_id, row.event) == ("ada", "hook", EVENT)
    assert (row.attempt, row.at, row.outcome, row.next_at) == (1, NOW, FAILURE, NOW + PAUSES[0])
    assert (row.test, row.expires) == (False, NOW + timedelta(days=7))
    # A disabled webhook gets no further attempt.
    assert delivery_row(FIRST, OFF, FAILURE, NOW, following=following).next_at is None
    assert delivery_row(FIRST, HOOK, SUCCESS, NOW, following=None).next_at is None


def test_r43_the_row_of_a_postponed_delivery_has_no_attempt() -> None:
    row = postponed_row(FIRST, FAILING, NOW, LATER)
    assert (row.attempt, row.at, row.outcome, row.next_at) == (0, NOW, Outcome(), LATER)
    assert (row.event, row.expires) == (EVENT, NOW + timedelta(days=7))
