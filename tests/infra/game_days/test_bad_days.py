"""The bad days of the operator's manual, with the answers to members and the alarms that ring."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.local.clock import real_time
from infra.local.events.sources import schedule_event
from infra.local_stack.stack import Rehearsal
from infra.package.release import Release
from tests.contract.client import ApiResponse, Client, eventually, partner_of
from tests.contract.stack import DeployedService
from tests.fault_proxy import Fault, FaultProxy, faulty_engine
from tests.infra.game_days.alarm_states import MetricData, data_of, lines_since, logged_data, queue_data, ringing
from tests.infra.game_days.manual import bad_days

# A stack is deployed for them.
pytestmark = pytest.mark.long

MATCHED_SECONDS = 120
HOUR = 3600.0
# No program listens at this address.
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def api(deployed: DeployedService) -> DeployedService:
    """The API of the stack."""
    return deployed


def gateway_data(rehearsal: Rehearsal, responses: Sequence[ApiResponse]) -> MetricData:
    """Return the gateway's metric of its failures, 1 for each response with 5xx and 0 for each other."""
    values = [float(response.status >= 500) for response in responses]
    return data_of("5XXError", values, ApiName=rehearsal.stack.name, Stage="api")


@pytest.fixture
def throttled(rehearsal: Rehearsal) -> Iterator[FaultProxy]:
    """The table behind a proxy that throttles the writes that it plans to."""
    with (
        faulty_engine(rehearsal.session.endpoint) as proxy,
        rehearsal.with_variables("APIHandler", AWS_ENDPOINT_URL_DYNAMODB=proxy.url),
    ):
        yield proxy


def test_a_throttled_table_refuses_bookings_and_shows_sessions(
    api: DeployedService, rehearsal: Rehearsal, throttled: FaultProxy
) -> None:
    slot, later = api.slots.near(), api.slots.near()
    (ada,) = api.sign_in_all("Ada")
    session = ada.book(slot)["sessionId"]
    since = real_time()
    throttled.plan[:] = [Fault.THROTTLED] * 1000
    refused = []
    while len(throttled.plan) > 1000 - 101:
        refused.append(ada.post("/v1/sessions", later.body()))
    assert {(response.status, response.json["code"]) for response in refused} == {(503, "busy")}
    assert all(int(response.headers["Retry-After"]) > 0 for response in refused)
    shown = ada.get(f"/v1/sessions/{session}")
    assert shown.status == 200
    throttles = [1.0] * (1000 - len(throttled.plan))
    data = [
        *logged_data(rehearsal, since),
        gateway_data(rehearsal, [*refused, shown]),
        data_of("WriteThrottleEvents", throttles, TableName=rehearsal.resource("Table")),
    ]
    assert ringing(rehearsal, data) == bad_days()["The table throttles writes"].alarms
    throttled.plan.clear()
    assert ada.post("/v1/sessions", later.body()).status == 201


@contextmanager
def schedule_off(rehearsal: Rehearsal, function: str) -> Iterator[None]:
    """Turn off the schedule of a function."""
    rules = rehearsal.session.client("events")
    resources = rehearsal.session.client("cloudformation").describe_stack_resources(StackName=rehearsal.stack.name)
    (rule,) = [
        each["PhysicalResourceId"]
        for each in resources["StackResources"]
        if each["ResourceType"] == "AWS::Events::Rule" and each["LogicalResourceId"].startswith(function)
    ]
    rules.disable_rule(Name=rule)
    try:
        yield
    finally:
        rules.enable_rule(Name=rule)


@contextmanager
def stream_off(rehearsal: Rehearsal) -> Iterator[None]:
    """Turn off the stream of both functions. It delivers the records of this time afterwards."""
    lambdas = rehearsal.session.client("lambda")
    sources = [rehearsal.resource(f"{name}{name}DynamodbEventSource") for name in ("Rematch", "Events")]
    for source in sources:
        lambdas.update_event_source_mapping(UUID=source, Enabled=False)
    try:
        yield
    finally:
        for source in sources:
            lambdas.update_event_source_mapping(UUID=source, Enabled=True)


