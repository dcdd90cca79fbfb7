"""What every use case is given: settings, time, chance, ids, a way to pause and a place for metrics."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from chalicelib.config import Settings
from chalicelib.domain.identity import encode
from chalicelib.domain.slot import Slot


@dataclass
class Lockstep:
    """One deployment.

    `clock` gives aware UTC instants, `chance` breaks ties and spreads retries, `ids` makes ids that nobody guesses,
    `pause` takes seconds, `tell` a line of metrics, which must come out as it is. `lanes` is what this process knows of
    popular slots: a hint, asked of the table where it matters.
    """

    settings: Settings
    clock: Callable[[], datetime]
    chance: Random
    ids: Random
    pause: Callable[[float], None]
    lanes: dict[Slot, int] = field(default_factory=dict)
    tell: Callable[[str], None] = print

    def token(self, length: int) -> str:
        """A new random id of `length` characters, five bits each."""
        return encode(self.ids.randbytes(length), length)
