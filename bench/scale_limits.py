"""The limits that a growing community meets, each with its use in the busiest second and what is done then.

The quotas of AWS are the default ones of an account in us-east-1, by the pages of its quotas on 30 November 2026.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec import Struct

from bench.busy_hour import BusyHour
from bench.member_month import announcements_of
from bench.moments import Busiest, LargeCommunity
from bench.monthly_bill import FUNCTION_USE
from bench.replay import environment
from bench.scheduled_run import CONFIG
from bench.unit_shares import CALENDAR, EVENTS, MEMBER, STARTING, WorkUnits
from chalicelib.domain.model.notices import Channel
from chalicelib.domain.model.session_start import STARTING_BEFORE
from chalicelib.event_sources import FINALIZE_EVERY, PARALLELISM, QUEUE_SOURCES
from chalicelib.services.notices.scheduled_events import PARALLEL_STARTS
from chalicelib.services.slot_matching.match_slot import MAX_WAITING
from chalicelib.settings import from_environment
from infra.cloudformation.stack_parameters import STACK_PARAMETERS
from infra.in_memory_dynamodb.capacity import CapacityLimits

REQUESTS_OF_ACCOUNT, CONNECTIONS_OF_ACCOUNT, FUNCTIONS_OF_ACCOUNT = 10_000, 500, 1_000
UNITS_OF_TABLE = 40_000


class Limit(Struct, frozen=True):
    """A limit, the use of it at the peak, and what is done when it is met."""

    name: str
    peak: float
    limit: float
    unit: str
    then: str

    @property
    def share(self) -> float:
        """The use as a share of the limit."""
        return self.peak / self.limit

    def bookings_a_day(self, community: LargeCommunity) -> float:
        """Return the bookings a day at which a community of the same shape meets the limit."""
        return community.bookings_a_day / self.share


class Peaks(Struct, frozen=True):
    """The use of a community in its busiest second. `largest_slot` has the members of one slot."""

    requests: float
    functions: float
    connections: float
    write_units: float
    read_units: float
    calendars: float
    announcements: float
    largest_slot: float
    partitions: int


def limits_of(
    community: LargeCommunity, busiest: Busiest, peaks: Peaks, hour: BusyHour, units: Mapping[str, WorkUnits]
) -> list[Limit]:
    """Return the limits, the first that a growing community meets first."""
    found = [
        *_of_gateway(peaks),
        *_of_functions(peaks, units),
        *_of_table(peaks, hour, units),
        *_of_schedules(busiest, peaks, units),
        *_of_channels(community, busiest),
    ]
    return sorted(found, key=lambda limit: -limit.share)


def _of_gateway(peaks: Peaks) -> Iterator[Limit]:
    of_stack = float(STACK_PARAMETERS["RequestsPerSecond"].default or 0)
    yield Limit("requests, limit of the stack", peaks.requests, of_stack, "a second", "switch: `RequestsPerSecond`")
    yield Limit("requests, quota of the gateway", peaks.requests, REQUESTS_OF_ACCOUNT, "a second", "raise the quota")
    yield Limit("new live connections", peaks.connections, CONNECTIONS_OF_ACCOUNT, "a second", "raise the quota")


def _of_functions(peaks: Peaks, units: Mapping[str, WorkUnits]) -> Iterator[Limit]:
    yield Limit("functions at once", peaks.functions, FUNCTIONS_OF_ACCOUNT, "functions", "raise the quota")
    busy = peaks.announcements * (units[EVENTS].waited + units[EVENTS].computed)
    yield Limit(
        f"functions of the stream, on {peaks.partitions} shards",
        busy,
        peaks.partitions * PARALLELISM,
        "functions",
        "raise `PARALLELISM` to at most 10, or `WarmWrites` for more partitions, which have a shard each",
    )


def _of_table(peaks: Peaks, hour: BusyHour, units: Mapping[str, WorkUnits]) -> Iterator[Limit]:
    yield Limit("write units of the table", peaks.write_units, UNITS_OF_TABLE, "a second", "raise the quota")
    yield Limit("read units of the table", peaks.read_units, UNITS_OF_TABLE, "a second", "raise the quota")
    of_key = CapacityLimits()
    for kind, peak in sorted(hour.writes.items()):
        if peak.units:
            yield Limit(f"write units of one `{kind}`", peak.units, of_key.write, "a second", _SPREAD[kind])
    for kind, peak in sorted(hour.reads.items()):
        if peak.units:
            yield Limit(f"read units of one `{kind}`", peak.units, of_key.read, "a second", _SPREAD[kind])
    # Every calendar compares its member with the same members, those who wait in the next hours.
    yield Limit(
        "read units of one waiting member",
        peaks.calendars * units[CALENDAR].reads[MEMBER] / MOST_READ,
        of_key.read,
        "a second",
        "keep the judged members in the process for a second",
    )


# A calendar reads the caller and 50 waiting members.
MOST_READ = 51
_SPREAD = {
    "POOL#": "a busy slot opens shards; for all slots raise `DATE_PARTITIONS`, with a migration",
    "PAIRS#": "as `POOL#`, whose shards it follows",
    "START#": "raise `START_SHARDS`; rows of the former number are read until their date has passed",
    "DEMAND#": "lower `DATES_PER_DEMAND` to 1, with a new count by the sweep; then keep it in the process for a second",
}


def _of_schedules(busiest: Busiest, peaks: Peaks, units: Mapping[str, WorkUnits]) -> Iterator[Limit]:
    start = units[STARTING]
    timeout = json.loads(CONFIG.read_text())["lambda_functions"]["finalize"]["lambda_timeout"]
    yield Limit(
        "announcement of one start, by one run of the schedule",
        busiest.starting * max(start.waited / PARALLEL_STARTS, start.computed),
        timeout,
        "seconds",
        "one run for each of the `START_SHARDS`, by a message for each",
    )
    runs = from_environment(environment()).finalize_ahead / FINALIZE_EVERY
    yield Limit(
        "finalizing of the largest slot, if all its members wait",
        peaks.largest_slot,
        runs * MAX_WAITING,
        "members",
        "switch: `LOCKSTEP_FINALIZE_MINUTES`",
    )


def _of_channels(community: LargeCommunity, busiest: Busiest) -> Iterator[Limit]:
    """Yield the limits of the queues, whose functions have a number of their own."""
    within = STARTING_BEFORE / timedelta(seconds=1)
    for channel, name, share in (
        (Channel.LIVE, "DeliverLive", 1.0),
        (Channel.PUSH, "DeliverPush", community.use.browsers),
    ):
        seconds = busiest.starting * share / _messages_a_second(channel, name)
        then = f"raise `concurrency` of the {channel.value} queue in `QUEUE_SOURCES`"
        yield Limit(f"{channel.value} messages of one start", seconds, within, "seconds", then)
    said = announcements_of(community.use)
    mails = busiest.bookings_a_second * said.mails / community.use.bookings
    rate = _messages_a_second(Channel.EMAIL, "DeliverEmail")
    then = "raise `concurrency` of the email queue in `QUEUE_SOURCES`, and the sending quota of SES"
    yield Limit("mails", mails, rate, "a second", then)


def _messages_a_second(channel: Channel, function: str) -> float:
    """Return the messages of a channel in a second, each in the assumed time of a run."""
    return QUEUE_SOURCES[channel].concurrency / FUNCTION_USE[function].milliseconds * 1000
