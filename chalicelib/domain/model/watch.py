"""Watches, by which a member is notified when a favorite becomes lockable (R45)."""

from datetime import date, datetime, timedelta

from chalicelib.domain.model.document import Document

# A watch notifies its member at most once in this time.
PAUSE = timedelta(hours=1)
# The changes of one favorite in an hour that are judged for its watchers, so that bookings and cancels in turn cost a
# bounded number of units.
MOST_ROUNDS = 10
# A round that is not done is given up after this time.
ROUND_KEPT = timedelta(days=1)


class Watch(Document, frozen=True, kw_only=True):
    """A favorite that a member watches, in the member's list."""

    member_id: str
    favorite_id: str
    made_at: datetime


class Watcher(Document, frozen=True, kw_only=True):
    """The copy of a watch among the watchers of the favorite.

    `notified_at` is the instant of the latest event, and `event_id` its id.
    """

    favorite_id: str
    member_id: str
    made_at: datetime
    notified_at: datetime | None = None
    event_id: str | None = None

    def is_silent(self, now: datetime) -> bool:
        """Return whether the latest event is less than an hour ago. A clock that was set back silences no watch."""
        return self.notified_at is not None and timedelta(0) <= now - self.notified_at < PAUSE


def watcher_of(watch: Watch) -> Watcher:
    """Return the copy of a new watch."""
    return Watcher(favorite_id=watch.favorite_id, member_id=watch.member_id, made_at=watch.made_at)


def watch_of(watcher: Watcher) -> Watch:
    """Return the watch of a copy."""
    return Watch(favorite_id=watcher.favorite_id, member_id=watcher.member_id, made_at=watcher.made_at)


class WatchedHour(Document, frozen=True, kw_only=True):
    """The changes of a watched favorite that were judged in an hour (R36)."""

    favorite_id: str
    hour: datetime
    changes: tuple[str, ...] = ()

    def judged(self, now: datetime) -> tuple[str, ...]:
        """Return the changes that were judged in the hour of `now`."""
        return self.changes if self.hour == _hour(now) else ()

    def is_over(self, now: datetime) -> bool:
        """Return whether the hour has no round left at `now`."""
        return len(self.judged(now)) >= MOST_ROUNDS

    def counting(self, change: str, now: datetime) -> "WatchedHour":
        """Return the document with one more change in the hour of `now`."""
        hour = _hour(now)
        return WatchedHour(
            favorite_id=self.favorite_id,
            hour=hour,
            changes=(*self.judged(now), change),
            version=self.version,
            expires=hour + ROUND_KEPT,
        )


def unused_hour(favorite_id: str, now: datetime) -> WatchedHour:
    """Return the count of a favorite whose changes were never judged."""
    return WatchedHour(favorite_id=favorite_id, hour=_hour(now))


class WatchRound(Document, frozen=True, kw_only=True):
    """The change of a favorite that is not yet judged for all watchers, of which those up to `after` are done.

    `change` identifies the change, and `at` is its instant. `date` is that of the bookings, which are ordered by start.
    """

    favorite_id: str
    booking_ids: tuple[str, ...]
    date: date
    change: str
    at: datetime
    after: str = ""


class WatchHorizon(Document, frozen=True, kw_only=True):
    """The latest start of the slots that have entered the next two weeks and were judged."""

    until: datetime


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
