"""What every use case is given: settings, table, time, chance, ids, a way to pause and a place for the log."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from time import perf_counter

from msgspec import Struct, field

from chalicelib.domain.model.ids import encode
from chalicelib.domain.model.slot import Slot
from chalicelib.settings import Settings
from chalicelib.storage.connection import Table


class Context(Struct):
    """One deployment.

    `clock` gives aware UTC instants, `chance` breaks ties and spreads retries, `ids` makes ids that nobody guesses,
    `pause` takes seconds. `lanes` is what this process knows of popular slots: a hint, asked of the table where it
    matters. `tell` takes a line of the log, which must come out as it is; `stopwatch` gives seconds, for lines alone.
    """

    settings: Settings
    table: Table
    clock: Callable[[], datetime]
    rng: Random
    ids: Random
    pause: Callable[[float], None]
    queue_shards: dict[Slot, int] = field(default_factory=dict)
    log: Callable[[str], None] = print
    stopwatch: Callable[[], float] = perf_counter

    def token(self, length: int) -> str:
        """A new random id of `length` characters, five bits each."""
        return encode(self.ids.randbytes(length), length)