def kinds(member: Client) -> list[str]:
    """Return the kinds of the member's events."""
    return [event["type"] for event in member.get("/v1/events").json["events"]]


def test_with_the_stream_off_the_schedules_match_and_the_events_come_later(
    api: DeployedService, rehearsal: Rehearsal
) -> None:
    slot = api.slots.near()
    ada, ben, cy, dee, eve, fay = api.sign_in_all("Ada", "Ben", "Cy", "Dee", "Eve", "Fay")
    since = real_time()
    # The test runs the schedule after a minute.
    with stream_off(rehearsal), schedule_off(rehearsal, "Sweep"):
        for member in (ada, ben, cy, dee):
            member.book(slot)
        eve.lock(ben, slot)
        fay.lock(dee, slot)
        displaced = real_time()
        # The rest of the hour rings no other alarm than the first minute.
        assert eventually(lambda: real_time() > displaced + timedelta(seconds=61), MATCHED_SECONDS, poll=1)
        assert [partner_of(member.in_slot(slot)) for member in (ada, cy)] == [None, None]
        rehearsal.invoke("Sweep", schedule_event("sweep", real_time()))
        assert partner_of(ada.in_slot(slot)) == cy.user_id
        assert kinds(ada) == []
        assert ringing(rehearsal, logged_data(rehearsal, since)) == bad_days()["The stream is off for an hour"].alarms
    expected = ["session.booked", "session.matched", "session.displaced", "session.matched"]
    assert eventually(lambda: kinds(ada) == expected, MATCHED_SECONDS)


def verified_address(api: DeployedService, rehearsal: Rehearsal, member: Client) -> str:
    """Set an address of the member, open the link of its mail, and return the address."""
    address = f"{member.user_id}@example.com"
    assert member.patch("/v1/me/notices", {"email": {"address": address}}).status == 200
    (mail,) = rehearsal.mails(address)
    path = re.search(r"/n/verify/\S+", mail["BodyText"])
    assert path
    assert api.request("POST", path[0]).status == 200
    return address


@contextmanager
def received_again_soon(rehearsal: Rehearsal, queue: str) -> Iterator[str]:
    """Let a queue deliver a failed message again after 10 seconds, thus for 5 minutes, and yield its address."""
    queues, url = rehearsal.session.client("sqs"), rehearsal.resource(queue)
    name = "VisibilityTimeout"
    before = queues.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
    queues.set_queue_attributes(QueueUrl=url, Attributes={name: "10"})
    try:
        yield url
    finally:
        queues.set_queue_attributes(QueueUrl=url, Attributes={name: before})


