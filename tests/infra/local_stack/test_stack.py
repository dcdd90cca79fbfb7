"""The rights of each function of a deployed stack, and its handling of records that always fail."""

import io
import json
import re
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from chalicelib.storage.keys import job
from infra.local.clock import real_time
from infra.local.events.sources import schedule_event, stream_event
from infra.local_stack.stack import Rehearsal
from tests.contract.client import Client, eventually, partner_of
from tests.contract.slots import SlotStart
from tests.contract.stack import DeployedService

# Includes the first start of a function.
MATCHED_SECONDS = 120
PROBE = """
import boto3
from botocore.exceptions import ClientError

def ask(event, context):
    try:
        getattr(boto3.client(event["service"]), event["operation"])(**event["arguments"])
    except ClientError as error:
        return error.response["Error"]["Code"]
"""
UNKNOWN = {"PK": {"S": "MEMBER#unknown"}, "SK": {"S": "PROFILE"}}


@pytest.fixture(scope="module")
def api(deployed: DeployedService) -> DeployedService:
    """The API of the stack."""
    return deployed


@contextmanager
def stream_off(rehearsal: Rehearsal) -> Iterator[None]:
    """Turn the stream off. It delivers the records of this time afterwards."""
    functions, source = rehearsal.session.client("lambda"), rehearsal.resource("RematchRematchDynamodbEventSource")
    functions.update_event_source_mapping(UUID=source, Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=source, Enabled=True)


def left_waiting(api: DeployedService, slot: SlotStart) -> tuple[Client, Client]:
    """Return two compatible members whose partners cancelled. With the stream off they stay unmatched."""
    ada, ben, cy, dee = cast = api.sign_in_all("Ada", "Ben", "Cy", "Dee")
    booked = [member.book(slot, title=api.canary("title"))["sessionId"] for member in cast]
    ben.cancel(booked[1])
    dee.cancel(booked[3])
    return ada, cy


def are_matched(slot: SlotStart, one: Client, other: Client) -> bool:
    """Return whether the two members are each other's partners."""
    return partner_of(one.in_slot(slot)) == other.user_id and partner_of(other.in_slot(slot)) == one.user_id


