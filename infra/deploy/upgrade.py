"""The deployment of a release, in three steps across a schema of the table (docs/adr/0041)."""

import threading
from collections.abc import Mapping

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
    before = stack.parameters()
    # Release 0.1.0 has no such parameter.
    schema = SCHEMA if before is None else int(before.get("Schema", FIRST_SCHEMA))
    if schema == SCHEMA or "Schema" in settings:
        return stack.deploy(template_url, dict(settings))
    if schema != FORMER_SCHEMA:
        reason = NEWER if schema > SCHEMA else TOO_OLD
        raise CannotDeployError(reason.format(stack=stack.name, schema=schema, former=FORMER_SCHEMA, own=SCHEMA))
    stack.deploy(template_url, {**settings, "Schema": str(schema)})
    table = (stack.parameters() or {})["TableName"] or stack.resources()[TABLE]
    done = migrate(stack.session.client("dynamodb"), table, threading.Event().wait)
    stack.say(f"{table}: schema {SCHEMA}, {done.read} items read, {done.rewritten} rewritten.")
    return stack.deploy(template_url, {**settings, "Schema": str(SCHEMA)})
