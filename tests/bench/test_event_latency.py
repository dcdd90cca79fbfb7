"""The latencies of events are those from the response of a commit to each arrival."""

import pytest

from bench.event_latency import KINDS, MAILBOX, PAGE, SINK, Arrivals, Latencies, measure

BOOKED, CANCELLED = KINDS


def event(event_id: str, kind: str) -> dict[str, object]:
    return {"id": event_id, "type": kind, "data": {"sessionId": "first"}}


def test_a_latency_is_the_time_from_the_response_to_the_first_arrival() -> None:
    arrivals = Arrivals(committed={("first", BOOKED): 10.0, ("first", CANCELLED): 20.0})
    arrivals.note_event(PAGE, event("a", BOOKED), 10.5)
    arrivals.note_event(PAGE, event("a", BOOKED), 13.0)
    arrivals.note_event(PAGE, event("b", CANCELLED), 20.25)
    arrivals.note_event(PAGE, {"type": "pong"}, 21.0)
    arrivals.note_event(SINK, event("b", CANCELLED), 21.0)
    arrivals.note(MAILBOX, "a", 12.0)
    # The mail that verifies an address is of no event.
    arrivals.note(MAILBOX, "another", 12.0)
    assert arrivals.latencies(PAGE) == Latencies(PAGE, [0.25, 0.5], 0)
    assert arrivals.latencies(SINK) == Latencies(SINK, [1.0], 1)
    assert arrivals.latencies(MAILBOX) == Latencies(MAILBOX, [2.0], 1)
    assert not arrivals.is_complete()


@pytest.mark.parametrize(
    ("latencies", "is_met"),
    [
        (Latencies(PAGE, [0.1] * 51 + [4.9] * 49, 0), True),
        (Latencies(PAGE, [0.1] * 98 + [5.1] * 2, 0), False),
        (Latencies(PAGE, [0.1] * 99 + [9.0], 0), True),
        (Latencies(PAGE, [0.1] * 40 + [1.1] * 60, 0), False),
        (Latencies(PAGE, [0.1], 1), False),
        (Latencies(PAGE, [], 0), False),
    ],
)
def test_an_event_arrives_within_a_second_or_else_within_five(latencies: Latencies, is_met: bool) -> None:
    assert latencies.is_met is is_met


@pytest.mark.long  # Starts a local run.
def test_every_event_arrives_everywhere() -> None:
    arrivals = measure(8, members=2, rate=4)
    assert len(arrivals.committed) == 8
    assert [arrivals.latencies(channel).missing for channel in (PAGE, SINK, MAILBOX)] == [0, 0, 0]
