"""Put a deployment together from its settings."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from random import SystemRandom

from chalicelib import config
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage.connection import Table


def compose(environment: Mapping[str, str]) -> Lockstep:
    """The deployment that an environment describes. Raises Misconfigured, naming the variable."""
    settings = config.from_environment(environment)
    return Lockstep(
        settings,
        Table(settings.table, region=settings.region, endpoint=settings.endpoint),
        clock=real_time,
        chance=SystemRandom(),
        ids=SystemRandom(),
        pause=time.sleep,  # noqa: TID251 - the one place that passes it in
    )


def real_time() -> datetime:
    """The instant it really is."""
    return datetime.now(UTC)
