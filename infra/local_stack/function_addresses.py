"""The addresses at which the functions of a stack reach the user pool and the live connections in the embedded engine.

Their variables name hosts of AWS. This module gives the functions the engine's own addresses instead, with private
names of the engine. Browsers get the addresses of AWS.
"""

import os
import re
from typing import Any

from infra.local.engine import HOST

KEYS, LIVE = "LOCKSTEP_JWKS_URL", "LOCKSTEP_LIVE_ENDPOINT"
POOL = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/")
GATEWAY = re.compile(r"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com/")


def install() -> None:
    """Replace the addresses in the environment of each function that the engine starts."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    acquire = lambda_runtime.acquire_worker

    def acquire_with_own_addresses(name: str, function: dict[str, Any], *request: Any, **more: Any) -> Any:
        variables = (function.get("Environment") or {}).get("Variables") or {}
        environment = {"Variables": variables | _own_addresses(variables)}
        return acquire(name, function | {"Environment": environment}, *request, **more)

    # The WebSocket API starts its functions by the first one, and all others are started by the second one.
    lambda_runtime.acquire_worker = lambda_svc.acquire_worker = acquire_with_own_addresses


def _own_addresses(variables: dict[str, str]) -> dict[str, str]:
    engine = f"http://{HOST}:{os.environ['GATEWAY_PORT']}"
    own = {
        KEYS: POOL.sub(f"{engine}/", variables.get(KEYS, "")),
        LIVE: GATEWAY.sub(rf"{engine}/_aws/execute-api/\1/", variables.get(LIVE, "")),
    }
    return {name: address for name, address in own.items() if address}
