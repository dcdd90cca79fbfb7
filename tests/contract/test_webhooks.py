"""Webhooks of a running service, whose queue and mails are real (R43)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.client import Client, Runner
from tests.infra.poll import until

# The tests wait for the stream, the queue and the first retry. The tests of the resource are quick.
pytestmark = pytest.mark.long

WEBHOOKS = "/v1/webhooks"
ADDRESS = "ada@example.org"


def answer_with(runner: Runner, status: int) -> None:
    body = f'{{"status": {status}}}'.encode()
    assert runner.request("PUT", "/dev/sink", body=body, headers={"Content-Type": "application/json"}).status == 200


@pytest.fixture
def sink(controlled: Runner) -> Iterator[Runner]:
    """The runner whose sink a test may let fail."""
    yield controlled
    answer_with(controlled, 204)


def delivery(member: Client, hook: str) -> dict[str, Any]:
    """Return the newest delivery to a webhook, empty without one."""
    return next(iter(member.get(f"{WEBHOOKS}/{hook}/deliveries").json["deliveries"]), {})


def mails(runner: Runner) -> list[dict[str, Any]]:
    """Return the mails of the run, newest first."""
    return runner.request("GET", "/dev/mail").json["mails"]


def test_r43_an_event_that_failed_is_sent_again_after_5_seconds_and_by_request(sink: Runner) -> None:
    ada = sink.sign_in("Ada")
    hook = ada.post(WEBHOOKS, {"url": "https://hooks.example/retry"}).json["webhook"]["webhookId"]
    answer_with(sink, 500)
    ada.book(sink.slots.near())
    until(lambda: delivery(ada, hook).get("attempt") == 1)
    first = delivery(ada, hook)
    assert (first["delivered"], first["status"]) == (False, 500)
    pause = datetime.fromisoformat(first["nextAttempt"]) - datetime.fromisoformat(first["at"])
    assert timedelta(seconds=4) <= pause <= timedelta(seconds=6)
    until(lambda: delivery(ada, hook)["attempt"] == 2)
    answer_with(sink, 204)
    again = ada.post(f"{WEBHOOKS}/{hook}/deliveries/{first['eventId']}", {})
    assert (again.status, again.json["delivery"]["eventId"]) == (200, first["eventId"])
    until(lambda: delivery(ada, hook)["delivered"])
    assert (delivery(ada, hook)["attempt"], ada.get(f"{WEBHOOKS}/{hook}").json["webhook"]["failingSince"]) == (3, None)


def test_r43_a_day_of_failures_switches_a_webhook_off_with_a_mail(sink: Runner) -> None:
    ada = sink.sign_in("Ada")
    assert ada.patch("/v1/me/notices", {"email": {"address": ADDRESS, "kinds": ["session.booked"]}}).status == 200
    until(lambda: mails(sink))
    link = mails(sink)[0]["links"][0]
    assert sink.request("POST", link.removeprefix(sink.base)).status == 200
    hook = ada.post(WEBHOOKS, {"url": "https://hooks.example/off", "kinds": ["session.booked"]}).json["webhook"]
    path = f"{WEBHOOKS}/{hook['webhookId']}"
    answer_with(sink, 500)
    ada.book(sink.slots.far())
    until(lambda: delivery(ada, hook["webhookId"]).get("attempt") == 1)
    sink.travel(datetime.now(UTC) + timedelta(days=1))
    until(lambda: not ada.get(path).json["webhook"]["enabled"])
    until(lambda: mails(sink)[0]["subject"] == "Your Lockstep webhook is off")
    assert mails(sink)[0]["to"] == ADDRESS
    answer_with(sink, 204)
    enabled = ada.patch(path, {"enabled": True}).json["webhook"]
    assert (enabled["enabled"], enabled["disabledAt"], enabled["failingSince"]) == (True, None, None)
