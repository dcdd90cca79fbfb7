"""The body of a webhook's event, the same as in `/v1/events` (R42, R43)."""

import json
from collections.abc import Iterator

import pytest

from chalicelib.domain.model.event import EventKind
from tests.channels.receiver import Receiver
from tests.harness import World, at
from tests.webhook_run import WebhookRun


@pytest.fixture
def run(world: World) -> Iterator[WebhookRun]:
    with Receiver() as receiver:
        yield WebhookRun(world, receiver)


def test_r43_the_body_is_the_event_with_the_session_of_its_owner(run: WebhookRun, world: World) -> None:
    ada = world.member("Ada")
    webhook, event = run.webhook(ada, EventKind.BOOKED), run.booked(ada)
    run.send(webhook, event)
    run.run()
    session = world.seen(ada, at(30))
    assert json.loads(run.receiver.received[0].body) == {
        "id": event.event_id,
        "type": "session.booked",
        "timestamp": "2026-03-02T08:00:00+00:00",
        "data": {
            "startTime": session["startTime"],
            "duration": session["duration"],
            "sessionId": session["sessionId"],
            "session": session,
        },
    }
