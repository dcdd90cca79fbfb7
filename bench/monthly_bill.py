"""The lines of a month's bill, from the use of a number of members and the measured request units of their requests."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from bench.member_month import (
    DAYS,
    MINUTES,
    MemberUse,
    announcements_of,
    calls_of,
    live_use_of,
    table_work_of,
)
from bench.prices import PRICES
from bench.worst_account import CallCost
from chalicelib.event_sources import FINALIZE_EVERY, QUEUE_SOURCES, SWEEP_EVERY
from chalicelib.handlers.event_log import METRICS
from infra.cloudformation.alarms import ALARMS
from infra.cloudformation.intrinsic import API_FUNCTION
from infra.cloudformation.stack_parameters import STACK_PARAMETERS
from infra.cloudformation.template import additions

GB = 2**30
# The items of a member, of a booking for good, and of a booking for the week in which its events are kept. In a trace
# of 800 bookings 642 days had 252 bytes on average. DynamoDB adds 100 to each item.
ITEMS_A_MEMBER, ITEMS_A_BOOKING, ITEMS_OF_A_WEEK, BYTES_AN_ITEM = 8, 0.8, 5, 350
# The age of the deployment.
MONTHS = 12
BACKUP_DAYS = int(STACK_PARAMETERS["BackupDays"].default or 0)
# Deletions, suspensions and lifted ones are rare. This is one a month for each hundred members.
LEDGER_ENTRIES_A_MEMBER, BYTES_AN_ENTRY = 0.01, 1_000
# The bytes of the lines of one run of a function with those of the platform, and of the gateway's line of one request.
LOG_BYTES_A_RUN, LOG_BYTES_A_REQUEST = 800, 300
# Bytes that a visit loads from the edge. A browser keeps the files of the app.
EDGE_BYTES_A_REQUEST, FILES_A_VISIT = 3_000, 5
# Lambda keeps five requests open at each queue, of 20 seconds each, and so do messages: sent, received, deleted.
POLLS_A_QUEUE = 5 * MINUTES * 3
REQUESTS_A_MESSAGE = 3
# One list of rules at the edge and one at the gateway, each with a rule for the rate of an address.
ACCESS_LISTS = 2


class FunctionUse(Struct, frozen=True):
    """The memory of a function in MB and the assumed milliseconds of a run."""

    memory: int
    milliseconds: float


# Memory as in .chalice/config.json. The time is an assumption, of processor time at that share of a core and of waiting
# for the table.
FUNCTION_USE = {
    API_FUNCTION: FunctionUse(512, 100),
    "Rematch": FunctionUse(1024, 150),
    "Events": FunctionUse(1024, 150),
    "DeliverEmail": FunctionUse(512, 200),
    "DeliverPush": FunctionUse(512, 300),
    "DeliverWebhook": FunctionUse(512, 400),
    "DeliverLive": FunctionUse(512, 100),
    "WebsocketConnect": FunctionUse(512, 20),
    "WebsocketMessage": FunctionUse(1024, 60),
    "WebsocketDisconnect": FunctionUse(512, 60),
    "Finalize": FunctionUse(1769, 200),
    "Sweep": FunctionUse(1769, 4_000),
    "Audit": FunctionUse(1769, 5_000),
}
# The runs that start a new process, as a share of all.
STARTS_A_RUN = 0.01
# The units of the schedules in a month: each run of finalize reads 1 unit, and where starts are due 5 more. A sweep of
# all dates reads 396 units, the list of due repeats 4 and the hours of demand 7.
FINALIZE_RUNS, SWEEP_RUNS = MINUTES / (FINALIZE_EVERY.seconds / 60), MINUTES / (SWEEP_EVERY.seconds / 60)
SCHEDULED_READS = FINALIZE_RUNS * (1 + 5 * 2 / 15) + SWEEP_RUNS * (396 + 4 + 7)
SCHEDULED_WRITES = FINALIZE_RUNS * 2 * 2 / 15
READS_A_CHECKED_ITEM = 1.5


class BillLine(Struct, frozen=True):
    """A line of the bill, with the quantity of a month at one price."""

    name: str
    price: str
    quantity: float

    @property
    def dollars(self) -> float:
        """The dollars of the month."""
        return PRICES[self.price].dollars(self.quantity)


class CommunityUse(Struct, frozen=True):
    """A number of members of one use, and the measured costs of their requests by name."""

    members: int
    use: MemberUse
    costs: Mapping[str, CallCost]

    @property
    def bookings(self) -> float:
        """The bookings of a month."""
        return self.members * self.use.bookings

    @property
    def requests(self) -> float:
        """The requests to the API in a month."""
        return self.members * sum(calls_of(self.use).values())

    @property
    def items(self) -> float:
        """The items of the table."""
        of_a_booking = MONTHS * ITEMS_A_BOOKING + ITEMS_OF_A_WEEK * 7 / DAYS
        return self.members * ITEMS_A_MEMBER + self.bookings * of_a_booking

    def runs(self) -> dict[str, float]:
        """Return the runs of each function in a month."""
        said, live = announcements_of(self.use), live_use_of(self.use)
        each = {
            API_FUNCTION: sum(calls_of(self.use).values()),
            "Rematch": self.use.bookings,
            "Events": said.day_writes,
            "DeliverEmail": said.mails,
            "DeliverPush": said.pushes,
            "DeliverWebhook": said.posts,
            "DeliverLive": said.events,
            "WebsocketConnect": live.connections,
            "WebsocketMessage": live.runs,
            "WebsocketDisconnect": live.connections,
        }
        return {
            **{name: self.members * times for name, times in each.items()},
            "Finalize": FINALIZE_RUNS,
            "Sweep": SWEEP_RUNS,
            "Audit": DAYS,
        }

    def units(self) -> tuple[float, float]:
        """Return the write units and read units of a month."""
        calls = calls_of(self.use)
        rest = table_work_of(self.use)
        written = rest.write_units + sum(repeated_writes(self.costs[name]) * times for name, times in calls.items())
        read = rest.read_units + sum(self.costs[name].read_units * times for name, times in calls.items())
        checked = DAYS * READS_A_CHECKED_ITEM * self.items
        return self.members * written + SCHEDULED_WRITES, self.members * read + SCHEDULED_READS + checked


def repeated_writes(cost: CallCost) -> float:
    """Return the write units of a request without that of the first request of its kind on its date."""
    return max(0.0, cost.write_units - 1)


def lines_of(community: CommunityUse) -> list[BillLine]:
    """Return the bill of a month."""
    return [
        *_gateway(community),
        *_functions(community),
        *_table(community),
        *_copies(community),
        *_messages(community),
        *_watching(community),
        *_edge(community),
        BillLine("sign-in: members", "members", community.members),
    ]


def total(lines: list[BillLine]) -> float:
    """Return the dollars of all lines."""
    return sum(line.dollars for line in lines)


def snapshot_functions() -> list[str]:
    """Return the functions that start from a snapshot (SnapStart) by the template."""
    resources = additions()["Resources"]
    return [name for name in FUNCTION_USE if "SnapStart" in resources[name]["Properties"]]


def gigabyte_seconds(community: CommunityUse) -> dict[str, float]:
    """Return the GB-seconds of each function in a month."""
    return {
        name: runs * FUNCTION_USE[name].memory / 1024 * FUNCTION_USE[name].milliseconds / 1000
        for name, runs in community.runs().items()
    }


def _gateway(community: CommunityUse) -> Iterator[BillLine]:
    live = live_use_of(community.use)
    events = announcements_of(community.use).events
    yield BillLine("gateway: requests", "requests", community.requests)
    yield BillLine("socket: messages", "messages", community.members * live.messages(events))
    yield BillLine("socket: minutes", "minutes", community.members * live.minutes)


def _functions(community: CommunityUse) -> Iterator[BillLine]:
    yield BillLine("Lambda: runs", "runs", sum(community.runs().values()))
    yield BillLine("Lambda: GB-seconds", "work", sum(gigabyte_seconds(community).values()))
    restored = sum(FUNCTION_USE[name].memory / 1024 * community.runs()[name] for name in snapshot_functions())
    cached = sum(FUNCTION_USE[name].memory / 1024 for name in snapshot_functions())
    yield BillLine("Lambda: stored snapshots", "snapshots", cached * MINUTES * 60)
    yield BillLine("Lambda: restored snapshots", "restored snapshots", restored * STARTS_A_RUN)


def _table(community: CommunityUse) -> Iterator[BillLine]:
    written, read = community.units()
    stored = community.items * BYTES_AN_ITEM / GB
    yield BillLine("table: writes", "write units", written)
    yield BillLine("table: reads", "read units", read)
    yield BillLine("table: storage", "storage", stored)
    yield BillLine("table: point-in-time recovery", "recovery", stored)


def _copies(community: CommunityUse) -> Iterator[BillLine]:
    """Yield the lines of daily backups and of the ledger, each with a copy in another region."""
    stored = community.items * BYTES_AN_ITEM / GB
    entries = community.members * LEDGER_ENTRIES_A_MEMBER
    yield BillLine("backups: storage", "backups", 2 * BACKUP_DAYS * stored)
    yield BillLine("backups: transfer", "copied bytes", DAYS * stored)
    yield BillLine("ledger: writes", "file writes", 2 * entries)
    yield BillLine("ledger: storage", "file storage", 2 * MONTHS * entries * BYTES_AN_ENTRY / GB)


def _messages(community: CommunityUse) -> Iterator[BillLine]:
    said = announcements_of(community.use)
    messages = community.members * (said.events + said.mails + said.pushes + said.posts)
    polls = POLLS_A_QUEUE * len(QUEUE_SOURCES)
    yield BillLine("queues: requests", "queue requests", REQUESTS_A_MESSAGE * messages + polls)
    yield BillLine("event bus: events", "bus events", community.members * said.events)
    yield BillLine("mail: mails", "mails", community.members * said.mails)


def _watching(community: CommunityUse) -> Iterator[BillLine]:
    logged = LOG_BYTES_A_RUN * sum(community.runs().values()) + LOG_BYTES_A_REQUEST * community.requests
    yield BillLine("logs: written", "log bytes", logged / GB)
    yield BillLine("logs: stored", "log storage", logged / GB)
    yield BillLine("metrics", "metrics", len(METRICS))
    yield BillLine("alarms", "alarms", len(ALARMS))
    yield BillLine("dashboard", "dashboards", 1)


def _edge(community: CommunityUse) -> Iterator[BillLine]:
    visits = community.bookings * community.use.visits_a_booking
    files = visits * FILES_A_VISIT
    requests = files + community.requests
    yield BillLine("CloudFront: requests", "edge requests", requests)
    yield BillLine("CloudFront: calls of the function", "edge runs", files)
    yield BillLine("CloudFront: bytes", "edge bytes", requests * EDGE_BYTES_A_REQUEST / GB)
    yield BillLine("files: storage", "file storage", 0.01)
    yield BillLine("firewall: lists", "access lists", ACCESS_LISTS)
    yield BillLine("firewall: rules", "firewall rules", ACCESS_LISTS)
    yield BillLine("firewall: requests", "inspected requests", requests + community.requests)
    yield BillLine("DNS: zone", "zones", 1)
