"""Workloads, in which many clients send calls about the same items, with the violations of each.

The checks that hold after every workload are in `history_checker` and `campaign`.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, pairwise
from random import Random

from chalicelib.domain.model.errors import InviteUnavailable, NotAvailable, TimeConflict
from chalicelib.domain.model.slot import Slot
from tests.contract.client import Client, Runner, partner_of
from tests.races.clients import BOOKING_ACTIONS, RETRYABLE, Action, CallResult, ClientCall
from tests.races.environment import (
    STREAM_SECONDS,
    RaceEnvironment,
    booking_call,
    earlier,
    lock_call,
    poll_until_empty,
    unfinished_work,
)
from tests.races.processes import RUNNERS

Violations = Iterator[str]
# The least number of calls of each client in `all_operations`.
STEPS = 4


def locks(environment: RaceEnvironment, clients: int) -> Violations:
    """Lock one matched target by all clients, of which a third are matched in that slot (R12, R14, R15)."""
    slot = environment.slot()
    target, partner = environment.members(2)
    lockers = [member for member in environment.members(clients + 2) if member not in (target, partner)][:clients]
    add_favorites(environment, ((locker, target) for locker in lockers))
    environment.send_all(booking_call(member, slot) for member in (target, partner))
    environment.send_all([booking_call(locker, slot) for locker in lockers[: clients // 3]])
    results = environment.send_concurrently([lock_call(locker, target, slot) for locker in lockers])
    yield from check_one_winner(results)
    refusals = {one.response.without_instance for one in results if one.response and one.code == NotAvailable.code}
    if len(refusals) > 1:
        yield f"there are {len(refusals)} different refusals of a lock"


def invites(environment: RaceEnvironment, clients: int) -> Violations:
    """Accept a link with one use over five slots by all clients, then a link with three uses (R26, R28, R29)."""
    owner = environment.members(1)[0]
    slots = [environment.slot() for _ in range(5)]
    environment.send_all([booking_call(owner, slot) for slot in slots])
    guests = [member for member in environment.members(clients + 1) if member is not owner][:clients]
    for uses in (1, 3):
        token = environment.link(owner, uses)
        results = environment.send_concurrently(
            [
                ClientCall(Action.ACCEPT, guest, slots[n % len(slots)], owner, link=token)
                for n, guest in enumerate(guests)
            ]
        )
        created = sum(one.is_created for one in results)
        if created != uses and codes(results).isdisjoint(RETRYABLE):
            yield f"a link with {uses} uses locks {created} guests in"
        # A guest who is locked in would get a 200 for the second link.
        guests = [one.call.caller for one in results if not one.succeeded]
        if unexpected := codes(results) - {"201", InviteUnavailable.code, NotAvailable.code} - RETRYABLE:
            yield f"guests get {unexpected}"


def churn(environment: RaceEnvironment, clients: int) -> Violations:
    """Book and cancel overlapping slots repeatedly by all clients."""
    slot = environment.midnight()
    slots = [earlier(slot, minutes) for minutes in (0, 30, 45)] + [Slot(slot.start, 25)]
    generators = [environment.client_rng() for _ in range(clients)]

    def book_and_cancel(member: Client, rng: Random) -> None:
        for _ in range(3):
            result = environment.send(booking_call(member, rng.choice(slots), replace=rng.random() < 0.3))
            if result.succeeded and rng.random() < 0.7:
                environment.send(ClientCall(Action.CANCEL, member, session_id=result.session["sessionId"]))

    members = environment.members(clients)
    environment.run_concurrently([partial(book_and_cancel, *one) for one in zip(members, generators, strict=True)])
    yield from ()


def overlaps(environment: RaceEnvironment, clients: int) -> Violations:
    """Book four overlapping slots for each member concurrently, then cancel each booking four times (R3, R17)."""
    slot = environment.midnight()
    slots = [earlier(slot, minutes) for minutes in (0, 30, 45)] + [Slot(slot.start, 75)]
    members = environment.members(max(1, clients // 4))
    results = environment.send_concurrently([booking_call(member, one) for member in members for one in slots])
    created = [one for one in results if one.is_created]
    if len({one.call.caller for one in created}) != len(created):
        yield "a member has two overlapping sessions"
    if unexpected := codes(results) - {"201", TimeConflict.code} - RETRYABLE:
        yield f"a booking gets {unexpected}"
    cancels = [
        ClientCall(Action.CANCEL, one.call.caller, session_id=one.session["sessionId"])
        for one in created
        for _ in slots
    ]
    if unexpected := codes(environment.send_concurrently(cancels)) - {"204"} - RETRYABLE:
        yield f"a cancellation gets {unexpected}"


def rings(environment: RaceEnvironment, clients: int) -> Violations:
    """Lock the next member of a closed ring by each member concurrently. In a ring of two both must succeed."""
    slot = environment.slot()
    members, sizes, left = environment.members(clients), [], clients
    while left > 1:
        # Rings of two and three among larger ones, which grow with the number of clients.
        sizes.append(min(left, (2, 3, 2, 5, 2, max(6, clients // 4))[len(sizes) % 6]))
        left -= sizes[-1]
    unused = iter(members)
    closed_rings = [[next(unused) for _ in range(size)] for size in sizes]
    edges = [two for ring in closed_rings for two in pairwise([*ring, ring[0]])]
    add_favorites(environment, edges)
    environment.send_all([booking_call(member, slot) for ring in closed_rings for member in ring])
    results = environment.send_concurrently([lock_call(one, other, slot) for one, other in edges])
    by_member = {one.call.caller: one for one in results}
    for ring in closed_rings:
        ring_results = [by_member[member] for member in ring]
        if len(ring) == 2 and codes(ring_results) - {"200", "201"} - RETRYABLE:
            yield f"two members who lock each other get {codes(ring_results)}"
        if not any(one.succeeded for one in ring_results) and codes(ring_results) == {NotAvailable.code}:
            yield f"no member of a ring of {len(ring)} is locked in"


def repeats(environment: RaceEnvironment, clients: int) -> Violations:
    """Send each request ten times concurrently with one idempotency key, for one effect and one response."""
    slot = environment.slot()
    members = environment.members(max(2, clients // 10))
    targets = [member for member in environment.members(2 * len(members)) if member not in members][: len(members)]
    add_favorites(environment, zip(members, targets, strict=True))
    environment.send_all([booking_call(target, slot) for target in targets])
    calls = []
    for n, (member, target) in enumerate(zip(members, targets, strict=True)):
        key = f"{environment.rng.random()}"
        # A lock may displace a random match of the same target, which the displaced member sees in a later request.
        call = lock_call(member, target, slot, key=key) if n % 2 else booking_call(member, slot, key=key)
        calls += [call] * 10
    results = environment.send_concurrently(calls)
    for member in members:
        responses = {
            one.response.data for one in results if one.call.caller is member and one.response and one.succeeded
        }
        if len(responses) > 1:
            yield f"one key has {len(responses)} responses"


def replaces(environment: RaceEnvironment, clients: int) -> Violations:
    """Replace the bookings of all members by overlapping ones in two concurrent requests each (R16).

    Some have a locked-in session, which cannot be replaced.
    """
    slot = environment.midnight()
    before, after = earlier(slot, 30), Slot(earlier(slot, -30).start, 75)
    members = environment.members(clients // 2)
    targets = environment.new_members(len(members))
    add_favorites(environment, zip(members, targets, strict=True))
    environment.send_all([booking_call(target, slot) for target in targets])
    environment.send_all(
        [
            booking_call(member, before) if n % 4 else lock_call(member, targets[n], slot)
            for n, member in enumerate(members)
        ]
    )
    environment.send_concurrently(
        [
            call
            for n, (member, target) in enumerate(zip(members, targets, strict=True))
            for call in (
                lock_call(member, target, slot, replace=True) if n % 2 else booking_call(member, slot, replace=True),
                booking_call(member, after, replace=True),
            )
        ]
    )
    yield from ()


def batches(environment: RaceEnvironment, clients: int) -> Violations:
    """Lock one target by batches over four slots, while other batches want a random partner there (R3, R12, R14).

    Each member sends the same batch twice concurrently.
    """
    slots = [environment.slot() for _ in range(4)]
    target, *members = environment.members(max(3, clients // 2) + 1)
    lockers, others = members[::2], members[1::2]
    add_favorites(environment, ((locker, target) for locker in lockers))
    environment.send_all([booking_call(target, slot) for slot in slots])
    sent = [[lock_call(locker, target, slot) for slot in slots] for locker in lockers]
    sent += [[booking_call(other, slot) for slot in slots] for other in others]
    results = environment.run_concurrently([partial(environment.send_batch, calls) for calls in sent for _ in range(2)])
    for slot in slots:
        of_slot = [one for found in results for one in found if one.call.slot == slot]
        # The repeated batch of the winner gets the same session.
        winners = {one.call.caller.user_id for one in of_slot if one.call.action is Action.LOCK and one.succeeded}
        if len(winners) != 1 and codes(of_slot).isdisjoint(RETRYABLE):
            yield f"the target is locked in by {len(winners)} members"
        if unexpected := codes(of_slot) - {"200", "201", NotAvailable.code} - RETRYABLE:
            yield f"an item of a batch gets {unexpected}"


def crowd(environment: RaceEnvironment, clients: int) -> Violations:
    """Book one slot by all clients, with two deliveries of the stream (R19, R20)."""
    environment.runners.each(partial(Runner.stream, enabled=True, deliveries=2))
    slot = environment.slot()
    results = environment.send_concurrently([booking_call(member, slot) for member in environment.members(clients)])
    if codes(results) - {"201"} - RETRYABLE:
        yield f"a booking gets {codes(results)}"
    for work in poll_until_empty(environment.table, unfinished_work, STREAM_SECONDS):
        yield f"the stream is delivered, but {work}"


def ticks(environment: RaceEnvironment, clients: int) -> Violations:
    """Send all operations without the stream, while all runners run their schedules (R19)."""
    environment.disable_stream()

    all_operations(environment, clients, partial(environment.runners.each, Runner.tick))
    yield from ()


def kills(environment: RaceEnvironment, clients: int) -> Violations:
    """Send all operations until each runner is killed and restarted once."""
    killed = threading.Event()

    def kill_all() -> None:
        for number in range(RUNNERS):
            enough = len(environment.results) + clients
            while len(environment.results) < enough:
                threading.Event().wait(0.01)
            environment.runners.restart(number)
        killed.set()

    results_before = len(environment.results)
    all_operations(environment, clients, kill_all, until=killed.is_set)
    if not any(one.response is None for one in environment.results[results_before:]):
        yield "no call lost its response by the kills"


def blocks(environment: RaceEnvironment, clients: int) -> Violations:
    """Lock a matched member who blocks the locking member at the same instant (R1)."""
    couples = [environment.new_members(2) for _ in range(clients // 2)]
    thirds = environment.members(len(couples))
    add_favorites(environment, couples)
    slots = [environment.slot() for _ in range(5)]
    calls = []
    for n, (one, other) in enumerate(couples):
        slot = slots[n % len(slots)]
        environment.send_all([booking_call(member, slot) for member in (other, thirds[n])])
        calls += [lock_call(one, other, slot), ClientCall(Action.BLOCK, other, other=one)]
    results = environment.send_concurrently(calls)
    if unexpected := codes(one for one in results if one.call.action is Action.BLOCK) - {"204"} - RETRYABLE:
        yield f"a block gets {unexpected}"


def deletions(environment: RaceEnvironment, clients: int) -> Violations:
    """Lock a target by three members while the target's or one member's account is deleted (R33)."""
    slot = environment.slot()
    calls = []
    for number in range(max(1, clients // 4)):
        target, *lockers = environment.new_members(4)
        add_favorites(environment, ((locker, target) for locker in lockers))
        environment.send_all([booking_call(target, slot)])
        leaver = target if number % 2 else lockers[0]
        calls += [*(lock_call(locker, target, slot) for locker in lockers), ClientCall(Action.LEAVE, leaver)]
    results = environment.send_concurrently(calls)
    deleted = [one for one in results if one.call.action is Action.LEAVE]
    if unexpected := codes(deleted) - {"204"} - RETRYABLE:
        yield f"a deletion gets {unexpected}"
    for one in deleted:
        if one.succeeded and (status := one.call.caller.on(environment.runners.next()).get("/v1/me").status) != 401:
            yield f"a deleted member gets {status}"


def all_operations(
    environment: RaceEnvironment,
    clients: int,
    *meanwhile: Callable[[], None],
    until: Callable[[], bool] = lambda: True,
) -> None:
    """Book, lock, replace, cancel and block at random by each client."""
    members = environment.new_members(clients)
    slot = environment.midnight()
    slots = [earlier(slot, minutes) for minutes in (0, 30, 45)] + [Slot(slot.start, 75)]
    favorites = ((one, members[(n + step) % clients]) for n, one in enumerate(members) for step in (1, 2))
    add_favorites(environment, favorites)
    generators = [environment.client_rng() for _ in members]

    def send_calls(number: int) -> None:
        member, rng = members[number], generators[number]
        session_id = ""
        for step in count():
            if step >= STEPS and until():
                return
            other = members[(number + rng.choice((1, 2))) % clients]
            call = random_call(member, other, rng.choice(slots), session_id, rng)
            with_key = call.action in BOOKING_ACTIONS and step % 2
            result = environment.send(replace(call, key=f"{step}") if with_key else call)
            if call.action in BOOKING_ACTIONS and result.succeeded:
                session_id = result.session["sessionId"]

    environment.run_concurrently([*(partial(send_calls, number) for number in range(clients)), *meanwhile])


def random_call(member: Client, other: Client, slot: Slot, session_id: str, rng: Random) -> ClientCall:
    """Draw a call of a member, who cancels only with a session."""
    roll, replaces = rng.random(), rng.random() < 0.3
    if roll < 0.3:
        return booking_call(member, slot, replace=replaces)
    if roll < 0.7 or not session_id:
        return lock_call(member, other, slot, replace=replaces)
    if roll < 0.95:
        return ClientCall(Action.CANCEL, member, session_id=session_id)
    return ClientCall(Action.BLOCK, member, other=other)


def add_favorites(environment: RaceEnvironment, couples: Iterable[Iterable[Client]]) -> None:
    """Make the second of each two members a favorite of the first."""
    environment.send_all(ClientCall(Action.FAVORITE, one, other=other) for one, other in couples)


def codes(results: Iterable[CallResult]) -> set[str]:
    """Return the codes of the results."""
    return {one.code for one in results}


def check_one_winner(results: list[CallResult]) -> Violations:
    """Check that exactly one lock succeeded and that the others were refused."""
    counts = Counter(one.code for one in results)
    succeeded = [one for one in results if one.succeeded]
    if len(succeeded) != 1 and (succeeded or counts.keys().isdisjoint(RETRYABLE)):
        yield f"the target is locked in by {len(succeeded)} members"
    if unexpected := counts.keys() - {"200", "201", NotAvailable.code} - RETRYABLE:
        yield f"the others get {unexpected}"
    for one in succeeded:
        if partner_of(one.session) != one.call.other_id:
            yield "the response of the lock names another partner"


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload with its numbers of clients in the tests (`few`) and in a campaign (`many`)."""

    run: Callable[[RaceEnvironment, int], Violations]
    few: int
    many: int

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.run.__name__


# Blocks and deletions come last, because each adds about 90 day items, which every later audit reads.
WORKLOADS = (
    Workload(locks, 16, 200),
    Workload(invites, 12, 60),
    Workload(churn, 8, 40),
    Workload(overlaps, 12, 60),
    Workload(rings, 10, 40),
    Workload(repeats, 20, 60),
    Workload(replaces, 8, 40),
    Workload(batches, 12, 60),
    Workload(crowd, 16, 200),
    Workload(ticks, 6, 30),
    Workload(kills, 8, 40),
    Workload(blocks, 4, 16),
    Workload(deletions, 4, 16),
)
