"""The API as an origin of a distribution in the embedded engine.

The engine connects to no host of AWS, and the API of a stack has the name of one. This module replaces the connection
by one to the engine's own gateway, with private names of the engine.
"""

import os
import re
from typing import Any

from infra.local.engine import HOST

GATEWAY = re.compile(r"([a-z0-9]+)\.execute-api\.")


def install() -> None:
    """Replace the engine's connection to the API."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import cloudfront

    forward = cloudfront._forward_to_origin

    def forwarded(origin: dict[str, Any], method: str, path: str, *request: Any) -> Any:
        api = GATEWAY.match(origin["domain_name"])
        if api is None:
            return forward(origin, method, path, *request)
        own = {"domain_name": HOST, "http_port": int(os.environ["GATEWAY_PORT"]), "protocol_policy": "http-only"}
        return forward(origin | own, method, f"/_aws/execute-api/{api[1]}{path}", *request)

    cloudfront._forward_to_origin = forwarded
