"""The keys of documents, and the access patterns that they serve.

| pattern                                             | key                                                       |
|-----------------------------------------------------|-----------------------------------------------------------|
| the head of a member's event log                    | `MEMBER#<id>` `NOTICES#LOG`                               |
| a member's notice settings                          | `MEMBER#<id>` `NOTICES#SETTINGS`                          |
| a push subscription, a webhook, a live connection   | `MEMBER#<id>` `NOTICES#PUSH#<id>`, `...HOOK#`, `...LIVE#` |
| all of these, the destinations of a member's events | `MEMBER#<id>` begins with `NOTICES#`                      |
| the rows of a member's event log, a ring of 500     | `MEMBER#<id>` `LOG#<sequence modulo 500>`; between        |
| a calendar feed; all of a member                    | `MEMBER#<id>` `CALENDAR#<id>`; begins with                |
| a calendar feed by its token                        | `CALENDAR#<digest of the token>` `FEED`                   |
| the claim to send a mail to a member                | `MEMBER#<id>` `SENT#EMAIL#<id of the mail>`               |
| what is known of an e-mail address                  | `ADDRESS#<digest>` `ADDRESS`                              |
| the deliveries to a webhook, newest event first     | `MEMBER#<id>` `SENT#HOOK#<webhook>#<instant>#<event>`     |
| the number of deliveries that a member requested    | `MEMBER#<id>` `SENT#REQUESTED`                            |
| the sessions that start on a date, by start         | `START#<date>#<shard>` `<slot>#<booking>`; between        |
| the instant up to which starts are announced        | `START#ANNOUNCED` `UNTIL`                                 |
| the member of a live connection                     | `LIVE#<connection>` `OWNER`                               |
| the waiting members of an hour; of a range of hours | `DEMAND#<week>` `<date>T<hour>`; between                  |
| a watch of a member; all of them                    | `MEMBER#<id>` `WATCH#OF#<favorite>`; begins with          |
| the watchers of a favorite, and their count         | `MEMBER#<id>` `WATCH#BY#<watcher>`, `WATCH#HOUR`          |
| the rounds of watchers that are not done            | `WATCHROUND` `ROUND#<favorite>#<change>`; begins with     |
| the slots that have entered the two weeks           | `WATCHROUND` `HORIZON`                                    |
| a repeat of a member; all of them                   | `MEMBER#<id>` `REPEAT#OF#<repeat>`; begins with           |
| the instant at which a member's repeats are due     | `MEMBER#<id>` `REPEAT#DUE`                                |
| an ended repeat with sessions to cancel             | `MEMBER#<id>` `REPEAT#ENDED#<repeat>`                     |
| the members with due repeats, by instant            | `REPEATDUE#<shard>` `<instant>#<member>`; between         |
| a report of a member; all of them                   | `MEMBER#<id>` `REPORT#<report>`; begins with              |
| the reports of a month, as staff see them           | `REPORTS#<yyyy-mm>` `<instant>#<report>`                  |
| the acts of staff in a month                        | `STAFFLOG#<yyyy-mm>` `<instant>#<line>`                   |
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.domain.model.calendar_feed import CalendarFeed, FeedAddress
from chalicelib.domain.model.demand import HourOfDemand
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import ROWS_KEPT, Event, EventLog, EventRow
from chalicelib.domain.model.mail_records import AddressRecord, SentMail
from chalicelib.domain.model.notices import (
    LiveConnection,
    LiveConnectionOwner,
    NoticeSettings,
    PushSubscription,
    Webhook,
)
from chalicelib.domain.model.repeat import DueRepeats, EndedRepeat, Repeat, RepeatSchedule
from chalicelib.domain.model.report import ListedReport, Report
from chalicelib.domain.model.session_start import AnnouncedStarts, StartRow
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.staff_line import StaffLine
from chalicelib.domain.model.watch import Watch, WatchedHour, Watcher, WatchHorizon, WatchRound
from chalicelib.domain.model.webhook_delivery import RequestedDeliveries, WebhookDelivery
from chalicelib.storage.keys import Key, member, slot_prefix

# No document of a member sorts from `DAY#` to `GUARD#`: a booking reads all items between, and would pay for it.
NOTICES = "NOTICES#"
EVENT = "LOG#"
FEED = "CALENDAR#"
SENT = "SENT#"
START = "START#"
# A popular hour of a date is spread over this number of partitions.
START_SHARDS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
LIVE = "LIVE#"
WATCH = "WATCH#"
WATCH_OF = f"{WATCH}OF#"
WATCH_BY = f"{WATCH}BY#"
REPEAT = "REPEAT#"
REPEAT_OF = f"{REPEAT}OF#"
REPEATS_DUE = "REPEATDUE#"
# The list of the members with due repeats is spread over this number of partitions.
DUE_SHARDS = 4
REPORT = "REPORT#"
REPORTS = "REPORTS#"
# No function may change or delete an item of these partitions (R47).
STAFF_LOG = "STAFFLOG#"
# The documents of a member, which the deletion of the account erases.
OF_MEMBER = (NOTICES, EVENT, FEED, SENT, WATCH, REPEAT, REPORT)
ANNOUNCED_STARTS = Key(f"{START}ANNOUNCED", "UNTIL")
ROUND = "ROUND#"
# The partition of the rounds that are not done. Only changes of favorites with many watchers have one.
ROUNDS = "WATCHROUND"
DEMAND = "DEMAND#"
# The dates whose hours of demand share a partition. One query reads them.
DATES_PER_DEMAND = 7


def key_of(document: Document) -> Key:
    """Return the key of a document."""
    return _KEYS[type(document)](document)


def live_connection_owner(connection_id: str) -> Key:
    """Return the key of the member of a live connection."""
    return Key(f"{LIVE}{connection_id}", "OWNER")


def event_log(member_id: str) -> Key:
    """Return the key of the head of the member's event log."""
    return Key(member(member_id), f"{NOTICES}LOG")


