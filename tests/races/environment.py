"""The environment of a workload, with runners on one engine, members, and the checks of the table at rest."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import combinations
from random import Random
from typing import Any

import urllib3
from msgspec.structs import replace

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.events.scheduled_audit import line_of
from chalicelib.services.audit import AuditedPage, audit
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from tests.contract.client import ApiResponse, Client, Runner, at_once
from tests.races.clients import RETRYABLE, Action, CallResult, ClientCall
from tests.races.processes import RunnerProcesses
from tests.races.stream_history import StreamHistory
from tests.simulation.oracles.eligibility_oracle import are_compatible, is_blocked, possible_relations
from tests.table_snapshot import take_snapshot

# Concurrent sign-ins and calls that prepare a workload.
THREADS = 8
TRIES = 5
# Time for the stream on a busy machine until no work is left. Only then do the schedules run.
STREAM_SECONDS = 60
TICKS = 2
POLL_SECONDS = 0.25


class RaceEnvironment:
    """The table of one engine, the runners that serve it, and the results of all calls."""

    def __init__(self, engine: str, seed: int) -> None:
        """Create the table and start the runners, which the caller stops by `runners`."""
        self.history = StreamHistory(engine)
        self.table = self.history.table
        self.runners = RunnerProcesses(engine)
        self.rng = Random(seed)
        self.results: list[CallResult] = []
        self.in_use_findings: list[str] = []
        self.reported: set[str] = set()
        self.is_stream_off = False
        self._members: list[Client] = []
        # From the day after tomorrow, so that no slot starts during the run, and within the 14 days of locking.
        midnights = [day_start(real_time().date() + timedelta(days=n)) for n in range(2, 13)]
        self._midnights = iter(Slot(midnight, 50) for midnight in midnights)
        self._slots = iter(Slot(one + timedelta(hours=hour), 50) for one in midnights for hour in range(4, 22, 2))

    def slot(self) -> Slot:
        """Return a slot without bookings, also within an hour of it."""
        return next(self._slots)

    def midnight(self) -> Slot:
        """Return a slot without bookings at midnight, which earlier slots overlap from another day."""
        return next(self._midnights)

    def new_members(self, count: int) -> list[Client]:
        """Create members."""
        names = [f"Member {self.rng.randrange(10**6)}" for _ in range(count)]
        return in_parallel([partial(self._sign_in, name) for name in names])

    def _sign_in(self, name: str) -> Client:
        runner = self.runners.next()
        body = json.dumps({"name": name}).encode()
        response = request_until_available(partial(runner.request, "POST", "/dev/sign-in", body=body))
        return Client(runner, name, response.json["userId"], response.json["token"])

    def link(self, owner: Client, uses: int) -> str:
        """Make an invite link and return its token."""
        post = owner.on(self.runners.next()).post
        response = request_until_available(partial(post, "/v1/invite-links", {"maxUses": uses}))
        return response.json["inviteLink"]["url"].rpartition("/")[2]

    def members(self, count: int) -> list[Client]:
        """Return random members who are neither deleted nor blocked, and who may have met before."""
        self._members += self.new_members(max(0, count - len(self._members)))
        return self.rng.sample(self._members, count)

    def client_rng(self) -> Random:
        """Return a random generator for one client, independent of the timing of others."""
        return Random(self.rng.random())

    def send(self, call: ClientCall) -> CallResult:
        """Send a call and store its result. A call with an idempotency key is retried once without a response."""
        for _ in range(2 if call.key else 1):
            result = CallResult(call, self._response(call.send_to))
            self.results.append(result)
            if result.response:
                break
        return result

    def send_batch(self, calls: Sequence[ClientCall]) -> list[CallResult]:
        """Send the bookings of one member in a batch, and store a result for each as if it had been sent alone."""
        bodies = {"sessions": [call.body() for call in calls]}
        response = self._response(lambda runner: calls[0].caller.on(runner).post("/v1/sessions/batch", bodies))
        items = response.json["results"] if response else [None] * len(calls)
        results = [CallResult(call, item and _alone(item)) for call, item in zip(calls, items, strict=True)]
        self.results += results
        return results

    def _response(self, send: Callable[[Runner], ApiResponse]) -> ApiResponse | None:
        while True:
            try:
                return send(self.runners.next())
            except urllib3.exceptions.NewConnectionError:
                """Send it to the next runner, because this one is gone and did not get it."""
            except urllib3.exceptions.HTTPError:
                return None

    def send_all(self, calls: Iterable[ClientCall]) -> None:
        """Send the calls that prepare a workload, a few at a time, with retries."""
        in_parallel([partial(self._send_with_retries, call) for call in calls])

    def _send_with_retries(self, call: ClientCall) -> None:
        for _ in range(TRIES):
            if self.send(call).code not in RETRYABLE:
                return

    def run_concurrently(self, clients: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run all clients at the same instant, each on its own thread, while the audit reads the table."""
        return at_once([*clients, self._audit_in_use])[:-1]

    def send_concurrently(self, calls: Sequence[ClientCall]) -> list[CallResult]:
        """Send all calls at the same instant, each from its own client."""
        return self.run_concurrently([partial(self.send, call) for call in calls])

    def disable_stream(self) -> None:
        """Stop the stream delivery of every runner."""
        self.runners.each(partial(Runner.stream, enabled=False))
        self.is_stream_off = True

    def enable_stream(self) -> None:
        """Start the stream delivery of every runner."""
        self.runners.each(partial(Runner.stream, enabled=True))
        self.is_stream_off = False

    def finish_work(self) -> tuple[int, list[str]]:
        """Wait for the stream, run the schedules, and return the number of runs and the unfinished work (R19)."""
        unfinished = poll_until_empty(self.table, unfinished_work, 0 if self.is_stream_off else STREAM_SECONDS)
        ticks = 0
        while unfinished and ticks < TICKS:
            self.runners.next().tick()
            unfinished = unfinished_work(take_snapshot(self.table))
            ticks += 1
        return ticks, unfinished

    def audit_findings(self) -> tuple[int, list[str]]:
        """Audit the table at rest, and return the number of items and the findings."""
        pages = list(audit_pages(self.table))
        return sum(page.items for page in pages), [line for page in pages for line in page_findings(page)]

    def _audit_in_use(self) -> None:
        """Store the violations of a table in use. Unsettled items, which change between the reads, are no finding."""
        for page in audit_pages(self.table):
            self.in_use_findings += [f"in use: {line_of(violation)}" for violation in page.violations]


