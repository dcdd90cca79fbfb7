"""The additions of the stack to the template that Chalice makes of app.py."""

from pathlib import Path

import yaml

from infra.stack.alarms import alarms
from infra.stack.dashboard import dashboard
from infra.stack.functions import functions
from infra.stack.gateway import gateway
from infra.stack.intrinsic import Value
from infra.stack.parameters import PARAMETERS
from infra.stack.roles import roles
from infra.stack.table import TABLE, table_resource

FIXED: Value = yaml.safe_load(Path(__file__).with_name("fixed.yaml").read_text())


def additions() -> Value:
    """Return all that Chalice does not know, as a template that it merges into its own."""
    made = {TABLE: table_resource(), **roles(), **functions(), **gateway(), **alarms(), **dashboard()}
    return {
        **FIXED,
        "Parameters": {name: parameter.declared() for name, parameter in PARAMETERS.items()},
        "Resources": {**FIXED["Resources"], **made},
    }
