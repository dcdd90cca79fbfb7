"""The context of a use case, which holds everything it needs from outside."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from time import perf_counter

from msgspec import Struct, field

from chalicelib.channels.channels import Channels, connect
from chalicelib.domain.model.ids import encode
from chalicelib.domain.model.slot import Slot
from chalicelib.settings import Messaging, Settings
from chalicelib.storage.connection import Table


class Context(Struct):
    """The settings, table, channels, time, randomness and log of one deployment.

    `clock` returns aware UTC instants. `rng` breaks ties and draws backoff and queue shards. `ids` draws ids that
    cannot be guessed. `pause` takes seconds. `queue_shards` caches the shard counts of popular slots. It is a hint: a
    use case that depends on a count reads it from the table. `log` prints one line without changing it. `stopwatch`
    returns seconds and serves log lines only.
    """

    settings: Settings
    table: Table
    clock: Callable[[], datetime]
    rng: Random
    ids: Random
    pause: Callable[[float], None]
    queue_shards: dict[Slot, int] = field(default_factory=dict)
    channels: Channels = field(default_factory=lambda: connect(Messaging(), region="", endpoint=None))
    log: Callable[[str], None] = print
    stopwatch: Callable[[], float] = perf_counter

    def token(self, length: int) -> str:
        """Return a new random id of `length` characters, five bits each."""
        return encode(self.ids.randbytes(length), length)
