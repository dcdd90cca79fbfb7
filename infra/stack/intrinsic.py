"""The functions of CloudFormation, and the names that Chalice gives its resources."""

from typing import Any

Value = Any

API = "RestAPI"
API_FUNCTION = "APIHandler"
# The functions of app.py, by the name of their resource.
FUNCTIONS = {API_FUNCTION: "api", "Rematch": "rematch", "Finalize": "finalize", "Sweep": "sweep", "Audit": "audit"}


def ref(name: str) -> Value:
    """A parameter's value, or a resource's own name."""
    return {"Ref": name}


def attribute(resource: str, name: str) -> Value:
    """An attribute of a resource."""
    return {"Fn::GetAtt": [resource, name]}


def sub(text: str) -> Value:
    """The text with every `${...}` put in."""
    return {"Fn::Sub": text}


def when(condition: str, then: Value, otherwise: Value) -> Value:
    """One value or another, as a condition has it."""
    return {"Fn::If": [condition, then, otherwise]}


NOTHING: Value = ref("AWS::NoValue")