def starts(on: date, shard: int) -> str:
    """Return one of the partitions with the sessions that start on a date."""
    return f"{START}{on.isoformat()}#{shard}"


def event_row(member_id: str, sequence: int) -> Key:
    """Return the key of a row of the member's event log. It is also that of the row before it by 500 (R36)."""
    return Key(member(member_id), f"{EVENT}{sequence % ROWS_KEPT:03d}")


def push_subscription(member_id: str, subscription_id: str) -> Key:
    """Return the key of a push subscription of the member."""
    return Key(member(member_id), f"{NOTICES}PUSH#{subscription_id}")


def calendar_feed(member_id: str, feed_id: str) -> Key:
    """Return the key of a calendar feed of the member."""
    return Key(member(member_id), f"{FEED}{feed_id}")


def feed_address(digest: str) -> Key:
    """Return the key of the feed whose token has that digest."""
    return Key(f"CALENDAR#{digest}", "FEED")


def notice_settings(member_id: str) -> Key:
    """Return the key of the member's notice settings."""
    return Key(member(member_id), f"{NOTICES}SETTINGS")


def sent_mail(member_id: str, mail_id: str) -> Key:
    """Return the key of the claim to send a mail."""
    return Key(member(member_id), f"{SENT}EMAIL#{mail_id}")


def address_record(digest: str) -> Key:
    """Return the key of the record of an e-mail address."""
    return Key(f"ADDRESS#{digest}", "ADDRESS")


def webhook(member_id: str, webhook_id: str) -> Key:
    """Return the key of a webhook."""
    return Key(member(member_id), f"{NOTICES}HOOK#{webhook_id}")


def deliveries_to(webhook_id: str) -> str:
    """Return the beginning of the sort keys of the deliveries to a webhook."""
    return f"{SENT}HOOK#{webhook_id}#"


def webhook_delivery(member_id: str, webhook_id: str, event: Event) -> Key:
    """Return the key of the delivery of an event to a webhook. Deliveries sort by the instants of their events."""
    at = (event.at - _EPOCH) // _MILLISECOND
    return Key(member(member_id), f"{deliveries_to(webhook_id)}{at:015d}#{event.event_id}")


def requested_deliveries(member_id: str) -> Key:
    """Return the key of the number of deliveries that the member requested."""
    return Key(member(member_id), f"{SENT}REQUESTED")


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
    return Key(member(favorite_id), f"{WATCH}HOUR")


def watch_horizon() -> Key:
    """Return the key of the slots that have entered the next two weeks."""
    return Key(ROUNDS, "HORIZON")


def live_connection(member_id: str, connection_id: str) -> Key:
    """Return the key of a live connection of the member."""
    return Key(member(member_id), f"{NOTICES}LIVE#{connection_id}")


