"""The deployment of a release, in three steps across a schema of the table (docs/adr/0041)."""

import threading
from collections.abc import Mapping

from botocore.exceptions import ClientError

from chalicelib.version import FORMER_SCHEMA, SCHEMA
from infra.cloudformation.table import TABLE
from infra.deploy.settings import CannotDeployError
from infra.deploy.stack import Stack
from infra.migrations.migration import FIRST_SCHEMA, migrate

TOO_OLD = (
    "{stack} has schema {schema}, and this release writes {former} and {own} only. Deploy the releases between first."
)
NEWER = "{stack} has schema {schema}, which this release cannot read. Deploy a newer release."


def deploy_release(stack: Stack, template_url: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Deploy a release and return the outputs of the stack. Raises CannotDeployError.

    On the former schema both releases write until all functions are of the new one. Then the table is migrated, and the
    stack gets the new schema. With a `Schema` in the settings only that one is deployed.
    """
    before = _parameters_of(stack)
    # Release 0.1.0 has no such parameter.
    schema = SCHEMA if before is None else int(before.get("Schema", FIRST_SCHEMA))
    if schema == SCHEMA or "Schema" in settings:
        return stack.deploy(template_url, dict(settings))
    if schema != FORMER_SCHEMA:
        reason = NEWER if schema > SCHEMA else TOO_OLD
        raise CannotDeployError(reason.format(stack=stack.name, schema=schema, former=FORMER_SCHEMA, own=SCHEMA))
    stack.deploy(template_url, {**settings, "Schema": str(schema)})
    table = (_parameters_of(stack) or {})["TableName"] or _own_table(stack)
    done = migrate(stack.session.client("dynamodb"), table, threading.Event().wait)
    stack.say(f"{table}: schema {SCHEMA}, {done.read} items read, {done.rewritten} rewritten.")
    return stack.deploy(template_url, {**settings, "Schema": str(SCHEMA)})


def _parameters_of(stack: Stack) -> dict[str, str] | None:
    """Return the parameters of the stack, None without a stack."""
    try:
        (found,) = stack.session.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    # The stack has a change set that was never executed, and nothing else.
    if found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return None
    return {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])}


def _own_table(stack: Stack) -> str:
    """Return the name of the table that the stack made."""
    pages = stack.session.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack.name)
    resources = (each for page in pages for each in page["StackResourceSummaries"])
    return next(each["PhysicalResourceId"] for each in resources if each["LogicalResourceId"] == TABLE)
