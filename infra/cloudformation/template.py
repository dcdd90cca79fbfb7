"""The additions of the stack to the template that Chalice makes of app.py."""

from pathlib import Path

import yaml

from infra.cloudformation.alarms import alarms
from infra.cloudformation.channels import channels
from infra.cloudformation.dashboard import dashboard
from infra.cloudformation.functions import functions
from infra.cloudformation.gateway import gateway
from infra.cloudformation.intrinsic import Value
from infra.cloudformation.ledger import ledger
from infra.cloudformation.parameters import PARAMETERS
from infra.cloudformation.roles import roles
from infra.cloudformation.table import TABLE, table_resource
from infra.cloudformation.user_pool import user_pool
from infra.cloudformation.web_app import web_app

FIXED: Value = yaml.safe_load(Path(__file__).with_name("fixed.yaml").read_text())


def additions() -> Value:
    """Return the template that Chalice merges into its own."""
    made = {
        TABLE: table_resource(),
        **ledger(),
        **roles(),
        **functions(),
        **channels(),
        **gateway(),
        **user_pool(),
        **web_app(),
        **alarms(),
        **dashboard(),
    }
    return {
        **FIXED,
        "Parameters": {name: parameter.declared() for name, parameter in PARAMETERS.items()},
        "Resources": {**FIXED["Resources"], **made},
    }
