"""Deployment and deletion of small stacks with the table of the real one.

One thread deploys, so moto in this process is enough. It proves nothing about races, since it runs one request at a
time. The reasons of a failure, empty change sets, rules and outputs need the engine, since moto lacks them.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from infra.cloudformation.intrinsic import FUNCTIONS
from infra.cloudformation.parameters import PARAMETERS
from infra.cloudformation.table import TABLE, TABLE_NAME, table_resource
from infra.cloudformation.template import FIXED
from infra.deploy.cloud_stack import CloudStack, is_missing_stack
from infra.deploy.settings import CannotDeployError
from infra.deploy.site_publication import objects
from infra.deploy.stack import Stack
from infra.deploy.store import make_bucket, store
from infra.local.aws import REGION
from infra.local_stack.engine import StackEngine
from infra.local_stack.stack import EngineSession
from infra.package.release import Release

pytestmark = pytest.mark.long

BUCKET = "templates"
SETTINGS = {
    "AlarmEmail": "operator@example.com",
    # The CloudFormation of moto has no firewall. The tests of the edge have one.
    "Firewall": "off",
    "SignIn": "provider",
    "Issuer": "https://issuer.example",
    "Audience": "lockstep",
    "JwksUrl": "https://issuer.example/keys",
    "RoomProvider": "link",
    "RoomUrl": "https://rooms.example",
}
# Their events fill more than one page of a hundred: deleting a queue has two.
QUEUE = {"Type": "AWS::SQS::Queue"}
QUEUES = {f"Queue{number}": QUEUE for number in range(60)}


@dataclass(frozen=True)
class SmallStack:
    """A stack with the table and few other resources. `lines` is the output for the operator."""

    stage: str
    session: EngineSession | Session
    settings: dict[str, str] = field(default_factory=lambda: SETTINGS)
    lines: list[str] = field(default_factory=list)

    @property
    def stack(self) -> Stack:
        """The stack of the product's deployment code."""
        return Stack(self.stage, self.session, self.lines.append)

    def deploy(self, **resources: Any) -> dict[str, str]:
        """Deploy the table and the given resources."""
        template = {
            "Parameters": {name: parameter.declared() for name, parameter in PARAMETERS.items()},
            "Conditions": FIXED["Conditions"],
            "Rules": FIXED["Rules"],
            "Resources": {TABLE: table_resource(), **resources},
            "Outputs": {TABLE: {"Value": TABLE_NAME}},
        }
        key = f"{uuid.uuid4().hex}.json"
        s3 = self.session.client("s3")
        s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(template).encode())
        return self.stack.deploy(f"{s3.meta.endpoint_url}/{BUCKET}/{key}", self.settings)

    def tables(self) -> list[str]:
        """Return the names of all tables of the stage."""
        names = self.session.client("dynamodb").list_tables()["TableNames"]
        return [name for name in names if name.startswith(f"{self.stack.name}-")]


@pytest.fixture(scope="module")
def engine_session() -> Iterator[EngineSession]:
    """Clients of an engine with all services of a stack."""
    with StackEngine() as engine:
        session = EngineSession(engine.url)
        make_bucket(session.client("s3"), BUCKET, REGION)
        yield session


@pytest.fixture
def session() -> Iterator[Session]:
    """Clients of moto, in this process."""
    with mock_aws():
        session = Session(region_name=REGION)
        make_bucket(session.client("s3"), BUCKET, REGION)
        yield session


def impossible(group: str, *after: str) -> dict[str, Any]:
    """Return a resource that fails, since its log group does not exist, after the given resources."""
    return {"Type": "AWS::Logs::LogStream", "DependsOn": list(after), "Properties": {"LogGroupName": group}}


def failures(events: list[dict[str, Any]]) -> list[str]:
    """Return the template's names of the failed resources."""
    return [event["LogicalResourceId"] for event in events if event["ResourceStatus"].endswith("_FAILED")]


def test_a_change_is_shown_before_it_is_executed(session: Session) -> None:
    trial = SmallStack("shown", session)
    trial.deploy()
    trial.deploy(Queue=QUEUE)
    assert [" ".join(line.split()) for line in trial.lines] == [
        "lockstep-shown changes:",
        "Add AWS::DynamoDB::Table Table",
        "lockstep-shown changes:",
        "Add AWS::SQS::Queue Queue",
    ]


def test_a_retry_of_a_change_set_is_known_by_its_token(session: Session) -> None:
    trial, asked = SmallStack("retried", session), []
    session.events.register(
        "provide-client-params.cloudformation.CreateChangeSet", lambda params, **_: asked.append(params)
    )
    trial.deploy()
    trial.deploy(More={"Type": "AWS::SQS::Queue"})
    names = [each["ChangeSetName"] for each in asked]
    assert [each["ClientToken"] for each in asked] == names
    assert len(set(names)) == len(asked) == 2


