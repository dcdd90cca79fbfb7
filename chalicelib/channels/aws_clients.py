"""The clients of AWS services."""

from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

# A service that does not respond delays its own queue only, and the queue delivers the message again.
TIMEOUT_SECONDS = 5
CONFIG = Config(connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"max_attempts": 2})

# Creates the client with its first use.
LazyClient = Callable[[], Any]


def lazy_client(service: str, *, region: str, endpoint: str | None) -> LazyClient:
    """Return a function that returns one client of a service. `endpoint` replaces the address of the region."""

    @cache
    def client() -> Any:
        session = botocore.session.get_session()
        return session.create_client(service, region_name=region, endpoint_url=endpoint, config=CONFIG)

    return client
