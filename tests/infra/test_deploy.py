"""Deploying and taking away: small stacks with the table of the real one, on an engine of their own."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.settings import CannotDeployError
from infra.deploy.stack import Stack, tells_of_no_stack
from infra.deploy.store import make_bucket
from infra.local.aws import REGION, client
from infra.rehearsal.engine import StackEngine
from infra.rehearsal.stack import EngineSession
from infra.stack.parameters import CONDITIONS, PARAMETERS, RULES
from infra.stack.table import TABLE, TABLE_NAME, table_resource

BUCKET = "templates"
SETTINGS = {
    "Issuer": "https://issuer.example",
    "Audience": "lockstep",
    "JwksUrl": "https://issuer.example/keys",
    "RoomUrl": "https://meet.example",
}
# More than are told at a time: a hundred events, of which two are of taking a queue back.
QUEUES = {f"Queue{number}": {"Type": "AWS::SQS::Queue"} for number in range(60)}


@dataclass(frozen=True)
class Trial:
    """A stack with the table and little else; `lines` are what an operator was told."""

    stage: str
    session: EngineSession
    settings: dict[str, str] = field(default_factory=lambda: SETTINGS)
    lines: list[str] = field(default_factory=list)

    @property
    def stack(self) -> Stack:
        """The stack, as it is deployed to AWS."""
        return Stack(self.stage, self.session, self.lines.append)

    def deploy(self, **resources: Any) -> dict[str, str]:
        """Deploy the table and these."""
        template = {
            "Parameters": {name: parameter.declared() for name, parameter in PARAMETERS.items()},
            "Conditions": CONDITIONS,
            "Rules": RULES,
            "Resources": {TABLE: table_resource(), **resources},
            "Outputs": {TABLE: {"Value": TABLE_NAME}},
        }
        key = f"{uuid.uuid4().hex}.json"
        self.session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(template).encode())
        return self.stack.deploy(f"{self.session.endpoint}/{BUCKET}/{key}", self.settings)

    def tables(self) -> list[str]:
        """The names of all tables of its stage that there are."""
        names = self.session.client("dynamodb").list_tables()["TableNames"]
        return [name for name in names if name.startswith(f"{self.stack.name}-")]


@pytest.fixture(scope="module")
def session() -> Iterator[EngineSession]:
    """Clients of an engine that has all that a stack needs."""
    with StackEngine() as engine:
        session = EngineSession(engine.url)
        make_bucket(session.client("s3"), BUCKET, REGION)
        yield session


def impossible(group: str, *after: str) -> dict[str, Any]:
    """A resource that cannot be made, for there is no such group of the log; it is tried after others."""
    return {"Type": "AWS::Logs::LogStream", "DependsOn": list(after), "Properties": {"LogGroupName": group}}


def failures(events: list[dict[str, Any]]) -> list[str]:
    """What failed, by its name in the template."""
    return [event["LogicalResourceId"] for event in events if event["ResourceStatus"].endswith("_FAILED")]


def test_a_deployment_that_fails_tells_why_however_much_was_taken_back_and_nothing_of_earlier_ones(
    session: EngineSession,
) -> None:
    trial = Trial("late", session)
    trial.deploy()
    with pytest.raises(CannotDeployError, match="Earlier"):
        trial.deploy(Earlier=impossible("earlier"))
    with pytest.raises(CannotDeployError) as told:
        trial.deploy(**QUEUES, Late=impossible("late", *QUEUES))
    assert str(told.value).splitlines() == [
        "lockstep-late failed:",
        "  Late: AWS::Logs::LogStream: The specified log group does not exist: late",
    ]
    events = session.client("cloudformation").describe_stack_events(StackName=trial.stack.name)["StackEvents"]
    # Nothing of it is among the newest hundred.
    assert failures(events) == []


def test_a_second_deployment_without_a_change_does_nothing_and_says_so(session: EngineSession) -> None:
    trial = Trial("again", session)
    outputs = trial.deploy()
    trial.lines.clear()
    assert trial.deploy() == outputs
    assert trial.lines == ["lockstep-again: nothing to change."]


def test_a_stack_that_is_taken_away_leaves_its_table_and_all_that_is_in_it(session: EngineSession) -> None:
    trial, database = Trial("kept", session), session.client("dynamodb")
    table = trial.deploy()[TABLE]
    item = {"PK": {"S": "MEMBER#ada"}, "SK": {"S": "PROFILE"}}
    database.put_item(TableName=table, Item=item)
    trial.lines.clear()
    trial.stack.destroy(table_too=False)
    assert trial.lines == ["lockstep-kept is gone.", f"Its table {table} is kept."]
    assert database.get_item(TableName=table, Key=item)["Item"] == item
    assert database.describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]


def test_a_table_goes_with_its_stack_where_that_is_asked_for(session: EngineSession) -> None:
    trial = Trial("gone", session)
    table = trial.deploy()[TABLE]
    assert trial.tables() == [table]
    trial.lines.clear()
    trial.stack.destroy(table_too=True)
    assert trial.lines == ["lockstep-gone is gone.", f"Its table {table} is gone, too."]
    assert trial.tables() == []


def test_a_table_that_is_named_without_the_label_of_its_stream_is_refused(session: EngineSession) -> None:
    named = SETTINGS | {"TableName": "restored"}
    with pytest.raises(ClientError, match="A TableName needs the TableStreamLabel of that table"):
        Trial("unlabelled", session, named).deploy()
    labelled = Trial("labelled", session, named | {"TableStreamLabel": "2026-03-02T08:00:00.000"})
    assert labelled.deploy(Queue={"Type": "AWS::SQS::Queue"}) == {TABLE: "restored"}


def test_a_stack_that_there_is_not_cannot_be_taken_away(session: EngineSession) -> None:
    with pytest.raises(CannotDeployError, match=r"There is no stack lockstep-none\."):
        Trial("none", session).stack.destroy(table_too=True)


@pytest.mark.parametrize(
    ("code", "message", "missing"),
    [
        ("ValidationError", "Stack with id lockstep-prod does not exist", True),
        ("ValidationError", "1 validation error detected", False),
        ("AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks", False),
        ("ExpiredToken", "The security token included in the request is expired", False),
    ],
)
def test_only_a_stack_that_is_missing_is_taken_for_a_new_one(code: str, message: str, missing: bool) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")
    assert tells_of_no_stack(error) is missing


def test_a_bucket_that_cannot_be_looked_at_is_not_taken_for_a_missing_one(engine: str) -> None:
    # This engine has no such service, and says so.
    with pytest.raises(ClientError, match="HeadBucket"):
        make_bucket(client("s3", engine), "releases", REGION)