def test_a_deleted_stack_leaves_its_table_with_its_items(session: Session) -> None:
    trial, database = SmallStack("kept", session), session.client("dynamodb")
    trial.deploy()
    (table,) = trial.tables()
    item = {"PK": {"S": "MEMBER#ada"}, "SK": {"S": "PROFILE"}}
    database.put_item(TableName=table, Item=item)
    trial.lines.clear()
    trial.stack.destroy(table_too=False)
    assert trial.lines == ["lockstep-kept is deleted.", f"Its table {table} is kept."]
    assert database.get_item(TableName=table, Key=item)["Item"] == item
    assert database.describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]


def test_a_table_is_deleted_with_its_stack_on_request(session: Session) -> None:
    trial = SmallStack("gone", session)
    trial.deploy()
    (table,) = trial.tables()
    trial.lines.clear()
    trial.stack.destroy(table_too=True)
    assert trial.lines == ["lockstep-gone is deleted.", f"Its table {table} is deleted, too."]
    assert trial.tables() == []


def test_a_kept_user_pool_and_ledger_are_named_when_their_stack_is_deleted(session: Session) -> None:
    trial = SmallStack("pool", session)
    # Moto makes no user pool from a template, so other resources have the names there.
    kept = {"UserPool": "eu_x7", "Ledger": "pool-ledger"}
    trial.deploy(
        **{name: {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": group}} for name, group in kept.items()}
    )
    trial.lines.clear()
    trial.stack.destroy(table_too=True)
    assert trial.lines[2:] == [
        "Its ledger pool-ledger is kept, with the ids of deleted and suspended members.",
        "Its user pool eu_x7 is kept, with the e-mail addresses of the members. See docs/operations.md.",
    ]


def test_a_missing_stack_cannot_be_deleted(session: Session) -> None:
    with pytest.raises(CannotDeployError, match=r"There is no stack lockstep-none\."):
        SmallStack("none", session).stack.destroy(table_too=True)


def test_a_release_is_stored_once_under_its_digests_in_a_private_bucket(session: Session, tmp_path: Path) -> None:
    release = Release.at(tmp_path)
    release.code.write_bytes(b"code")
    release.template.write_text(json.dumps({"Resources": {name: {"Properties": {}} for name in FUNCTIONS}}))
    address = store(session, release)
    assert store(session, release) == address
    s3 = session.client("s3")
    bucket = f"lockstep-releases-{session.client('sts').get_caller_identity()['Account']}-{REGION}"
    listed = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    kept = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in listed}
    assert {Path(key).stem for key in kept} == {hashlib.sha256(content).hexdigest() for content in kept.values()}
    template, code = sorted(kept, key=lambda key: Path(key).suffix)
    assert (address, kept[code]) == (f"{s3.meta.endpoint_url}/{bucket}/{template}", b"code")
    places = [each["Properties"]["CodeUri"] for each in json.loads(kept[template])["Resources"].values()]
    assert places == [{"Bucket": bucket, "Key": code}] * len(FUNCTIONS)
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}


def test_a_bucket_is_in_the_region_of_its_stack(session: Session) -> None:
    s3 = Session(region_name="eu-west-1").client("s3")
    make_bucket(s3, "releases", "eu-west-1")
    assert s3.get_bucket_location(Bucket="releases")["LocationConstraint"] == "eu-west-1"


@set_initial_no_auth_action_count(0)
def test_a_denied_request_for_a_bucket_does_not_count_as_a_missing_bucket() -> None:
    with mock_aws(), pytest.raises(ClientError, match="HeadBucket"):
        make_bucket(Session(region_name=REGION).client("s3"), "releases", REGION)


def test_a_failed_deployment_reports_its_own_reasons_after_a_long_rollback(
    engine_session: EngineSession,
) -> None:
    trial = SmallStack("late", engine_session)
    trial.deploy()
    with pytest.raises(CannotDeployError, match="Earlier"):
        trial.deploy(Earlier=impossible("earlier"))
    with pytest.raises(CannotDeployError) as failure:
        trial.deploy(**QUEUES, Late=impossible("late", *QUEUES))
    assert str(failure.value).splitlines() == [
        "lockstep-late failed:",
        "  Late: AWS::Logs::LogStream: The specified log group does not exist: late",
    ]
    events = engine_session.client("cloudformation").describe_stack_events(StackName=trial.stack.name)["StackEvents"]
    # The newest hundred events are those of the rollback.
    assert failures(events) == []


def test_a_second_deployment_without_a_change_reports_nothing_to_change(engine_session: EngineSession) -> None:
    trial = SmallStack("again", engine_session)
    outputs = trial.deploy()
    trial.lines.clear()
    assert trial.deploy() == outputs
    assert trial.lines == ["lockstep-again: nothing to change."]


def test_a_change_whose_request_the_client_repeats_is_executed_once(engine_session: EngineSession) -> None:
    """A client repeats a request whose response is lost, and finds the change set of the first."""
    client, lines = engine_session.client("cloudformation"), list[str]()

    def repeat_the_first(attempts: int, **_: Any) -> float | None:
        return 0 if attempts == 1 else None

    client.meta.events.register_first("needs-retry.cloudformation.CreateChangeSet", repeat_the_first)
    template = json.dumps({"Resources": {"Queue": QUEUE}})
    changes = CloudStack("lockstep-repeated", client, lines.append).change({"TemplateBody": template}, [])
    assert [(each["Action"], each["LogicalResourceId"]) for each in changes] == [("Add", "Queue")]
    assert lines[0] == "lockstep-repeated changes:"


