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
from infra.stack.parameters import CONDITIONS, PARAMETERS
from infra.stack.table import TABLE, table_resource

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
            "Resources": {TABLE: table_resource(), **resources},
            "Outputs": {TABLE: {"Value": {"Ref": TABLE}}},
        }
        key = f"{uuid.uuid4().hex}.json"
        self.session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(template).encode())
        return self.stack.deploy(f"{self.session.endpoint}/{BUCKET}/{key}", SETTINGS)


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
