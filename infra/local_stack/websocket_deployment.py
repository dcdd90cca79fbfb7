"""The deployment of a WebSocket API in the embedded engine.

The engine's CloudFormation lacks this resource of Chalice's template, although its gateway has it. This module adds it
with private names of the engine.
"""

import json
from typing import Any


def install() -> None:
    """Add the resource to the engine's CloudFormation."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Deployment"] = {"create": _create, "delete": _delete}


def _create(_logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import apigateway

    status, _, body = apigateway._create_deployment(properties["ApiId"], properties)
    deployment = json.loads(body)
    if status != 201:
        raise ValueError(deployment)
    identifier = deployment["deploymentId"]
    return identifier, {"DeploymentId": identifier}


def _delete(identifier: str, properties: dict[str, Any]) -> None:
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import apigateway

    apigateway._delete_deployment(properties["ApiId"], identifier)
