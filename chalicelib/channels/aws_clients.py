"""The clients of AWS services."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# A request takes at most 11 seconds, two attempts and a pause. A service that does not respond delays its own queue
# only, and the queue delivers the message again.
TIMEOUT_SECONDS = 5
CONFIG = Config(connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 2})

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


def lazy_client(service: str, *, region: str, endpoint: str | None) -> LazyClient:
    """Return a function that returns one client of a service. `endpoint` replaces the address of the region."""

    @cache
    def client() -> Any:
        session = botocore.session.get_session()
        return session.create_client(service, region_name=region, endpoint_url=endpoint, config=CONFIG)

    return client
