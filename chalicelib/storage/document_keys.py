"""The keys of documents, and the access patterns that they serve.

| pattern                                             | key                                                       |
|-----------------------------------------------------|-----------------------------------------------------------|
| the head of a member's event log                    | `MEMBER#<id>` `NOTICES#LOG`                               |
| a member's notice settings                          | `MEMBER#<id>` `NOTICES#SETTINGS`                          |
| a push subscription, a webhook, a live connection   | `MEMBER#<id>` `NOTICES#PUSH#<id>`, `...HOOK#`, `...LIVE#` |
| all of these, the destinations of a member's events | `MEMBER#<id>` begins with `NOTICES#`                      |
| the rows of a member's event log, a ring of 1,000   | `MEMBER#<id>` `EVENT#<sequence modulo 1000>`; between     |
| a calendar feed; all of a member                    | `MEMBER#<id>` `FEED#<id>`; begins with                    |
| a calendar feed by its token                        | `CALENDAR#<digest of the token>` `FEED`                   |
| the waiting members of an hour; of a range of hours | `DEMAND#<week>` `<date>T<hour>`; between                  |
| a watch of a member; all of them                    | `MEMBER#<id>` `WATCH#OF#<favorite>`; begins with          |
| the watchers of a favorite, and their count         | `MEMBER#<id>` `WATCH#BY#<watcher>`, `WATCH#HOUR`          |
| the rounds of watchers that are not done            | `WATCHROUND` `ROUND#<change>`; begins with                |
| the slots that have entered the two weeks           | `WATCHROUND` `HORIZON`                                    |
"""

from datetime import date, datetime
from functools import singledispatch

from chalicelib.domain.model.calendar_feed import CalendarFeed, FeedAddress
from chalicelib.domain.model.demand import HourOfDemand
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import ROWS_KEPT, EventLog, EventRow
from chalicelib.domain.model.notices import LiveConnection, NoticeSettings, PushSubscription, Webhook
from chalicelib.domain.model.watch import Watch, WatchedHour, Watcher, WatchHorizon, WatchRound
from chalicelib.storage.keys import Key, member

NOTICES = "NOTICES#"
EVENT = "EVENT#"
FEED = "FEED#"
WATCH_OF = "WATCH#OF#"
WATCH_BY = "WATCH#BY#"
ROUND = "ROUND#"
# The partition of the rounds that are not done. Only changes of favorites with many watchers have one.
ROUNDS = "WATCHROUND"
DEMAND = "DEMAND#"
# The dates whose hours of demand share a partition. One query reads them.
DATES_PER_DEMAND = 7


@singledispatch
def key_of(document: Document) -> Key:
    """Return the key of a document."""
    raise TypeError(document)


@key_of.register
def _(document: EventLog) -> Key:
    return event_log(document.member_id)


@key_of.register
def _(document: EventRow) -> Key:
    return event_row(document.member_id, document.sequence)


@key_of.register
def _(document: NoticeSettings) -> Key:
    return Key(member(document.member_id), f"{NOTICES}SETTINGS")


@key_of.register
def _(document: PushSubscription) -> Key:
    return Key(member(document.member_id), f"{NOTICES}PUSH#{document.subscription_id}")


@key_of.register
def _(document: Webhook) -> Key:
    return Key(member(document.member_id), f"{NOTICES}HOOK#{document.webhook_id}")


@key_of.register
def _(document: LiveConnection) -> Key:
    return Key(member(document.member_id), f"{NOTICES}LIVE#{document.connection_id}")


@key_of.register
def _(document: CalendarFeed) -> Key:
    return calendar_feed(document.member_id, document.feed_id)


@key_of.register
def _(document: FeedAddress) -> Key:
    return feed_address(document.digest)


@key_of.register
def _(document: HourOfDemand) -> Key:
    return hour_of_demand(document.hour)


@key_of.register
def _(document: Watch) -> Key:
    return watch(document.member_id, document.favorite_id)


@key_of.register
def _(document: Watcher) -> Key:
    return watcher(document.favorite_id, document.member_id)


@key_of.register
def _(document: WatchedHour) -> Key:
    return watched_hour(document.favorite_id)


@key_of.register
def _(document: WatchRound) -> Key:
    return Key(ROUNDS, f"{ROUND}{document.booking_id}#{document.change}")


@key_of.register
def _(_document: WatchHorizon) -> Key:
    return watch_horizon()


def event_log(member_id: str) -> Key:
    """Return the key of the head of the member's event log."""
    return Key(member(member_id), f"{NOTICES}LOG")


def event_row(member_id: str, sequence: int) -> Key:
    """Return the key of a row of the member's event log. It is also that of the row before it by 1,000 (R36)."""
    return Key(member(member_id), f"{EVENT}{sequence % ROWS_KEPT:03d}")


def calendar_feed(member_id: str, feed_id: str) -> Key:
    """Return the key of a calendar feed of the member."""
    return Key(member(member_id), f"{FEED}{feed_id}")


def feed_address(digest: str) -> Key:
    """Return the key of the feed whose token has that digest."""
    return Key(f"CALENDAR#{digest}", "FEED")


def hour_of_demand(hour: datetime) -> Key:
    """Return the key of the waiting members of an hour. Hours sort by time."""
    (partition,) = demand_partitions(hour.date(), hour.date())
    return Key(partition, f"{hour:%Y-%m-%dT%H}")


def demand_partitions(first: date, last: date) -> list[str]:
    """Return the partitions of the hours of demand from one date to another, in the order of time."""
    numbers = range(first.toordinal() // DATES_PER_DEMAND, last.toordinal() // DATES_PER_DEMAND + 1)
    return [f"{DEMAND}{number}" for number in numbers]


def watch(member_id: str, favorite_id: str) -> Key:
    """Return the key of the member's watch of a favorite."""
    return Key(member(member_id), f"{WATCH_OF}{favorite_id}")


def watcher(favorite_id: str, member_id: str) -> Key:
    """Return the key of the copy of a watch among the watchers of the favorite."""
    return Key(member(favorite_id), f"{WATCH_BY}{member_id}")


def watched_hour(favorite_id: str) -> Key:
    """Return the key of the count of a favorite's judged changes."""
    return Key(member(favorite_id), "WATCH#HOUR")


def watch_horizon() -> Key:
    """Return the key of the slots that have entered the next two weeks."""
    return Key(ROUNDS, "HORIZON")
