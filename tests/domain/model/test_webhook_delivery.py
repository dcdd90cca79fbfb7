"""The outcomes of deliveries to webhooks (R43)."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.model.event import Event, EventKind, event_id
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.webhook_delivery import Outcome, RequestedDeliveries, is_trimming

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "succeeded", "gone"),
    [
        (None, False, False),
        (199, False, False),
        (200, True, False),
        (299, True, False),
        (300, False, False),
        (302, False, False),
        (410, False, True),
        (500, False, False),
    ],
)
def test_r43_only_a_status_of_the_200s_is_a_success(status: int | None, succeeded: bool, gone: bool) -> None:
    assert (Outcome(status).succeeded, Outcome(status).gone) == (succeeded, gone)


def test_r36_requested_deliveries_count_by_utc_date() -> None:
    counted = RequestedDeliveries(member_id="ada", on=date(2026, 3, 2), count=7)
    assert [counted.count_on(date(2026, 3, day)) for day in (1, 2, 3)] == [0, 7, 0]


def test_r36_about_one_event_in_32_trims_the_deliveries() -> None:
    slot = Slot(NOW, 50)
    events = [Event(event_id(number), EventKind.BOOKED, "ada", NOW, slot) for number in range(3200)]
    assert 60 <= sum(map(is_trimming, events)) <= 140
