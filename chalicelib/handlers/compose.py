"""Put a deployment together from its settings."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from random import SystemRandom

from chalicelib import config
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage.connection import connect


def compose(environment: Mapping[str, str]) -> Lockstep:
    """The deployment that an environment describes, bound to its table. Raises Misconfigured, naming the variable."""
    settings = config.from_environment(environment)
    connect(settings.table, region=settings.region, endpoint=settings.endpoint)
    return Lockstep(
        settings,
        clock=real_time,
        chance=SystemRandom(),
        ids=SystemRandom(),
        pause=time.sleep,  # noqa: TID251 - the one place that passes it in
    )


def real_time() -> datetime:
    """The instant it really is."""
    return datetime.now(UTC)
