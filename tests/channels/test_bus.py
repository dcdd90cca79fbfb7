"""Events reach the bus of a deployment (moto)."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from msgspec.structs import replace

from chalicelib.channels.aws_clients import SendFailed, lazy_client
from chalicelib.channels.bus import Bus, detail_of
from chalicelib.domain.model.event import Event, EventKind
from tests.harness import MONDAY, at

EVENT = Event("evt_1", EventKind.MATCHED, "ada", MONDAY, at(1), "booking")


@pytest.fixture
def published() -> Iterator[Any]:
    """Return the events of the bus, which a rule sends to a queue."""
    with mock_aws():
        rules, sqs = boto3.client("events"), boto3.client("sqs")
        rules.create_event_bus(Name="lockstep")
        url = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": ["lockstep"]})
        rules.put_rule(Name="all", EventBusName="lockstep", EventPattern=pattern)
        rules.put_targets(Rule="all", EventBusName="lockstep", Targets=[{"Id": "queue", "Arn": arn}])

        def read() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                found += [json.loads(message["Body"]) for message in messages]
                for message in messages:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return found

        yield read


def bus(name: str) -> Bus:
    return Bus(name, lazy_client("events", region="us-east-1", endpoint=None))


def test_r43_each_event_is_published_with_ids_and_times_only(published: Any) -> None:
    bus("lockstep").publish([EVENT])
    (found,) = published()
    assert (found["source"], found["detail-type"], found["time"]) == (
        "lockstep",
        "session.matched",
        "2026-03-02T08:00:00Z",
    )
    assert found["detail"] == {
        "id": "evt_1",
        "type": "session.matched",
        "userId": "ada",
        "sessionId": "booking",
        "favoriteId": None,
        "startTime": "2026-03-02T09:00:00+00:00",
        "duration": 3_000_000,
    }


def test_r45_an_available_favorite_has_its_id_and_no_session() -> None:
    event = replace(EVENT, kind=EventKind.FAVORITE_AVAILABLE, booking_id=None, other_id="ben")
    detail = json.loads(detail_of(event))
    assert (detail["sessionId"], detail["favoriteId"]) == (None, "ben")


def test_r43_more_events_than_one_request_takes_are_all_published(published: Any) -> None:
    events = [replace(EVENT, event_id=f"evt_{number}") for number in range(23)]
    bus("lockstep").publish(events)
    assert {found["detail"]["id"] for found in published()} == {event.event_id for event in events}


def test_r43_a_bus_that_refuses_is_an_error_that_is_repeated() -> None:
    class Refusing:
        def put_events(self, Entries: list[Any]) -> dict[str, int]:  # noqa: N803 - as the client names it
            return {"FailedEntryCount": len(Entries)}

    with pytest.raises(SendFailed, match="lockstep"):
        Bus("lockstep", Refusing).publish([EVENT])


def test_r43_without_a_bus_or_an_event_no_client_is_made() -> None:
    def no_client() -> Any:
        raise AssertionError

    Bus("", no_client).publish([EVENT])
    Bus("lockstep", no_client).publish([])
