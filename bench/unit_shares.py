"""The request units of each piece of work by kind of partition, counted by the ledger on the embedded engine.

Members book, match, cancel and join with the deployed use cases. The functions of the stream and of the schedule get
the real records. A kind is the beginning of a partition key, such as `POOL#`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from msgspec import Struct

from bench.request_units import Entry, RequestUnitLedger
from bench.trace import new_table
from chalicelib.domain.model.demand import HourOfDemand, WaitingMember
from chalicelib.domain.model.ids import unkeyed_member_id
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.handlers.events.stream import handle_records
from chalicelib.services.bookings.availability import calendar
from chalicelib.services.notices.scheduled_events import announce_starts
from chalicelib.storage.documents import document_item
from infra.local.aws import client
from infra.local.engine import Engine
from infra.shard import passes_filter
from infra.simulation.client import Latency
from tests.batches import save
from tests.harness import MONDAY, StreamReader, World, at, settings

MEMBER, POOL, PAIRS, START, DEMAND = "MEMBER#", "POOL#", "PAIRS#", "START#", "DEMAND#"
WAITS, PAIRS_AT_ONCE, CANCEL, JOIN = "booking that waits", "booking that pairs at once", "cancellation", "join"
CALENDAR = "calendar of two weeks"
MATCHING, EVENTS, STARTING = "stream: matching", "stream: events and demand", "schedule: session that starts"
FUNCTIONS = (("rematch", MATCHING, handle_records), ("events", EVENTS, handle_day_records))
TABLE = "shares"
PAIRS_OF_MEMBERS = 8
SLOT = at(24)
# Three members with rare preferences wait in each of the next hours.
HOURS_WITH_WAITING, WAITING_IN_HOUR = 6 * 24, 3
# The processor seconds of a request in the client library.
CLIENT_SECONDS = 0.001

Session = dict[str, Any]


class WorkUnits(Struct, frozen=True):
    """The average units of a piece of work by kind of partition, and its requests to the table.

    `waited` has the seconds for the table, by the mean latencies of the simulation, if no two requests are parallel.
    """

    writes: Mapping[str, float]
    reads: Mapping[str, float]
    requests: float
    waited: float

    @property
    def computed(self) -> float:
        """The processor seconds of its requests in the client library."""
        return CLIENT_SECONDS * self.requests

    @property
    def write_units(self) -> float:
        """The write units of all partitions."""
        return sum(self.writes.values())

    @property
    def read_units(self) -> float:
        """The read units of all partitions."""
        return sum(self.reads.values())


def measured_units() -> dict[str, WorkUnits]:
    """Return the units of each piece of work on a new engine."""
    with Engine() as engine:
        table = new_table(engine.url, TABLE)
        arn = table.connection.client.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
        streams = StreamReader(client("dynamodbstreams", engine.url), arn)
        world = World(settings(engine.url, arn), streams, table, now=MONDAY, rng=Random(1))
        world.context.log = _ignore
        hours = (MONDAY + timedelta(hours=n) for n in range(1, HOURS_WITH_WAITING))
        save(table, [document_item(_hour_of_demand(hour)) for hour in hours])
        with RequestUnitLedger(table.connection.client) as ledger:
            _play(world, ledger)
    by_label: dict[str, list[Entry]] = {}
    for entry in ledger.entries:
        by_label.setdefault(entry.label, []).append(entry)
    # One run announces all starts.
    times = {STARTING: 2 * PAIRS_OF_MEMBERS}
    return {label: _average(entries, times.get(label, len(entries))) for label, entries in by_label.items()}


def _ignore(_line: str) -> None:
    """Drop a log line."""


def _play(world: World, ledger: RequestUnitLedger) -> None:
    """Let pairs of members book one slot, others cancel, one look at the calendar, and the pairs join."""
    sessions = []
    for n in range(PAIRS_OF_MEMBERS):
        for label in (WAITS, PAIRS_AT_ONCE):
            member = world.member(f"{label} {n}")
            sessions.append((member, _book(world, ledger, label, member, SLOT)))
    for n in range(PAIRS_OF_MEMBERS):
        member = world.member(f"{CANCEL} {n}")
        session = _book(world, ledger, WAITS, member, at(48 + n))
        with ledger.entry(CANCEL):
            world.cancel(member, session)
        _deliver(world, ledger)
    caller = world.member("caller")
    with ledger.entry(CALENDAR):
        calendar(world.context, caller, world.now, world.now + timedelta(days=14), None)
    _start(world, ledger, sessions)


def _book(world: World, ledger: RequestUnitLedger, label: str, member: Profile, slot: Slot) -> Session:
    """Book a slot, and deliver the records of the booking."""
    with ledger.entry(label):
        session = world.book(member, slot)
    _deliver(world, ledger)
    return session


def _deliver(world: World, ledger: RequestUnitLedger) -> None:
    """Deliver the new records to both functions of the stream, each record in a batch of its own."""
    while records := world.records():
        for record in records:
            record["dynamodb"]["ApproximateCreationDateTime"] = world.now.timestamp()
            for function, label, handle in FUNCTIONS:
                if passes_filter(function, record):
                    with ledger.entry(label):
                        assert handle(world.context, [record]) == {"batchItemFailures": []}


def _hour_of_demand(hour: datetime) -> HourOfDemand:
    """Return an hour in whose first slot some members wait."""
    waiting = [WaitingMember(unkeyed_member_id("waiting", f"{hour} {n}")) for n in range(WAITING_IN_HOUR)]
    return HourOfDemand(hour=hour, version=1).counting({Slot(hour, 50): waiting})


def _start(world: World, ledger: RequestUnitLedger, sessions: list[tuple[Profile, Session]]) -> None:
    """Announce the start of the sessions, and let their members join."""
    world.now = SLOT.start - timedelta(minutes=11)
    announce_starts(world.context)
    world.now = SLOT.start - timedelta(minutes=10)
    with ledger.entry(STARTING):
        assert announce_starts(world.context) == len(sessions)
    world.now = SLOT.start
    for member, session in sessions:
        with ledger.entry(JOIN):
            world.join(member, session)


def _average(entries: Sequence[Entry], times: int) -> WorkUnits:
    """Return the units of one of `times` equal pieces of work."""
    writes: Counter[str] = Counter()
    reads: Counter[str] = Counter()
    requests = [request for entry in entries for request in entry.requests]
    for access in (access for request in requests for access in request.accesses):
        kind = access.key.pk.partition("#")[0] + "#"
        writes[kind] += access.write_units
        reads[kind] += access.read_units
    latency = Latency()
    waited = sum(latency.transaction if request.writes else latency.read for request in requests)
    return WorkUnits(
        {kind: units / times for kind, units in sorted(writes.items()) if units},
        {kind: units / times for kind, units in sorted(reads.items()) if units},
        len(requests) / times,
        waited / times,
    )
