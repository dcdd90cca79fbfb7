"""The clients of AWS services."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# A service that does not respond delays its own queue only, and the queue delivers the message again.
TIMEOUT_SECONDS = 5
ATTEMPTS = 2
# The client waits at most a second before its second attempt.
REQUEST_SECONDS = ATTEMPTS * TIMEOUT_SECONDS + 1
# A thread for each announcement of a run sends at once. With fewer connections the others are opened for each request.
CONNECTIONS = 16
CONFIG = Config(
    connect_timeout=TIMEOUT_SECONDS,
    read_timeout=TIMEOUT_SECONDS,
    retries={"total_max_attempts": ATTEMPTS},
    max_pool_connections=CONNECTIONS,
)
# A member has several live connections, and one that hangs must not delay the others. The queue retries.
LIVE_SECONDS = 2
LIVE_CONFIG = Config(connect_timeout=LIVE_SECONDS, read_timeout=LIVE_SECONDS, retries={"total_max_attempts": 1})

# Creates the client with its first use.
LazyClient = Callable[[], Any]


class SendFailed(Exception):
    """Messages that a service did not accept. A retry sends them again."""


@contextmanager
def sent_to(service: str) -> Iterator[None]:
    """Raise SendFailed with the name of the service if a request of the block fails."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise SendFailed(service) from error


def lazy_client(service: str, *, region: str, endpoint: str | None, config: Config = CONFIG) -> LazyClient:
    """Return a function that returns one client of a service. `endpoint` replaces the address of the region."""

    lock = Lock()

    @cache
    def make_client() -> Any:
        session = botocore.session.get_session()
        return session.create_client(service, region_name=region, endpoint_url=endpoint, config=config)

    def client() -> Any:
        # The cache alone lets each of several threads make a client.
        with lock:
            return make_client()

    return client