def unsent(rehearsal: Rehearsal, url: str) -> int:
    """Return the number of messages of a queue, those in flight included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = rehearsal.session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


def test_without_the_mail_service_sessions_go_on_and_each_mail_comes_once_afterwards(
    api: DeployedService, rehearsal: Rehearsal
) -> None:
    (ada,) = api.sign_in_all("Ada")
    address = verified_address(api, rehearsal, ada)
    since = real_time()
    with received_again_soon(rehearsal, "EmailQueue") as url:
        with rehearsal.with_variables("DeliverEmail", LOCKSTEP_MAIL_ENDPOINT=NOWHERE):
            booked = ada.post("/v1/sessions", api.slots.near().body())
            assert booked.status == 201
            assert eventually(lambda: mail_refusals(rehearsal, since) == {"undelivered"}, MATCHED_SECONDS)
            assert kinds(ada) == ["session.booked"]
            assert len(rehearsal.mails(address)) == 1
            assert unsent(rehearsal, url) == 1
            age = data_of("ApproximateAgeOfOldestMessage", [HOUR], QueueName=url.rsplit("/", 1)[1])
            data = [*logged_data(rehearsal, since), gateway_data(rehearsal, [booked]), age]
            assert ringing(rehearsal, data) == bad_days()["The mail service is down"].alarms
        assert eventually(lambda: unsent(rehearsal, url) == 0, MATCHED_SECONDS)
        assert len(rehearsal.mails(address)) == 2


def mail_refusals(rehearsal: Rehearsal, since: datetime) -> set[str]:
    """Return the codes with which deliveries of mails failed since an instant."""
    return {line["code"] for line in lines_since(rehearsal, since) if line.get("channel") == "email" and "code" in line}


def test_without_the_issuer_new_processes_accept_api_keys_only(api: DeployedService, rehearsal: Rehearsal) -> None:
    (ada,) = api.sign_in_all("Ada")
    key = ada.post("/v1/api-keys", {"name": "A script", "scope": "read"}).json["apiKey"]["key"]
    since = real_time()
    with rehearsal.with_variables("APIHandler", LOCKSTEP_JWKS_URL=NOWHERE):
        answers = [ada.get("/v1/me"), api.request("GET", "/v1/me", headers={"X-API-Key": key})]
        assert [answer.status for answer in answers] == [503, 200]
        assert answers[0].json["code"] == "busy"
        data = [*logged_data(rehearsal, since), gateway_data(rehearsal, answers)]
        assert ringing(rehearsal, data) == bad_days()["The issuer is down"].alarms
    assert ada.get("/v1/me").status == 200


def test_a_poisoned_record_delays_no_member_and_waits_in_the_failure_queue(
    api: DeployedService, rehearsal: Rehearsal
) -> None:
    table, queues = rehearsal.session.client("dynamodb"), rehearsal.session.client("sqs")
    url, since, before = rehearsal.resource("Failures"), real_time(), queue_data(rehearsal)
    # An item of its own, since an equal item of another test would give no record.
    key = {"PK": {"S": "POOL#2020-01-01#0"}, "SK": {"S": "0915#50#nonsense"}}
    table.put_item(TableName=rehearsal.resource("Table"), Item=key)
    slot = api.slots.near()
    ada, ben, cy, dee = cast = api.sign_in_all("Ada", "Ben", "Cy", "Dee")
    booked = [member.book(slot)["sessionId"] for member in cast]
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    assert eventually(lambda: unsent(rehearsal, url) == 1, MATCHED_SECONDS)
    assert eventually(lambda: partner_of(ada.in_slot(slot)) == cy.user_id, MATCHED_SECONDS)
    # Other tests may have left messages in other queues.
    changed = [each for each in queue_data(rehearsal) if each not in before]
    assert ringing(rehearsal, [*logged_data(rehearsal, since), *changed]) == bad_days()["A record always fails"].alarms
    queues.purge_queue(QueueUrl=url)
    table.delete_item(TableName=rehearsal.resource("Table"), Key=key)


def broken(release: Release, folder: Path) -> Release:
    """Return a copy of the release whose functions fail when they start."""
    code = folder / release.code.name
    with ZipFile(release.code) as before, ZipFile(code, "w") as after:
        for name in before.namelist():
            if name not in ("app.py", "app.pyc"):
                after.writestr(name, before.read(name))
        after.writestr("app.py", "raise RuntimeError('This release cannot start.')")
    return replace(release, code=code)


def test_a_release_that_cannot_start_is_undone_by_the_release_before(
    api: DeployedService, rehearsal: Rehearsal, release: Release, tmp_path: Path
) -> None:
    (ada,) = api.sign_in_all("Ada")
    session = ada.book(api.slots.near())["sessionId"]
    rehearsal.deploy(broken(release, tmp_path))
    try:
        answers = [api.raw("GET", "/health", {}) for _ in range(3)]
        assert all(answer.status >= 500 for answer in answers)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="Finalize failed"):
                rehearsal.invoke("Finalize", schedule_event("finalize", real_time()))
        failed = [
            data_of("Errors", [1.0] * 3, FunctionName=rehearsal.resource(name)) for name in ("APIHandler", "Finalize")
        ]
        alarms = ringing(rehearsal, [*failed, gateway_data(rehearsal, answers)])
        assert alarms == bad_days()["A release cannot start"].alarms
    finally:
        rehearsal.deploy(release)
    assert api.request("GET", "/health").status == 200
    assert ada.session(session)["sessionId"] == session