def soon() -> SlotStart:
    """Return a slot that is due for finalizing and does not start during a test."""
    later = real_time() + timedelta(minutes=20)
    return SlotStart(later.replace(minute=later.minute // 15 * 15, second=0, microsecond=0, tzinfo=UTC))


def test_r33_a_deletion_is_in_the_ledger_with_the_rights_of_the_functions(api: DeployedService) -> None:
    ada = api.sign_in("Ada")
    storage, bucket = api.rehearsal.session.client("s3"), api.rehearsal.resource("Ledger")
    assert ada.delete("/v1/me").status == 204

    def is_recorded() -> bool:
        entries = storage.list_objects_v2(Bucket=bucket, Prefix="erased/").get("Contents", [])
        return any(entry["Key"].endswith(ada.user_id) for entry in entries)

    assert eventually(is_recorded, MATCHED_SECONDS)


def test_r18_the_stream_matches_with_the_rights_of_its_function(api: DeployedService) -> None:
    slot = api.slots.near()
    pair = left_waiting(api, slot)
    assert eventually(lambda: are_matched(slot, *pair), MATCHED_SECONDS)


@pytest.mark.parametrize("function", ["Finalize", "Sweep"])
def test_r19_with_the_stream_off_the_schedules_match_with_the_rights_of_theirs(
    api: DeployedService, rehearsal: Rehearsal, function: str
) -> None:
    slot = soon() if function == "Finalize" else api.slots.near()
    with stream_off(rehearsal):
        pair = left_waiting(api, slot)
        rehearsal.invoke(function, schedule_event(function.lower(), real_time()))
        assert are_matched(slot, *pair)


def put_job(rehearsal: Rehearsal, member: Client, other: Client) -> dict[str, Any]:
    """Store the job that a crash after a block leaves, and return its key."""
    pk, sk = job(uuid.uuid4().hex)
    key = {"PK": {"S": pk}, "SK": {"S": sk}}
    attributes = {"task": {"S": "parting"}, "member_id": {"S": member.user_id}, "other_id": {"S": other.user_id}}
    rehearsal.session.client("dynamodb").put_item(
        TableName=rehearsal.resource("Table"), Item={**key, **attributes, "k": {"S": "chore"}, "v": {"N": "1"}}
    )
    return key


def is_done(rehearsal: Rehearsal, key: dict[str, Any]) -> bool:
    """Return whether a job is deleted."""
    return "Item" not in rehearsal.session.client("dynamodb").get_item(
        TableName=rehearsal.resource("Table"), Key=key, ConsistentRead=True
    )


def test_a_stored_job_is_run_by_the_stream_and_by_the_schedule(api: DeployedService, rehearsal: Rehearsal) -> None:
    ada, ben = api.sign_in_all("Ada", "Ben")
    key = put_job(rehearsal, ada, ben)
    assert eventually(lambda: is_done(rehearsal, key), MATCHED_SECONDS)
    with stream_off(rehearsal):
        key = put_job(rehearsal, ada, ben)
        rehearsal.invoke("Finalize", schedule_event("finalize", real_time()))
        assert is_done(rehearsal, key)


def test_r33_the_audit_finds_no_violation_after_an_account_is_deleted(
    api: DeployedService, rehearsal: Rehearsal
) -> None:
    slot = api.slots.near()
    ada, ben = api.sign_in_all("Ada", "Ben")
    ada.book(slot)
    ben.lock(ada, slot)
    ben.set_relation("block", ada)
    assert ada.delete("/v1/me").status == 204
    rehearsal.invoke("Audit", schedule_event("audit", real_time()))


@pytest.fixture
def on_the_bus(rehearsal: Rehearsal) -> Callable[[], list[dict[str, Any]]]:
    """A function that returns the events of the bus since its last call."""
    rules, queues = (rehearsal.session.client(service) for service in ("events", "sqs"))
    bus = rehearsal.resource("Bus")
    url = queues.create_queue(QueueName=f"bus-{uuid.uuid4().hex}")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["lockstep"]}))
    rules.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])

    def receive() -> list[dict[str, Any]]:
        messages = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    return receive


def test_r42_events_are_listed_and_on_the_bus_with_the_rights_of_their_function(
    api: DeployedService, on_the_bus: Callable[[], list[dict[str, Any]]]
) -> None:
    slot = api.slots.near()
    (ada,) = api.sign_in_all("Ada")
    session = ada.book(slot, title=api.canary("title"))["sessionId"]
    assert eventually(lambda: ada.get("/v1/events").json["events"], MATCHED_SECONDS)
    (event,) = ada.get("/v1/events").json["events"]
    sent = eventually(lambda: [one for one in on_the_bus() if one["detail"]["userId"] == ada.user_id], MATCHED_SECONDS)
    assert [(one["source"], one["detail-type"]) for one in sent] == [("lockstep", "session.booked")]
    assert (sent[0]["detail"]["id"], sent[0]["detail"]["sessionId"]) == (event["id"], session)
    assert api.secrets_in(json.dumps(sent)) == []


def verified_address(api: DeployedService, rehearsal: Rehearsal, member: Client) -> str:
    """Set an address of the member, open the link of its mail, and return the address."""
    address = f"{member.user_id}@example.com"
    assert member.patch("/v1/me/notices", {"email": {"address": address}}).status == 200
    (mail,) = rehearsal.mails(address)
    path = re.search(r"/n/verify/\S+", mail["BodyText"])
    assert path
    api.request("POST", path[0])
    assert member.get("/v1/me/notices").json["email"]["verified"]
    return address


def test_r43_a_booking_is_mailed_with_the_rights_of_its_function(api: DeployedService, rehearsal: Rehearsal) -> None:
    (ada,) = api.sign_in_all("Ada")
    address = verified_address(api, rehearsal, ada)
    ada.book(api.slots.near())
    assert eventually(lambda: len(rehearsal.mails(address)) == 2, MATCHED_SECONDS)
    assert [mail["Source"] for mail in rehearsal.mails(address)] == ["notices@lockstep.example"] * 2


