"""Tests of the texts of events for people (R43)."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.deliveries.event_texts import HEADLINES, short_time

SLOT = Slot(datetime(2026, 3, 29, 0, 45, tzinfo=UTC), 50)


def test_r43_every_kind_of_event_has_a_headline_of_its_own() -> None:
    assert set(HEADLINES) == set(EventKind)
    assert len(set(HEADLINES.values())) == len(EventKind)


@pytest.mark.parametrize(
    ("time_zone", "shown"),
    [
        ("UTC", "Sun 29 Mar, 00:45"),
        ("Europe/Vienna", "Sun 29 Mar, 01:45"),
        ("America/Los_Angeles", "Sat 28 Mar, 17:45"),
        # A zone that a later database dropped.
        ("Mars/Olympus", "Sun 29 Mar, 00:45"),
    ],
)
def test_r43_times_are_those_of_the_members_zone(time_zone: str, shown: str) -> None:
    assert short_time(SLOT, time_zone) == shown
