"""A deployment on simulated time.

The services are the deployed ones. The table is in memory. One seed determines every random choice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from chalicelib.domain.model.member import Profile
from chalicelib.event_sources import FINALIZE_EVERY, SWEEP_EVERY
from chalicelib.handlers.events.schedules import run_finalize, run_sweep
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.context import Context
from chalicelib.settings import Settings, from_environment
from chalicelib.storage.connection import Table
from chalicelib.storage.mappers import profile_item
from infra.in_memory_dynamodb.capacity import Capacity, CapacityLimits
from infra.in_memory_dynamodb.table import InMemoryTable
from infra.simulation.client import Latency, SimulatedClient
from infra.simulation.scheduler import Scheduler, TaskExecutor
from infra.simulation.stream_delivery import EventSource, SimulatedDelivery

TABLE = "simulated"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class DeploymentOptions:
    """The options of a deployment. `max_lag` is the greatest lag of a stale read in seconds."""

    start: datetime
    seed: int = 1
    limits: CapacityLimits | None = None
    latency: Latency = Latency()
    source: EventSource = EventSource()
    max_lag: float = 0
    schedules: bool = True


class SimulatedDeployment:
    """One deployment. A process can have any number of them."""

    def __init__(self, options: DeploymentOptions) -> None:
        def rng(purpose: str) -> Random:
            return Random(f"{purpose} {options.seed}")

        self.scheduler = Scheduler(options.start, rng("order"))
        stale = rng("staleness")
        self.capacity = Capacity(lambda: self.scheduler.seconds, options.limits)
        self.table = InMemoryTable(
            TABLE,
            lambda: self.scheduler.seconds,
            capacity=self.capacity,
            lag=lambda: stale.uniform(0, options.max_lag),
            max_lag=options.max_lag,
        )
        self.client = SimulatedClient(self.table, self.scheduler, rng("latency"), options.latency)
        connection = Table(TABLE, region=REGION, endpoint=None, make_executor=partial(TaskExecutor, self.scheduler))
        connection.connection._client = self.client
        self.context = Context(
            settings(),
            connection,
            self.scheduler.now,
            rng("chance"),
            rng("ids"),
            pause=self.scheduler.pause,
            log=lambda _line: None,
        )
        self.delivery = SimulatedDelivery(self.scheduler, partial(handle_records, self.context), options.source)
        self.table.listen(self.delivery.enqueue)
        self._failed_schedules: list[Exception] = []
        if options.schedules:
            self._every(FINALIZE_EVERY, partial(run_finalize, self.context))
            self._every(SWEEP_EVERY, partial(run_sweep, self.context))

    def load_members(self, profiles: list[Profile]) -> None:
        """Store members without a request."""
        self.table.load(profile_item(profile).serialize() for profile in profiles)

    def run_for(self, **time: float) -> None:
        """Advance the simulated time."""
        self.scheduler.run(self.scheduler.now() + timedelta(**time))

    @property
    def crashes(self) -> list[Exception]:
        """The exceptions that stream and schedule functions raised."""
        return self.delivery.crashes + self._failed_schedules

    def _every(self, period: timedelta, job: Any) -> None:
        def run() -> None:
            self.scheduler.spawn(run, after=period.total_seconds())
            try:
                job()
            except Exception as error:  # noqa: BLE001 - as on Lambda: it runs again as scheduled
                self._failed_schedules.append(error)

        self.scheduler.spawn(run, after=period.total_seconds())


def settings() -> Settings:
    """Return the settings of a deployment without HTTP."""
    return from_environment(
        {
            "LOCKSTEP_TABLE": TABLE,
            "AWS_DEFAULT_REGION": REGION,
            "LOCKSTEP_STREAM_ARN": "unused",
            "LOCKSTEP_ISSUER": "https://issuer.invalid",
            "LOCKSTEP_AUDIENCE": "simulated",
            "LOCKSTEP_JWKS_URL": "https://issuer.invalid/keys",
            "LOCKSTEP_APP_URL": "https://app.example.org",
            "LOCKSTEP_ATTENDANCE": "off",
            "LOCKSTEP_INVITE_URL": "https://lockstep.example.org/i",
            "LOCKSTEP_CURSOR_KEY": "unused",
            "LOCKSTEP_IDENTITY_KEY": "unused",
        }
    )