@pytest.mark.parametrize(
    "feedback",
    [
        {"eventType": "Bounce", "bounce": {"bounceType": "Permanent", "bounceSubType": "General"}},
        {"eventType": "Complaint", "complaint": {}},
    ],
)
def test_r43_an_address_is_used_no_more_after_feedback_of_its_mails(
    api: DeployedService, rehearsal: Rehearsal, feedback: dict[str, Any]
) -> None:
    """The engine sends no feedback of a mail by itself, so the test publishes what SES would."""
    (ada,) = api.sign_in_all("Ada")
    address = verified_address(api, rehearsal, ada)
    kind = feedback["eventType"].lower()
    recipients = {"bounce": "bouncedRecipients", "complaint": "complainedRecipients"}[kind]
    message = {
        **feedback,
        "mail": {"destination": [address]},
        kind: {**feedback[kind], recipients: [{"emailAddress": address}]},
    }
    rehearsal.session.client("sns").publish(
        TopicArn=rehearsal.resource("MailFeedbackTopic"),
        Message=json.dumps(message),
        # The engine leaves these out of the event unless a message has them. AWS never does.
        Subject="Amazon SES Email Event Notification",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
    )
    assert eventually(lambda: ada.get("/v1/me/notices").json["email"]["refused"], MATCHED_SECONDS)


def test_r43_an_open_page_gets_an_event_with_the_rights_of_its_functions(
    api: DeployedService, rehearsal: Rehearsal
) -> None:
    (ada,) = api.sign_in_all("Ada")
    with connect(rehearsal.live_url.replace("http", "ws", 1), proxy=None) as page:
        page.send(json.dumps({"token": ada.token}))
        assert json.loads(page.recv(MATCHED_SECONDS))["type"] == "ready"
        session = ada.book(api.slots.near())["sessionId"]
        event = json.loads(page.recv(MATCHED_SECONDS))
        assert (event["type"], event["data"]["sessionId"]) == ("session.booked", session)
        assert ada.get("/v1/events").json["events"][-1]["id"] == event["id"]
        # The deletion of the account closes the connection with the rights of the API's function.
        assert ada.delete("/v1/me").status == 204
        with pytest.raises(ConnectionClosed):
            page.recv(MATCHED_SECONDS)


def test_r43_a_webhook_that_cannot_be_reached_is_tried_again_with_the_rights_of_its_function(
    api: DeployedService,
) -> None:
    (ada,) = api.sign_in_all("Ada")
    webhook = ada.post("/v1/webhooks", {"url": "https://hooks.example/lockstep", "kinds": ["session.booked"]})
    path = f"/v1/webhooks/{webhook.json['webhook']['webhookId']}/deliveries"
    ada.book(api.slots.near())
    # The first pause is 5 seconds. Every later attempt is a message that the function sent.
    assert eventually(
        lambda: any(delivery["attempt"] >= 2 for delivery in ada.get(path).json["deliveries"]), MATCHED_SECONDS
    )


@pytest.fixture(scope="module")
def ask(rehearsal: Rehearsal) -> Iterator[Any]:
    """A function that sends one request with the rights of a function, and returns its error code or None."""
    functions = rehearsal.session.client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", PROBE)

    def ask(function: str, service: str, operation: str, **arguments: Any) -> str | None:
        role = functions.get_function_configuration(FunctionName=rehearsal.resource(function))["Role"]
        name = f"probe-{uuid.uuid4().hex}"
        functions.create_function(
            FunctionName=name, Runtime="python3.11", Handler="probe.ask", Role=role, Code={"ZipFile": code.getvalue()}
        )
        event = {"service": service, "operation": operation, "arguments": arguments}
        response = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        functions.delete_function(FunctionName=name)
        assert "FunctionError" not in response, response["Payload"].read()
        return json.loads(response["Payload"].read())

    return ask


@pytest.mark.parametrize(
    ("function", "operation", "arguments"),
    [
        ("APIHandler", "describe_table", {}),
        ("Rematch", "scan", {}),
        ("Finalize", "scan", {}),
        ("Sweep", "update_item", {"Key": UNKNOWN}),
        ("Audit", "put_item", {"Item": UNKNOWN}),
    ],
)
def test_a_request_outside_the_rights_of_a_function_is_denied(
    rehearsal: Rehearsal, ask: Any, function: str, operation: str, arguments: dict[str, Any]
) -> None:
    table = rehearsal.resource("Table")
    assert ask(function, "dynamodb", "get_item", TableName=table, Key=UNKNOWN) is None
    assert ask(function, "dynamodb", operation, TableName=table, **arguments) == "AccessDeniedException"


