"""Where a storm is raised: runners on an engine, a crowd of members, and an end at which all is quiet and looked at."""

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
from chalicelib.services.audit import Audited, audit
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from tests.contract.client import ApiResponse, Client, Runner, at_once
from tests.races.clients import UNDECIDED, Ask, Told, Verb
from tests.races.processes import Fleet
from tests.races.stream_history import History
from tests.simulation.oracles.eligibility_oracle import is_blocked, pairs_relations, suit
from tests.table_snapshot import take_snapshot

# So many are signed in or told to get ready at a time.
SIDE_BY_SIDE = 8
TRIES = 5
# How long the stream may take on a busy machine until nobody waits in vain; the schedules are asked only then.
STREAM_SECONDS = 60
TICKS = 2
POLL_SECONDS = 0.25


class Field:
    """One engine's table, the runners that serve it, and all that anybody was ever told of it."""

    def __init__(self, engine: str, seed: int) -> None:
        """Make the table and start the runners; `fleet` is to be stopped."""
        self.history = History(engine)
        self.table = self.history.table
        self.fleet = Fleet(engine)
        self.rng = Random(seed)
        self.told: list[Told] = []
        self.found: list[str] = []
        self.known: set[str] = set()
        self.holds_stream = False
        self._crowd: list[Client] = []
        # Not tomorrow's, which may begin before all is over; and within the two weeks in which members can be locked.
        midnights = [day_start(real_time().date() + timedelta(days=n)) for n in range(2, 13)]
        self._midnights = iter(Slot(midnight, 50) for midnight in midnights)
        self._slots = iter(Slot(one + timedelta(hours=hour), 50) for one in midnights for hour in range(4, 22, 2))

    def slot(self) -> Slot:
        """A slot of which, and of what is within an hour of it, nobody has heard yet."""
        return next(self._slots)

    def midnight(self) -> Slot:
        """The same, but that it begins at midnight: of what begins a little earlier, some is over on another day."""
        return next(self._midnights)

    def new_members(self, count: int) -> list[Client]:
        """Members whom nobody knows yet."""
        names = [f"Member {self.rng.randrange(10**6)}" for _ in range(count)]
        return in_parallel([partial(self._signed_in, name) for name in names])

    def _signed_in(self, name: str) -> Client:
        runner = self.fleet.next()
        body = json.dumps({"name": name}).encode()
        answer = insist(partial(runner.request, "POST", "/dev/sign-in", body=body))
        return Client(runner, name, answer.json["userId"], answer.json["token"])

    def link(self, owner: Client, uses: int) -> str:
        """The token of a new invite link."""
        answer = insist(partial(owner.on(self.fleet.next()).post, "/v1/invite-links", {"maxUses": uses}))
        return answer.json["inviteLink"]["url"].rpartition("/")[2]

    def members(self, count: int) -> list[Client]:
        """Any members who are still there, and whom nobody has blocked; they may have met before."""
        self._crowd += self.new_members(max(0, count - len(self._crowd)))
        return self.rng.sample(self._crowd, count)

    def draw(self) -> Random:
        """Chance for one client alone: what it does depends on nobody else."""
        return Random(self.rng.random())

    def ask(self, ask: Ask) -> Told:
        """Ask for something, and keep what is told. Who has a key for it asks again where no answer comes."""
        for _ in range(2 if ask.key else 1):
            told = Told(ask, self._answer(ask))
            self.told.append(told)
            if told.answer:
                break
        return told

    def _answer(self, ask: Ask) -> Any:
        while True:
            try:
                return ask.sent_to(self.fleet.next())
            except urllib3.exceptions.NewConnectionError:
                """It was never sent: the runner is gone, and another's turn is next."""
            except urllib3.exceptions.HTTPError:
                return None

    def ask_all(self, asks: Iterable[Ask]) -> None:
        """Let everybody ask until it is decided, a few at a time: what comes before a storm."""
        in_parallel([partial(self._ask_until_decided, ask) for ask in asks])

    def _ask_until_decided(self, ask: Ask) -> None:
        for _ in range(TRIES):
            if self.ask(ask).code not in UNDECIDED:
                return

    def rage(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """Let all clients call at the same instant, each on a thread of its own, while the auditor walks the table."""
        return at_once([*calls, self._walk_meanwhile])[:-1]

    def rage_of(self, asks: Sequence[Ask]) -> list[Told]:
        """Let all clients ask for one thing each, at the same instant."""
        return self.rage([partial(self.ask, ask) for ask in asks])

    def hold_stream(self) -> None:
        """Let no runner deliver what the stream tells."""
        self.fleet.each(partial(Runner.stream, enabled=False))
        self.holds_stream = True

    def resume_stream(self) -> None:
        """Let every runner deliver it again."""
        self.fleet.each(partial(Runner.stream, enabled=True))
        self.holds_stream = False

    def come_to_rest(self) -> tuple[int, list[str]]:
        """Let stream and schedules finish; how many ticks that took, and what was left undone after the last (R19)."""
        left = eventually_none(self.table, left_undone, 0 if self.holds_stream else STREAM_SECONDS)
        ticks = 0
        while left and ticks < TICKS:
            self.fleet.next().tick()
            left = left_undone(take_snapshot(self.table))
            ticks += 1
        return ticks, left

    def audited(self) -> tuple[int, list[str]]:
        """What the auditor says: how many items there are, and what is out of order."""
        pages = list(walk(self.table))
        return sum(page.items for page in pages), [line for page in pages for line in told_of(page)]

    def _walk_meanwhile(self) -> None:
        """What changes at every look is not out of order; nothing else may be told of a table in use either."""
        for page in walk(self.table):
            self.found += [f"in use: {line_of(violation)}" for violation in page.violations]


def walk(table: Table) -> Iterator[Audited]:
    """The auditor's walk over the whole table."""
    return audit(table, real_time, threading.Event().wait)


def told_of(page: Audited) -> Iterator[str]:
    """What the auditor tells of a page of a table that nobody uses."""
    yield from map(line_of, page.violations)
    if page.unsettled:
        yield f"{page.unsettled} items changed too often to tell"


def insist(request: Callable[[], ApiResponse]) -> ApiResponse:
    """The first answer that is one, from a service that may be busy."""
    for _ in range(TRIES):
        with suppress(urllib3.exceptions.HTTPError):
            answer = request()
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                return answer
    raise RuntimeError(f"Nothing was answered in {TRIES} tries.")


def in_parallel(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make the calls, a few at a time."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        return list(threads.map(lambda call: call(), calls))


def eventually_none(table: Table, look: Callable[[Snapshot], list[str]], seconds: float) -> list[str]:
    """What is found in the table once nothing is, or when the time is up."""
    deadline = real_time() + timedelta(seconds=seconds)
    while (found := look(take_snapshot(table))) and real_time() < deadline:
        threading.Event().wait(POLL_SECONDS)
    return found


def left_undone(seen: Snapshot) -> list[str]:
    """Work that was begun, and any two who wait and could be paired (R19)."""
    found = [f"the chore {job.kind} of {job.member_id} is left" for job in seen.jobs.values()]
    waiting: defaultdict[Slot, list[Booking]] = defaultdict(list)
    for day in seen.days.values():
        for held in day.active:
            if held.state is State.WAITING and real_time() < held.slot.start:
                waiting[held.slot].append(held)
    values: Any = {keys.profile(member_id): account for member_id, account in seen.accounts.items()}
    values |= {keys.about(*pair): relation for pair, relation in seen.relations.items()}
    for together in waiting.values():
        for one, other in combinations(together, 2):
            two = one.member_id, other.member_id
            deserted = two[1] in _deserters(seen, one) or two[0] in _deserters(seen, other)
            suits = any(suit(pair_relations, real_time()) for pair_relations in pairs_relations([values], *two))
            if suits and not deserted and not is_blocked(values, *two):
                found.append(f"{one.booking_id} and {other.booking_id} wait, and could be paired")
    return found


def _deserters(seen: Snapshot, held: Booking) -> frozenset[str]:
    return seen.days[held.member_id, held.slot.date].members_who_cancelled(held.slot)


def booking(who: Client, slot: Slot, **more: Any) -> Ask:
    """Ask for a random partner."""
    return Ask(Verb.BOOK, who, slot, **more)


def lock(who: Client, other: Client, slot: Slot, **more: Any) -> Ask:
    """Ask to be locked in with somebody."""
    return Ask(Verb.LOCK, who, slot, other, **more)


def earlier(slot: Slot, minutes: int) -> Slot:
    """The slot that starts so much earlier."""
    return replace(slot, start=slot.start - timedelta(minutes=minutes))
