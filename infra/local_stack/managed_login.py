"""The look of the managed login in the embedded engine.

The engine has sign-in pages of its own, and its CloudFormation lacks this resource. This module accepts it with private
names of the engine.
"""

from typing import Any


def install() -> None:
    """Add the resource to the engine's CloudFormation. It has no effect."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS["AWS::Cognito::ManagedLoginBranding"] = {"create": _create, "delete": _delete}


def _create(logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
    return f"{properties['UserPoolId']}|{logical_id}", {"ManagedLoginBrandingId": logical_id}


def _delete(_identifier: str, _properties: dict[str, Any]) -> None:
    """Do nothing, since nothing was made."""