def start_row(slot: Slot, booking_id: str) -> Key:
    """Return the key of a session in the list of those that start on its date."""
    shard = zlib.crc32(booking_id.encode()) % START_SHARDS
    return Key(starts(slot.date, shard), f"{slot_prefix(slot)}{booking_id}")


def watch_round(favorite_id: str, change: str) -> Key:
    """Return the key of a change of a favorite that is not yet judged for all watchers."""
    return Key(ROUNDS, f"{ROUND}{favorite_id}#{change}")


def repeat(member_id: str, repeat_id: str) -> Key:
    """Return the key of a repeat of the member."""
    return Key(member(member_id), f"{REPEAT_OF}{repeat_id}")


def ended_repeat(member_id: str, repeat_id: str) -> Key:
    """Return the key of an ended repeat whose sessions are not all cancelled."""
    return Key(member(member_id), f"{REPEAT}ENDED#{repeat_id}")


def repeat_schedule(member_id: str) -> Key:
    """Return the key of the instant at which the member's repeats are due."""
    return Key(member(member_id), f"{REPEAT}DUE")


def repeats_due(shard: int) -> str:
    """Return one of the partitions with the members whose repeats are due."""
    return f"{REPEATS_DUE}{shard}"


def due_repeats(member_id: str, due: datetime) -> Key:
    """Return the key of a member in the list of those with due repeats. Members sort by the instant."""
    return Key(repeats_due(zlib.crc32(member_id.encode()) % DUE_SHARDS), f"{due_prefix(due)}#{member_id}")


def due_prefix(instant: datetime) -> str:
    """Return the beginning of the sort keys of the members whose repeats are due at an instant."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}"


def report(member_id: str, report_id: str) -> Key:
    """Return the key of a member's report."""
    return Key(member(member_id), f"{REPORT}{report_id}")


def of_month(prefix: str, month: date) -> str:
    """Return the partition with the reports or the acts of staff of a month."""
    return f"{prefix}{month:%Y-%m}"


def in_month(prefix: str, at: datetime, listed_id: str) -> Key:
    """Return the key of a report or an act of staff in its month, where both sort by time."""
    return Key(of_month(prefix, at.date()), f"{at:%Y-%m-%dT%H:%M:%S.%f}#{listed_id}")


# The key of each kind of document. A test compares it with the kinds that are stored.
_KEYS: Mapping[type[Document], Callable[[Any], Key]] = {
    AddressRecord: lambda one: address_record(one.digest),
    AnnouncedStarts: lambda _one: ANNOUNCED_STARTS,
    CalendarFeed: lambda one: calendar_feed(one.member_id, one.feed_id),
    DueRepeats: lambda one: due_repeats(one.member_id, one.due),
    EndedRepeat: lambda one: ended_repeat(one.member_id, one.repeat_id),
    EventLog: lambda one: event_log(one.member_id),
    EventRow: lambda one: event_row(one.member_id, one.sequence),
    FeedAddress: lambda one: feed_address(one.digest),
    HourOfDemand: lambda one: hour_of_demand(one.hour),
    ListedReport: lambda one: in_month(REPORTS, one.reported_at, one.report_id),
    LiveConnection: lambda one: live_connection(one.member_id, one.connection_id),
    LiveConnectionOwner: lambda one: live_connection_owner(one.connection_id),
    NoticeSettings: lambda one: notice_settings(one.member_id),
    PushSubscription: lambda one: push_subscription(one.member_id, one.subscription_id),
    Repeat: lambda one: repeat(one.member_id, one.repeat_id),
    RepeatSchedule: lambda one: repeat_schedule(one.member_id),
    Report: lambda one: report(one.member_id, one.report_id),
    RequestedDeliveries: lambda one: requested_deliveries(one.member_id),
    SentMail: lambda one: sent_mail(one.member_id, one.mail_id),
    StaffLine: lambda one: in_month(STAFF_LOG, one.at, one.line_id),
    StartRow: lambda one: start_row(one.slot, one.booking_id),
    Watch: lambda one: watch(one.member_id, one.favorite_id),
    WatchedHour: lambda one: watched_hour(one.favorite_id),
    Watcher: lambda one: watcher(one.favorite_id, one.member_id),
    WatchHorizon: lambda _one: watch_horizon(),
    WatchRound: lambda one: watch_round(one.favorite_id, one.change),
    Webhook: lambda one: webhook(one.member_id, one.webhook_id),
    WebhookDelivery: lambda one: webhook_delivery(one.member_id, one.webhook_id, one.event),
}
