"""What every use case is given: settings, time, chance, ids and a way to pause."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from chalicelib.config import Settings
from chalicelib.domain.identity import encode


@dataclass
class Lockstep:
    """One deployment.

    `clock` gives aware UTC instants, `chance` breaks ties and spreads retries, `ids` makes ids that nobody guesses,
    `pause` takes seconds.
    """

    settings: Settings
    clock: Callable[[], datetime]
    chance: Random
    ids: Random
    pause: Callable[[float], None]

    def token(self, length: int) -> str:
        """A new random id of `length` characters, five bits each."""
        return encode(self.ids.randbytes(length), length)
