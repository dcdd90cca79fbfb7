"""Several local runners, each in its own process and with its own data."""

import json
from functools import partial

import pytest

from chalicelib.channels.failure_queue import NAME as UNANNOUNCED
from infra.local.aws import client
from infra.local.engine import Engine
from infra.local.settings import TABLE
from tests.contract.client import Runner, at_once
from tests.contract.shapes import check_problem
from tests.contract.slots import SlotStart
from tests.infra.poll import until

# These tests start their own runners.
pytestmark = pytest.mark.long


def test_a_runner_serves_concurrent_sign_ins_right_after_its_start() -> None:
    with Runner(wait_for_demo_members=False) as runner:
        clients = at_once([partial(runner.sign_in, f"Member {number}") for number in range(16)])
        assert len({client.user_id for client in clients}) == 16


def test_two_runners_on_different_ports_share_no_data(api: Runner, controlled: Runner) -> None:
    here, there = api.sign_in("Ada"), controlled.sign_in("Ben")
    check_problem(here.on(controlled).get("/v1/me"), 401, "unauthenticated")
    check_problem(there.on(api).get("/v1/me"), 401, "unauthenticated")
    check_problem(here.get(f"/v1/users/{there.user_id}"), 404, "not_found", ...)
    check_problem(there.get(f"/v1/users/{here.user_id}"), 404, "not_found", ...)
    slot = api.slots.far()
    same = SlotStart(slot.after(minutes=30))
    here.book(same)
    there.book(same)
    api.tick()
    controlled.tick()
    assert [here.in_slot(same)["state"], there.in_slot(same)["state"]] == ["waiting"] * 2


def test_r42_a_record_that_cannot_be_announced_waits_in_its_queue_and_delays_no_member() -> None:
    keys = {"PK": {"S": "MEMBER#unknown"}, "SK": {"S": "DAY#2026-03-02"}}
    with Engine() as engine, Runner(engine.url, wait_for_demo_members=False) as runner:
        database, sqs = client("dynamodb", engine.url), client("sqs", engine.url)
        ada = runner.sign_in("Ada")
        database.put_item(TableName=TABLE, Item={**keys, "k": {"S": "day"}})
        ada.book(runner.slots.near())
        until(lambda: [event["type"] for event in ada.get("/v1/events").json["events"]] == ["session.booked"])
        address = sqs.get_queue_url(QueueName=UNANNOUNCED)["QueueUrl"]
        (message,) = sqs.receive_message(QueueUrl=address, WaitTimeSeconds=5)["Messages"]
        (record,) = json.loads(message["Body"])["Records"]
        assert record["dynamodb"]["NewImage"] == {**keys, "k": {"S": "day"}}
        database.close()
        sqs.close()
