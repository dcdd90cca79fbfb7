"""The metrics of one event, which is a request, a stream record or a scheduled run.

They are in a context variable, because the storage layer counts request units. Otherwise every read would need an
argument for them. Concurrent events have separate metrics.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from msgspec import Struct, field

from chalicelib.domain.decisions.commit_metrics import CommitMetrics
from chalicelib.domain.model.limit_use import LimitUse


class EventMetrics(Struct, eq=False):
    """The member, API key, outcome, attempts and request units of one event.

    `code` is the stable code of a refusal. `attempts` counts the attempts of all operations, `retries` those after the
    first, `conflicts` those that failed by a conflict. `left` counts the jobs and slots left for a later run. Units are
    those that the table reports, and it reports none for a refused transaction. The counters are thread-safe.
    `limit_uses` are those of the caller after the event, as far as it has read them.
    """

    member: str | None = None
    key: str | None = None
    code: str | None = None
    error: BaseException | None = None
    attempts: int = 0
    retries: int = 0
    conflicts: int = 0
    left: int = 0
    read_units: float = 0
    write_units: float = 0
    limit_uses: Sequence[LimitUse] = ()
    commit_metrics: list[CommitMetrics] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def units(self) -> float:
        """The read and write units together."""
        return self.read_units + self.write_units

    def count_attempt(self, number: int) -> None:
        """Count one attempt of an operation. The first has number 1."""
        with self._lock:
            self.attempts += 1
            self.retries += number > 1

    def count_conflict(self) -> None:
        """Count one attempt that failed by a conflict."""
        with self._lock:
            self.conflicts += 1

    def count_left(self) -> None:
        """Count one piece of work that is left for a later run."""
        with self._lock:
            self.left += 1

    def count_units(self, *, read: float = 0, write: float = 0) -> None:
        """Count request units that the table reports."""
        with self._lock:
            self.read_units += read
            self.write_units += write


_current: ContextVar[EventMetrics | None] = ContextVar("event_metrics", default=None)


@contextmanager
def collect_metrics() -> Iterator[EventMetrics]:
    """Collect the metrics of one event in this block and in the threads that its reads start."""
    metrics = EventMetrics()
    before = _current.set(metrics)
    try:
        yield metrics
    finally:
        _current.reset(before)


def current_metrics() -> EventMetrics:
    """Return the metrics of the current event, or new ones outside of every event."""
    return _current.get() or EventMetrics()


def reason_of(error: BaseException) -> str | None:
    """Return the table's error code for a failed request, or None if there is none.

    PynamoDB's `cause_response_code` fails for a lost connection, whose cause has the response None.
    """
    response = getattr(getattr(error, "cause", None), "response", None) or {}
    code: str | None = response.get("Error", {}).get("Code")
    return code