@pytest.mark.parametrize("function", ["APIHandler", "Rematch", "Finalize"])
def test_r33_each_function_that_runs_jobs_may_update_an_item(rehearsal: Rehearsal, ask: Any, function: str) -> None:
    update = {"Key": UNKNOWN, "ConditionExpression": "attribute_exists(PK)"}
    answer = ask(function, "dynamodb", "update_item", TableName=rehearsal.resource("Table"), **update)
    assert answer == "ConditionalCheckFailedException"


def test_only_the_function_that_the_stream_wakes_may_write_to_the_queue(rehearsal: Rehearsal, ask: Any) -> None:
    message = {"QueueUrl": rehearsal.resource("Failures"), "MessageBody": "x"}
    assert "AccessDenied" in ask("Sweep", "sqs", "send_message", **message)


def poison(number: str) -> dict[str, Any]:
    """Return the record of an invalid waiting row."""
    keys = {"PK": {"S": "POOL#2020-01-01#0"}, "SK": {"S": "0900#50#nonsense"}}
    return {
        "eventName": "INSERT",
        "dynamodb": {"Keys": keys, "SequenceNumber": number, "ApproximateCreationDateTime": datetime.now(UTC)},
    }


def inserted(rehearsal: Rehearsal, slot: SlotStart) -> list[dict[str, Any]]:
    """Return the records of the waiting rows of a slot."""
    streams = rehearsal.session.client("dynamodbstreams")
    table = rehearsal.session.client("dynamodb").describe_table(TableName=rehearsal.resource("Table"))["Table"]
    arn = table["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    where = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    found: list[dict[str, Any]] = []
    while records := (page := streams.get_records(ShardIterator=where))["Records"]:
        found, where = found + records, page["NextShardIterator"]
    row = f"{slot.start:%H%M}#"
    return [
        record
        for record in found
        if record["eventName"] == "INSERT"
        and record["dynamodb"]["Keys"]["PK"]["S"].startswith(f"POOL#{slot.start:%Y-%m-%d}")
        and record["dynamodb"]["Keys"]["SK"]["S"].startswith(row)
    ]


def test_r18_a_poison_record_in_the_middle_of_a_batch_is_reported_alone(
    api: DeployedService, rehearsal: Rehearsal
) -> None:
    slots = [api.slots.near(), api.slots.near()]
    with stream_off(rehearsal):
        pairs = [left_waiting(api, slot) for slot in slots]
        first, last = (inserted(rehearsal, slot)[-1] for slot in slots)
        batch = stream_event("arn", [first, poison("7"), last])
        failures = {"batchItemFailures": [{"itemIdentifier": "7"}]}
        assert rehearsal.invoke("Rematch", batch) == failures
        assert [are_matched(slot, *pair) for slot, pair in zip(slots, pairs, strict=True)] == [True, True]
        before = [member.sessions() for pair in pairs for member in pair]
        assert rehearsal.invoke("Rematch", batch) == failures
        assert [member.sessions() for pair in pairs for member in pair] == before


def test_a_discarded_record_goes_to_the_failure_queue_and_delays_no_other(
    api: DeployedService, rehearsal: Rehearsal
) -> None:
    queue, url = rehearsal.session.client("sqs"), rehearsal.resource("Failures")
    item = {**poison("")["dynamodb"]["Keys"], "title": {"S": api.canary("title")}}
    rehearsal.session.client("dynamodb").put_item(TableName=rehearsal.resource("Table"), Item=item)
    slot = api.slots.near()
    pair = left_waiting(api, slot)
    (message,) = queue.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert json.loads(message["Body"])["DDBStreamBatchInfo"]["batchSize"] == 1
    assert api.secrets_in(message["Body"]) == []
    queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    # If a function fails as a whole, the event source also discards valid records. The sweep finds their members.
    rehearsal.invoke("Sweep", schedule_event("sweep", real_time()))
    assert eventually(lambda: are_matched(slot, *pair), MATCHED_SECONDS)
