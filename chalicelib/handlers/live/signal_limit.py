"""The limit of signals of a member and minute (R36)."""

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from chalicelib.domain.model.errors import RateLimited

# Two browsers that connect over several networks send about 30 signals each, and a page may connect several times.
MOST_SIGNALS = 200
MINUTE = timedelta(minutes=1)
TOO_MANY_DETAIL = f"A member sends at most {MOST_SIGNALS} signals a minute. Wait for the next minute."


class SignalLimit:
    """The signals of each member in the current minute, as one process counts them (`counts`).

    A count in the table would cost a write for each signal. So a member may send as many signals through each process
    of the function. The throttling of the gateway bounds the messages of all members together, and of one member too.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self.counts: Counter[str] = Counter()

    def count(self, member_id: str, now: datetime) -> None:
        """Count a signal of the member. Raises RateLimited beyond the limit."""
        self._add(member_id, 1, now)

    def check(self, member_id: str, now: datetime) -> None:
        """Raise RateLimited for a member who went beyond the limit in the current minute."""
        self._add(member_id, 0, now)

    def _add(self, member_id: str, number: int, now: datetime) -> None:
        minute = int(now.timestamp() // MINUTE.total_seconds())
        with self._lock:
            if minute != self._minute:
                self._minute, self.counts = minute, Counter()
            counted = self.counts[member_id] + number
            if number:
                self.counts[member_id] = counted
        if counted > MOST_SIGNALS:
            raise RateLimited(TOO_MANY_DETAIL, retry_after=MINUTE)
