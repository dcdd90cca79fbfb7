"""What a campaign has played: how many schedules, which faults hit where, what else was out of joint or wrong."""

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.campaign.schedules import PAIR, TRIPLE, ScheduleName
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.scenarios.environment_faults import environment_faults_of
from tests.simulation.scenarios.fault_sites import Cell, FaultSite, site_of
from tests.simulation.scenarios.operations import ActorOperation, UseCase


@dataclass(frozen=True, slots=True)
class CampaignViolation:
    """A violation, and the name under which it is played again."""

    name: ScheduleName
    violation: str
    digest: str


@dataclass
class CampaignStats:
    """What some plays have been, to be added to that of others; two plays of the same trace are one schedule.

    `batches` are those that were played, by kind and number; `orders` tells in how many which two or three operations
    were played in which scene. `seconds` are those of the clock, `busy` those that processors took.
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
        """Count a play that has come to rest."""
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
        """Take in what others have played."""
        self.batches |= other.batches
        self.runs.update(other.runs)
        self.orders.update(other.orders)
        self.schedules |= other.schedules
        self.requests.update(other.requests)
        self.hits.update(other.hits)
        self.environment_faults.update(other.environment_faults)
        self.found += other.found
        self.busy += other.busy