def test_a_table_name_without_the_label_of_its_stream_is_refused(engine_session: EngineSession) -> None:
    named = SETTINGS | {"TableName": "restored", "IdentityKey": "x" * 32}
    with pytest.raises(ClientError, match="A TableName needs the TableStreamLabel of that table"):
        SmallStack("unlabelled", engine_session, named).deploy()
    labelled = SmallStack("labelled", engine_session, named | {"TableStreamLabel": "2026-03-02T08:00:00.000"})
    assert labelled.deploy(Queue=QUEUE) == {TABLE: "restored"}


POOL = {"SignIn": "cognito", "AlarmEmail": "operator@example.com", "Firewall": "off"}
ADDRESSES = {"AuthorizationUrl": "https://id.example/a", "TokenUrl": "https://id.example/t", "ClientId": "app"}
SES_IDENTITY = "arn:aws:ses:eu-central-1:123456789012:identity/mail.example"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (POOL | ADDRESSES, "TokenUrl and ClientId are those of the user pool"),
        (POOL | {"SignInMailArn": SES_IDENTITY}, "A SignInMailArn needs a MailFrom"),
        (SETTINGS | {"WebDomainName": "app.example"}, "A WebDomainName needs a HostedZoneId, or a WebCertificateArn"),
        *(
            (SETTINGS | {name: value for name, value in ADDRESSES.items() if name != missing}, "together or not at all")
            for missing in ADDRESSES
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    engine_session: EngineSession, settings: dict[str, str], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        SmallStack("contradictory", engine_session, settings).deploy()


def test_a_user_pool_gives_way_to_a_provider_that_is_named_whole(engine_session: EngineSession) -> None:
    SmallStack("moved", engine_session, POOL).deploy()
    provider = SETTINGS | {"SignIn": "provider"}
    for missing in ("Issuer", "Audience", "JwksUrl"):
        # The stack has an empty value for each of them.
        incomplete = {name: value for name, value in provider.items() if name != missing}
        with pytest.raises(ClientError, match="Issuer, Audience and JwksUrl are needed"):
            SmallStack("moved", engine_session, incomplete).deploy(Queue=QUEUE)
    assert SmallStack("moved", engine_session, provider).deploy(Queue=QUEUE).keys() == {TABLE}


@pytest.mark.parametrize(
    "settings",
    [
        POOL | {"SignInMailArn": SES_IDENTITY, "MailFrom": "notices@mail.example"},
        SETTINGS | ADDRESSES,
    ],
)
def test_each_kind_of_sign_in_is_accepted(engine_session: EngineSession, settings: dict[str, str]) -> None:
    trial = SmallStack(f"accepted-{uuid.uuid4().hex[:8]}", engine_session, settings)
    assert trial.deploy().keys() == {TABLE}


# AWS deletes only an empty bucket, and the engine any. This one is retained, so that the test can look into it.
BUCKET_OF_FILES = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}


def put_files(trial: SmallStack) -> str:
    """Put files into the bucket of a stack and return its name."""
    resources = trial.session.client("cloudformation").describe_stack_resources(StackName=trial.stack.name)
    found = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources["StackResources"]}
    for name in ("index.html", "assets/index-x.js"):
        trial.session.client("s3").put_object(Bucket=found["AWS::S3::Bucket"], Key=name, Body=b"")
    return found["AWS::S3::Bucket"]


def test_the_bucket_of_the_web_app_is_emptied_before_its_stack_is_deleted(engine_session: EngineSession) -> None:
    trial = SmallStack("web", engine_session)
    trial.deploy(WebFiles=BUCKET_OF_FILES)
    bucket = put_files(trial)
    trial.stack.destroy(table_too=True)
    assert objects(engine_session.client("s3"), bucket) == set()


def test_the_files_of_the_web_app_are_deleted_only_when_the_app_is_turned_off(engine_session: EngineSession) -> None:
    trial, s3 = SmallStack("turned-off", engine_session), engine_session.client("s3")
    trial.deploy(WebFiles=BUCKET_OF_FILES)
    bucket = put_files(trial)
    trial.deploy(WebFiles=BUCKET_OF_FILES, Queue=QUEUE)
    # The change fails, so the app is still served.
    with pytest.raises(CannotDeployError):
        trial.deploy(Stream=impossible("missing"))
    assert objects(s3, bucket) == {"index.html", "assets/index-x.js"}
    trial.deploy(Queue=QUEUE)
    assert bucket not in {each["Name"] for each in s3.list_buckets()["Buckets"]}


@pytest.mark.parametrize(
    ("code", "message", "missing"),
    [
        ("ValidationError", "Stack with id lockstep-prod does not exist", True),
        ("ValidationError", "1 validation error detected", False),
        ("AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks", False),
        ("ExpiredToken", "The security token included in the request is expired", False),
    ],
)
def test_only_a_missing_stack_counts_as_new(code: str, message: str, missing: bool) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")
    assert is_missing_stack(error) is missing