def _alone(item: dict[str, Any]) -> ApiResponse:
    """Return the response to an item of a batch as that of a single booking."""
    body = {"session": item["session"]} if "session" in item else item["problem"]
    return ApiResponse(item["status"], {}, json.dumps(body).encode())


def audit_pages(table: Table) -> Iterator[AuditedPage]:
    """Yield the pages of an audit of the whole table."""
    return audit(table, real_time, threading.Event().wait)


def page_findings(page: AuditedPage) -> Iterator[str]:
    """Yield the findings of a page of a table at rest, in which unsettled items are a finding too."""
    yield from map(line_of, page.violations)
    if page.unsettled:
        yield f"{page.unsettled} items are unsettled"


def request_until_available(request: Callable[[], ApiResponse]) -> ApiResponse:
    """Return the first response other than 503. Raises RuntimeError after 5 requests."""
    for _ in range(TRIES):
        with suppress(urllib3.exceptions.HTTPError):
            response = request()
            if response.status != HTTPStatus.SERVICE_UNAVAILABLE:
                return response
    raise RuntimeError(f"There was no response to {TRIES} requests.")


def in_parallel(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the calls on 8 threads."""
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(lambda call: call(), calls))


def poll_until_empty(table: Table, read: Callable[[Snapshot], list[str]], seconds: float) -> list[str]:
    """Read the table until the result is empty or the time is over, and return the last result."""
    deadline = real_time() + timedelta(seconds=seconds)
    while (found := read(take_snapshot(table))) and real_time() < deadline:
        threading.Event().wait(POLL_SECONDS)
    return found


def unfinished_work(snapshot: Snapshot) -> list[str]:
    """Return the stored jobs that are old enough to end, and every two waiting members who could be paired (R19)."""
    now = real_time()
    jobs = (job for job in snapshot.jobs.values() if job.is_settled(now))
    found = [f"the job {job.kind} of {job.member_id} is left" for job in jobs]
    waiting: defaultdict[Slot, list[Booking]] = defaultdict(list)
    for day in snapshot.days.values():
        for booking in day.active:
            if booking.state is State.WAITING and real_time() < booking.slot.start:
                waiting[booking.slot].append(booking)
    values: Any = {keys.profile(member_id): account for member_id, account in snapshot.accounts.items()}
    values |= {keys.about(*pair): relation for pair, relation in snapshot.relations.items()}
    for bookings in waiting.values():
        for one, other in combinations(bookings, 2):
            two = one.member_id, other.member_id
            cancelled = _cancelled_on(snapshot, one, two[1]) or _cancelled_on(snapshot, other, two[0])
            suits = any(
                are_compatible(pair_relations, real_time()) for pair_relations in possible_relations([values], *two)
            )
            if suits and not cancelled and not is_blocked(values, *two):
                found.append(f"{one.booking_id} and {other.booking_id} wait and could be paired")
    return found


def _cancelled_on(snapshot: Snapshot, booking: Booking, member_id: str) -> bool:
    return snapshot.days[booking.member_id, booking.slot.date].was_cancelled_by(booking.slot, member_id)


def booking_call(caller: Client, slot: Slot, **more: Any) -> ClientCall:
    """Return a call that books a slot for a random partner."""
    return ClientCall(Action.BOOK, caller, slot, **more)


def lock_call(caller: Client, other: Client, slot: Slot, **more: Any) -> ClientCall:
    """Return a call that locks the caller in with another member."""
    return ClientCall(Action.LOCK, caller, slot, other, **more)


def earlier(slot: Slot, minutes: int) -> Slot:
    """Return the slot that starts `minutes` earlier."""
    return replace(slot, start=slot.start - timedelta(minutes=minutes))
