"""What is merged into the template that Chalice makes of app.py."""

from infra.stack.alarms import alarms
from infra.stack.dashboard import dashboard
from infra.stack.functions import functions
from infra.stack.gateway import gateway, outputs
from infra.stack.intrinsic import Value
from infra.stack.parameters import CONDITIONS, PARAMETERS, RULES
from infra.stack.roles import roles
from infra.stack.table import TABLE, table_resource


def additions() -> Value:
    """Everything that Chalice does not know, as a template that it merges into its own."""
    return {
        "Description": "Lockstep: the backend for one-to-one virtual coworking.",
        "Parameters": {name: parameter.declared() for name, parameter in PARAMETERS.items()},
        "Conditions": CONDITIONS,
        "Rules": RULES,
        "Resources": {
            TABLE: table_resource(),
            **roles(),
            **functions(),
            **gateway(),
            **alarms(),
            **dashboard(),
        },
        "Outputs": outputs(),
    }
