"""What is noted while one event is handled: a request, a record of the stream, a run of a schedule.

It is found by the context and not passed in: what the table charges comes to light where no use case is known, and
would else be an argument of every read. Each event has one of its own, however many are handled at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from msgspec import Struct, field

from chalicelib.domain.decisions.commit_metrics import CommitMetrics


class EventMetrics(Struct, eq=False):
    """One event: whose it is, why it was refused or what failed it, and what it took.

    `code` is the stable code of a refusal. `attempts` counts the tries of all operations, `retries` those that were not
    the first, `conflicts` those lost to somebody else; `left` counts the work left for a later run. Units are what the
    table told: it tells none for a transaction that it refused. Threads that work on one event count at the same time.
    """

    member: str | None = None
    code: str | None = None
    error: BaseException | None = None
    attempts: int = 0
    retries: int = 0
    conflicts: int = 0
    left: int = 0
    read_units: float = 0
    write_units: float = 0
    commit_metrics: list[CommitMetrics] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def tried(self, number: int) -> None:
        """Count the try of an operation that has that number, from 1."""
        with self._lock:
            self.attempts += 1
            self.retries += number > 1

    def lost(self) -> None:
        """Count a try that was lost to somebody else."""
        with self._lock:
            self.conflicts += 1

    def charged(self, *, read: float = 0, write: float = 0) -> None:
        """Count request units that the table charged."""
        with self._lock:
            self.read_units += read
            self.write_units += write


_current: ContextVar[EventMetrics | None] = ContextVar("observation", default=None)


@contextmanager
def collect_metrics() -> Iterator[EventMetrics]:
    """Observe what happens inside, in threads too that `side_by_side` starts there."""
    observation = EventMetrics()
    before = _current.set(observation)
    try:
        yield observation
    finally:
        _current.reset(before)


def current_metrics() -> EventMetrics:
    """The event that is being handled; where nobody observes, one that nobody will look at."""
    return _current.get() or EventMetrics()


def reason_of(error: BaseException) -> str | None:
    """Return the table's error code for a failed request, None where it gave none.

    PynamoDB's own `cause_response_code` fails for a connection that was lost: such a cause has a response that is None.
    """
    response = getattr(getattr(error, "cause", None), "response", None) or {}
    code: str | None = response.get("Error", {}).get("Code")
    return code
