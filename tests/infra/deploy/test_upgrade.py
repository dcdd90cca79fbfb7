"""The deployment of a small stack across a schema, and the names of its changes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from chalicelib.version import FORMER_SCHEMA, SCHEMA
from infra.cloudformation.parameters import PARAMETERS
from infra.cloudformation.table import TABLE, table_resource
from infra.cloudformation.template import FIXED
from infra.deploy.deployment_name import with_name
from infra.deploy.settings import CannotDeployError
from infra.deploy.stack import Stack
from infra.deploy.store import make_bucket
from infra.deploy.upgrade import deploy_release
from infra.local.aws import REGION
from infra.local_stack.engine import StackEngine
from infra.local_stack.stack import EngineSession
from infra.migrations.migration import schema_of
from tests.infra.deploy.test_stack import BUCKET, SETTINGS

# Each deploys a stack.
pytestmark = pytest.mark.long

FORMER, OWN = str(FORMER_SCHEMA), str(SCHEMA)


@dataclass(frozen=True)
class RecordingStack(Stack):
    """A stack whose deployments are recorded with their schema."""

    schemas: list[str | None] = field(default_factory=list)

    def deploy(self, template_url: str, settings: dict[str, str]) -> dict[str, str]:
        """Deploy, and record the schema of the settings."""
        self.schemas.append(settings.get("Schema"))
        return super().deploy(template_url, settings)


@pytest.fixture
def stack() -> Iterator[RecordingStack]:
    """A stack that does not exist yet."""
    engine = StackEngine()
    try:
        session = EngineSession(engine.url)
        make_bucket(session.client("s3"), BUCKET, REGION)
        yield RecordingStack("upgraded", session, lambda _line: None)
    finally:
        engine.stop()


def template(stack: Stack) -> str:
    """Return the address of a template of the parameters and the table."""
    body = {
        "Parameters": {name: parameter.declared() for name, parameter in PARAMETERS.items()},
        "Conditions": FIXED["Conditions"],
        "Resources": {TABLE: table_resource()},
    }
    s3 = stack.session.client("s3")
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(body).encode())
    return f"{s3.meta.endpoint_url}/{BUCKET}/template.json"


def table_schema(stack: Stack) -> int:
    """Return the schema of the table of the stack."""
    database = stack.session.client("dynamodb")
    (name,) = database.list_tables()["TableNames"]
    return schema_of(database, name)


def test_a_stack_of_the_former_schema_is_migrated_between_two_deployments(stack: RecordingStack) -> None:
    deploy_release(stack, template(stack), {**SETTINGS, "Schema": FORMER})
    assert table_schema(stack) == FORMER_SCHEMA
    stack.schemas.clear()
    deploy_release(stack, template(stack), SETTINGS)
    assert stack.schemas == [FORMER, OWN]
    assert table_schema(stack) == SCHEMA


def test_a_new_stack_and_one_of_the_same_schema_are_deployed_once(stack: RecordingStack) -> None:
    for _ in range(2):
        deploy_release(stack, template(stack), SETTINGS)
    assert stack.schemas == [None, None]


def test_a_schema_in_the_settings_holds_the_stack_there(stack: RecordingStack) -> None:
    for _ in range(2):
        deploy_release(stack, template(stack), {**SETTINGS, "Schema": FORMER})
    assert stack.schemas == [FORMER, FORMER]


def test_equal_values_have_one_name_and_others_another() -> None:
    defaults = {name: str(one.default) for name, one in PARAMETERS.items() if one.default is not None}
    secret = next(name for name, one in PARAMETERS.items() if one.secret)
    first = with_name(SETTINGS, None)["Deployment"]
    # The stack has all parameters then, and hides its secrets.
    kept = {**defaults, **SETTINGS, secret: "****", "Deployment": first}
    assert with_name(SETTINGS, kept)["Deployment"] == first
    assert with_name({}, kept)["Deployment"] == first
    for changed in ({"FinalMinutes": "3"}, {secret: "another secret"}):
        assert with_name({**SETTINGS, **changed}, kept)["Deployment"] != first
    assert with_name({"Deployment": "by-hand"}, kept)["Deployment"] == "by-hand"


@pytest.mark.parametrize("schema", [FORMER_SCHEMA - 1, SCHEMA + 1])
def test_a_schema_that_this_release_does_not_read_is_refused(stack: RecordingStack, schema: int) -> None:
    body = {
        "Parameters": {"Schema": {"Type": "Number", "Default": schema}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    stack.session.client("cloudformation").create_stack(StackName=stack.name, TemplateBody=json.dumps(body))
    with pytest.raises(CannotDeployError, match=f"schema {schema}"):
        deploy_release(stack, "https://nowhere.example", SETTINGS)
    assert stack.schemas == []
