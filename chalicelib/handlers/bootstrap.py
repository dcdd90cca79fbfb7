"""Put a deployment together from its settings."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from random import SystemRandom

from chalicelib.services.context import Context
from chalicelib.settings import from_environment
from chalicelib.storage.connection import Table


def bootstrap(environment: Mapping[str, str]) -> Context:
    """The deployment that an environment describes. Raises Misconfigured, naming the variable."""
    settings = from_environment(environment)
    return Context(
        settings,
        Table(settings.table, region=settings.region, endpoint=settings.endpoint),
        clock=real_time,
        rng=SystemRandom(),
        ids=SystemRandom(),
        pause=time.sleep,  # noqa: TID251 - the one place that passes it in
    )


def real_time() -> datetime:
    """The instant it really is."""
    return datetime.now(UTC)
