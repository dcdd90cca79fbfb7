"""What every use case is given: settings, time, chance and a way to pause."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from chalicelib.config import Settings
from chalicelib.domain.identity import encode


@dataclass
class Lockstep:
    """One deployment. `clock` gives aware UTC instants; `chance` makes ids and breaks ties; `pause` takes seconds."""

    settings: Settings
    clock: Callable[[], datetime]
    chance: Random
    pause: Callable[[float], None]

    def token(self, length: int) -> str:
        """A new random id of `length` characters, five bits each."""
        return encode(self.chance.randbytes(length), length)
