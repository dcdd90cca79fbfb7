"""The composition of a deployment from its environment variables."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from random import SystemRandom

from chalicelib.channels.channels import Channels, connect
from chalicelib.services.context import Context
from chalicelib.settings import Settings, from_environment
from chalicelib.storage.connection import Table


def bootstrap(environment: Mapping[str, str]) -> Context:
    """Build the context of a deployment. Raises Misconfigured, which names the variable."""
    settings = from_environment(environment)
    return Context(
        settings,
        Table(
            settings.table,
            region=settings.region,
            endpoint=settings.endpoint,
            schema=settings.schema,
            retention=settings.retention,
        ),
        clock=real_time,
        rng=SystemRandom(),
        ids=SystemRandom(),
        pause=time.sleep,  # noqa: TID251 - the only place that injects it
        channels=connect_channels(settings),
    )


def connect_channels(settings: Settings) -> Channels:
    """Return the channels of a deployment, with new clients."""
    return connect(settings.messaging, region=settings.region, endpoint=settings.endpoint, ledger=settings.ledger)


def real_time() -> datetime:
    """Return the current instant of the machine's clock."""
    return datetime.now(UTC)
