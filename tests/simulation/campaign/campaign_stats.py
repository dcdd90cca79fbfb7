"""The counts of schedules, faults by site, environment faults and violations of a campaign."""

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.campaign.schedules import PAIR, TRIPLE, ScheduleName
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.scenarios.environment_faults import environment_faults_of
from tests.simulation.scenarios.fault_sites import Cell, FaultSite, site_of
from tests.simulation.scenarios.operations import ActorOperation, UseCase


@dataclass(frozen=True, slots=True)
class CampaignViolation:
    """A violation and the name of its schedule."""

    name: ScheduleName
    violation: str
    digest: str


@dataclass
class CampaignStats:
    """The counts of some runs. Runs of the same trace are one schedule.

    `batches` has the finished batches by kind and number. `orders` counts the orders of each pair and triple by initial
    state. `seconds` is wall-clock time, `busy` processor time.
    """

    batches: set[tuple[str, int]] = field(default_factory=set)
    runs: Counter[str] = field(default_factory=Counter)
    orders: Counter[tuple[str, tuple[ActorOperation, ...]]] = field(default_factory=Counter)
    schedules: set[bytes] = field(default_factory=set)
    requests: Counter[FaultSite] = field(default_factory=Counter)
    hits: Counter[Cell] = field(default_factory=Counter)
    environment_faults: Counter[tuple[UseCase, str]] = field(default_factory=Counter)
    found: list[CampaignViolation] = field(default_factory=list)
    seconds: float = 0
    busy: float = 0

    def count(self, name: ScheduleName, run: SimulationRun) -> None:
        """Count a run that was drained and checked."""
        self.runs[name.kind] += 1
        if name.kind in (PAIR, TRIPLE):
            self.orders[run.initial_state.name, run.scenario.operations] += 1
        self.schedules.add(run.digest())
        for one in run.sent:
            if one.actor is not None:
                where = site_of(run.operation_runs[one.actor].operation.use_case, one.request)
                self.requests[where] += 1
                if one.fault:
                    self.hits[Cell(where, one.fault)] += 1
        use_cases = {operation.use_case for operation in run.scenario.operations}
        self.environment_faults.update(
            (use_case, environment_fault)
            for environment_fault in environment_faults_of(run.scenario)
            for use_case in use_cases
        )
        if run.violation:
            self.found.append(CampaignViolation(name, str(run.violation), run.digest().hex()))

    def add(self, other: "CampaignStats") -> None:
        """Add the counts of other runs."""
        self.batches |= other.batches
        self.runs.update(other.runs)
        self.orders.update(other.orders)
        self.schedules |= other.schedules
        self.requests.update(other.requests)
        self.hits.update(other.hits)
        self.environment_faults.update(other.environment_faults)
        self.found += other.found
        self.busy += other.busy
