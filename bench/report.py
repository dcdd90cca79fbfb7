"""The report of a trace, a table with the averages per entry. Extra costs have rows of their own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bench.billing import ItemAccess, ItemKey
from bench.entry_labels import (
    CANCEL_OF,
    FINALIZES,
    FINDS_NO_PARTNER,
    LISTS,
    LOCK_OVER,
    LOCK_OWN,
    LOCK_REFUSED,
    MATCHES,
    MATCHES_DISPLACED,
    PAIRS,
    REMATCHES,
    SWEEPS,
    WAITS,
)
from bench.prices import PRICES
from bench.request_units import CountedRequest, Entry
from chalicelib.storage.keys import DAY

RECORDED_RESPONSE = "ANSWER#"
KEYED_EXTRA, MIDNIGHT_EXTRA, RETRIES = "extra: idempotency key", "extra: across midnight", "extra: lost race with retry"
ROWS = (
    WAITS,
    PAIRS,
    MATCHES,
    FINDS_NO_PARTNER,
    *LOCK_OVER,
    LOCK_OWN,
    LOCK_REFUSED,
    MATCHES_DISPLACED,
    *CANCEL_OF.values(),
    REMATCHES,
    KEYED_EXTRA,
    MIDNIGHT_EXTRA,
    RETRIES,
    LISTS,
    FINALIZES,
    SWEEPS,
)
# The rows of the headline are bookings without a named partner and the matching of waiting members.
PAIRINGS = (PAIRS, MATCHES, MATCHES_DISPLACED, REMATCHES)
BOOKING_AND_MATCHING = (WAITS, FINDS_NO_PARTNER, *PAIRINGS)
DESIGNED = {WAITS: 4.0, PAIRS: 8.0, LOCK_OVER[1]: 12.0}
DESIGNED_PER_MATCHED = 6.2


@dataclass
class ReportRow:
    """The totals of all entries with one label."""

    entries: int = 0
    round_trips: int = 0
    requests: int = 0
    read_units: float = 0
    write_units: int = 0

    def add(self, requests: Iterable[CountedRequest], accesses: Iterable[ItemAccess], round_trips: int) -> None:
        """Count one more entry."""
        accesses = list(accesses)
        self.entries += 1
        self.round_trips += round_trips
        self.requests += len(list(requests))
        self.read_units += sum(access.read_units for access in accesses)
        self.write_units += sum(access.write_units for access in accesses)


def rows_of(entries: Iterable[Entry]) -> dict[str, ReportRow]:
    """Return the rows of the table. Entries with other labels are left out."""
    rows = {label: ReportRow() for label in ROWS}
    for entry in entries:
        if entry.label in rows:
            _add(rows, entry)
    return rows


@dataclass(frozen=True, slots=True)
class Headline:
    """The cost of booking and matching per matched booking.

    It includes each transaction that books without a named partner or pairs at random. Each pairing matches two
    bookings. A booking that stays without a partner adds its cost, but no match.
    """

    matched: int
    write_units: float
    read_units: float

    @property
    def write_units_per_matched(self) -> float:
        """The write units per matched booking, which the design limits."""
        return self.write_units / max(1, self.matched)


def headline_of(rows: dict[str, ReportRow]) -> Headline:
    """Return the headline of a trace, without locks, cancellations and the extra rows."""
    counted = [rows[label] for label in BOOKING_AND_MATCHING]
    return Headline(
        matched=sum(2 * rows[label].entries for label in PAIRINGS),
        write_units=sum(row.write_units for row in counted),
        read_units=sum(row.read_units for row in counted),
    )


def lines(rows: dict[str, ReportRow], headline: Headline) -> Iterator[str]:
    """Yield the table, the headline and the price."""
    yield _line("per entry", "entries", "write units", "read units", "requests", "round trips", "design", "ratio")
    for label, row in rows.items():
        number = max(1, row.entries)
        totals = (row.write_units, row.read_units, row.requests, row.round_trips)
        averages = [f"{total / number:.2f}" for total in totals] if row.entries else ["-"] * 4
        yield _line(label, str(row.entries), *averages, *_design(DESIGNED.get(label), row.write_units / number))
    yield ""
    read = headline.read_units / max(1, headline.matched)
    written = headline.write_units_per_matched
    yield "booking and matching transactions together:"
    cells = (f"{written:.2f}", f"{read:.2f}", "", "", *_design(DESIGNED_PER_MATCHED, written))
    yield _line("= per matched booking", str(headline.matched), *cells)
    yield ""
    yield "per 1,000 matched bookings, at about the prices of us-east-1:"
    yield f"  booking and matching  ${1000 * _dollars(written, read):.5f}"
    whole = _dollars(sum(row.write_units for row in rows.values()), sum(row.read_units for row in rows.values()))
    yield f"  everything above      ${1000 * whole / max(1, headline.matched):.5f}"


def _add(rows: dict[str, ReportRow], entry: Entry) -> None:
    """Add an entry to the row of its label, and its extra costs to the extra rows."""
    lost, requests = _split_at_last_refusal(entry.requests)
    if lost:
        rows[RETRIES].add(lost, _accesses(lost), len(lost))
    keyed = [request for request in requests if all(_is_recorded_response(access) for access in request.accesses)]
    responses = [access for access in _accesses(requests) if _is_recorded_response(access)]
    if responses:
        rows[KEYED_EXTRA].add(keyed, responses, len(keyed))
    plain = [access for access in _accesses(requests) if not _is_recorded_response(access)]
    past_midnight = _overnight(plain)
    overnight = [access for access in plain if access.key in past_midnight]
    if overnight:
        rows[MIDNIGHT_EXTRA].add((), overnight, 0)
    usual = [access for access in plain if access.key not in past_midnight]
    trips = entry.round_trips - len(lost) - len(keyed)
    rows[entry.label].add([request for request in requests if request not in keyed], usual, trips)


def _split_at_last_refusal(requests: list[CountedRequest]) -> tuple[list[CountedRequest], list[CountedRequest]]:
    refused = [position for position, request in enumerate(requests) if request.refusal]
    cut = refused[-1] + 1 if refused else 0
    return requests[:cut], requests[cut:]


def _accesses(requests: Iterable[CountedRequest]) -> list[ItemAccess]:
    return [access for request in requests for access in request.accesses]


def _is_recorded_response(access: ItemAccess) -> bool:
    return access.key.sk.startswith(RECORDED_RESPONSE)


def _overnight(accesses: list[ItemAccess]) -> frozenset[ItemKey]:
    """Return the days accessed only for a footprint across midnight, which follow another day of the same member."""
    days = {access.key for access in accesses if access.action != "Query" and access.key.sk.startswith(DAY)}
    return frozenset(key for key in days if ItemKey(key.pk, _day_before(key.sk)) in days)


def _day_before(sk: str) -> str:
    on = date.fromisoformat(sk.removeprefix(DAY)) - timedelta(days=1)
    return f"{DAY}{on.isoformat()}"


def _design(designed: float | None, measured: float) -> tuple[str, str]:
    return ("", "") if designed is None else (f"{designed:.1f}", f"{measured / designed:.2f}" if measured else "-")


def _dollars(write_units: float, read_units: float) -> float:
    return PRICES["write units"].dollars(write_units) + PRICES["read units"].dollars(read_units)


def _line(label: str, *cells: str) -> str:
    return (f"{label:<34}" + "".join(f"{cell:>12}" for cell in cells)).rstrip()
