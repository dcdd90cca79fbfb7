"""What a campaign has played: how many schedules, which faults hit where, what else was out of joint or wrong."""

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.campaign.schedules import PAIR, THREE, Name
from tests.simulation.engine.play import Play
from tests.simulation.scenarios.environment_faults import disorders
from tests.simulation.scenarios.fault_sites import Cell, Site, site
from tests.simulation.scenarios.operations import Operation, Verb


@dataclass(frozen=True, slots=True)
class Found:
    """A violation, and the name under which it is played again."""

    name: Name
    violation: str
    digest: str


@dataclass
class Tally:
    """What some plays have been, to be added to that of others; two plays of the same trace are one schedule.

    `batches` are those that were played, by kind and number; `orders` tells in how many which two or three operations
    were played in which scene. `seconds` are those of the clock, `busy` those that processors took.
    """

    batches: set[tuple[str, int]] = field(default_factory=set)
    plays: Counter[str] = field(default_factory=Counter)
    orders: Counter[tuple[str, tuple[Operation, ...]]] = field(default_factory=Counter)
    schedules: set[bytes] = field(default_factory=set)
    requests: Counter[Site] = field(default_factory=Counter)
    hits: Counter[Cell] = field(default_factory=Counter)
    disorders: Counter[tuple[Verb, str]] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    seconds: float = 0
    busy: float = 0

    def count(self, name: Name, play: Play) -> None:
        """Count a play that has come to rest."""
        self.plays[name.kind] += 1
        if name.kind in (PAIR, THREE):
            self.orders[play.scene.name, play.script.operations] += 1
        self.schedules.add(play.digest())
        for one in play.sent:
            if one.actor is not None:
                where = site(play.acts[one.actor].operation.verb, one.request)
                self.requests[where] += 1
                if one.fault:
                    self.hits[Cell(where, one.fault)] += 1
        verbs = {operation.verb for operation in play.script.operations}
        self.disorders.update((verb, disorder) for disorder in disorders(play.script) for verb in verbs)
        if play.violation:
            self.found.append(Found(name, str(play.violation), play.digest().hex()))

    def add(self, other: "Tally") -> None:
        """Take in what others have played."""
        self.batches |= other.batches
        self.plays.update(other.plays)
        self.orders.update(other.orders)
        self.schedules |= other.schedules
        self.requests.update(other.requests)
        self.hits.update(other.hits)
        self.disorders.update(other.disorders)
        self.found += other.found
        self.busy += other.busy
