"""The storms: each lets a crowd loose on one spot of the table, and tells what came of it that must not.

What any storm must leave true (`judging`, the auditor, nobody left waiting) is not told here.
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
from tests.races.clients import CLAIMS, UNDECIDED, Ask, Told, Verb
from tests.races.environment import (
    STREAM_SECONDS,
    Field,
    booking,
    earlier,
    eventually_none,
    left_undone,
    lock,
)
from tests.races.processes import RUNNERS

Found = Iterator[str]
# What each client asks for at least, where everything is asked for.
STEPS = 4


def locks(field: Field, clients: int) -> Found:
    """All lock the same target, who is matched; a third of them is matched there as well (R12, R14, R15)."""
    slot = field.slot()
    target, partner = field.members(2)
    lockers = [member for member in field.members(clients + 2) if member not in (target, partner)][:clients]
    favorite(field, ((locker, target) for locker in lockers))
    field.ask_all(booking(member, slot) for member in (target, partner))
    field.ask_all([booking(locker, slot) for locker in lockers[: clients // 3]])
    told = field.rage_of([lock(locker, target, slot) for locker in lockers])
    yield from one_of(told, "the target is locked in by")
    refused = {one.answer.but_instance for one in told if one.answer and one.code == NotAvailable.code}
    if len(refused) > 1:
        yield f"there are {len(refused)} answers to who comes too late"


def invites(field: Field, clients: int) -> Found:
    """All come by a link with one use, over several slots; then by one with three (R26, R28, R29)."""
    owner = field.members(1)[0]
    slots = [field.slot() for _ in range(5)]
    field.ask_all([booking(owner, slot) for slot in slots])
    guests = [member for member in field.members(clients + 1) if member is not owner][:clients]
    for uses in (1, 3):
        token = field.link(owner, uses)
        told = field.rage_of(
            [Ask(Verb.ACCEPT, guest, slots[n % len(slots)], owner, link=token) for n, guest in enumerate(guests)]
        )
        let_in = sum(one.made for one in told)
        if let_in != uses and codes(told).isdisjoint(UNDECIDED):
            yield f"a link with {uses} uses lets {let_in} in"
        # Who is in needs no other link, and would be told so.
        guests = [one.ask.who for one in told if not one.done]
        if unexpected := codes(told) - {"201", InviteUnavailable.code, NotAvailable.code} - UNDECIDED:
            yield f"guests are told {unexpected}"


def churn(field: Field, clients: int) -> Found:
    """All book and cancel, again and again, in slots that overlap."""
    slot = field.midnight()
    slots = [earlier(slot, minutes) for minutes in (0, 30, 45)] + [Slot(slot.start, 25)]
    draws = [field.draw() for _ in range(clients)]

    def come_and_go(member: Client, rng: Random) -> None:
        for _ in range(3):
            told = field.ask(booking(member, rng.choice(slots), replace=rng.random() < 0.3))
            if told.done and rng.random() < 0.7:
                field.ask(Ask(Verb.CANCEL, member, session_id=told.session["sessionId"]))

    field.rage([partial(come_and_go, *one) for one in zip(field.members(clients), draws, strict=True)])
    yield from ()


def overlaps(field: Field, clients: int) -> Found:
    """Some book four slots that overlap, at the same instant; then they cancel what they got four times (R3, R17)."""
    slot = field.midnight()
    slots = [earlier(slot, minutes) for minutes in (0, 30, 45)] + [Slot(slot.start, 75)]
    told = field.rage_of([booking(member, one) for member in field.members(max(1, clients // 4)) for one in slots])
    made = [one for one in told if one.made]
    if len({one.ask.who for one in made}) != len(made):
        yield "somebody got two sessions that overlap"
    if unexpected := codes(told) - {"201", TimeConflict.code} - UNDECIDED:
        yield f"who books is told {unexpected}"
    cancels = [Ask(Verb.CANCEL, one.ask.who, session_id=one.session["sessionId"]) for one in made for _ in slots]
    if unexpected := codes(field.rage_of(cancels)) - {"204"} - UNDECIDED:
        yield f"who cancels is told {unexpected}"


def rings(field: Field, clients: int) -> Found:
    """Everybody locks the next in a ring, which is closed, and all at once; two who lock each other both succeed."""
    slot = field.slot()
    members, sizes, left = field.members(clients), [], clients
    while left > 1:
        # Twos and threes among larger ones, which grow with the number of clients.
        sizes.append(min(left, (2, 3, 2, 5, 2, max(6, clients // 4))[len(sizes) % 6]))
        left -= sizes[-1]
    crowd = iter(members)
    found = [[next(crowd) for _ in range(size)] for size in sizes]
    for ring in found:
        favorite(field, pairwise([*ring, ring[0]]))
    field.ask_all([booking(member, slot) for ring in found for member in ring])
    told = field.rage_of([lock(one, other, slot) for ring in found for one, other in pairwise([*ring, ring[0]])])
    by_member = {one.ask.who: one for one in told}
    for ring in found:
        answers = [by_member[member] for member in ring]
        if len(ring) == 2 and codes(answers) - {"200", "201"} - UNDECIDED:
            yield f"two who lock each other are told {codes(answers)}"
        if not any(one.done for one in answers) and codes(answers) == {NotAvailable.code}:
            yield f"nobody in a ring of {len(ring)} is locked in"


def repeats(field: Field, clients: int) -> Found:
    """Ten times the same request with the same key, at the same instant: one effect and one answer."""
    slot = field.slot()
    members = field.members(max(2, clients // 10))
    targets = [member for member in field.members(2 * len(members)) if member not in members][: len(members)]
    favorite(field, zip(members, targets, strict=True))
    field.ask_all([booking(target, slot) for target in targets])
    asks = []
    for n, (member, target) in enumerate(zip(members, targets, strict=True)):
        key = f"{field.rng.random()}"
        # Whoever locks and whoever only books may be after the same target: then one is displaced, and told so later.
        asks += [(lock(member, target, slot, key=key) if n % 2 else booking(member, slot, key=key))] * 10
    told = field.rage_of(asks)
    for member in members:
        answers = {one.answer.data for one in told if one.ask.who is member and one.answer and one.done}
        if len(answers) > 1:
            yield f"one key has {len(answers)} answers"


def replaces(field: Field, clients: int) -> Found:
    """All replace what they have by what overlaps it, by two ways at once; some have what cannot be replaced (R16)."""
    slot = field.midnight()
    before, after = earlier(slot, 30), Slot(earlier(slot, -30).start, 75)
    members = field.members(clients // 2)
    targets = field.new_members(len(members))
    favorite(field, zip(members, targets, strict=True))
    field.ask_all([booking(target, slot) for target in targets])
    held = [
        booking(member, before) if n % 4 else lock(member, targets[n], slot) for n, member in enumerate(members)
    ]  # fmt: skip
    field.ask_all(held)
    field.rage_of(
        [
            ask
            for n, (member, target) in enumerate(zip(members, targets, strict=True))
            for ask in (
                lock(member, target, slot, replace=True) if n % 2 else booking(member, slot, replace=True),
                booking(member, after, replace=True),
            )
        ]
    )
    yield from ()


def crowd(field: Field, clients: int) -> Found:
    """All book the same slot, and the stream is delivered twice (R19, R20)."""
    field.fleet.each(partial(Runner.stream, enabled=True, deliveries=2))
    slot = field.slot()
    told = field.rage_of([booking(member, slot) for member in field.members(clients)])
    if codes(told) - {"201"} - UNDECIDED:
        yield f"who books is told {codes(told)}"
    for left in eventually_none(field.table, left_undone, STREAM_SECONDS):
        yield f"the stream is delivered, and {left}"


def ticks(field: Field, clients: int) -> Found:
    """Everything at once while the stream is held back and all runners run their schedules (R19)."""
    field.hold_stream()

    everything(field, clients, partial(field.fleet.each, Runner.tick))
    yield from ()


def kills(field: Field, clients: int) -> Found:
    """Everything at once, until one runner after the other was killed and started again."""
    killed = threading.Event()

    def kill_all() -> None:
        for number in range(RUNNERS):
            enough = len(field.told) + clients
            while len(field.told) < enough:
                threading.Event().wait(0.01)
            field.fleet.restart(number)
        killed.set()

    told_before = len(field.told)
    everything(field, clients, kill_all, until=killed.is_set)
    if not any(one.answer is None for one in field.told[told_before:]):
        yield "nobody noticed that a runner was killed"


def blocks(field: Field, clients: int) -> Found:
    """One of two locks the other, who is matched, and the other blocks the one, at the same instant (R1)."""
    couples = [field.new_members(2) for _ in range(clients // 2)]
    thirds = field.members(len(couples))
    favorite(field, couples)
    slots = [field.slot() for _ in range(5)]
    asks = []
    for n, (one, other) in enumerate(couples):
        slot = slots[n % len(slots)]
        field.ask_all([booking(member, slot) for member in (other, thirds[n])])
        asks += [lock(one, other, slot), Ask(Verb.BLOCK, other, other=one)]
    told = field.rage_of(asks)
    if unexpected := codes(one for one in told if one.ask.verb is Verb.BLOCK) - {"204"} - UNDECIDED:
        yield f"who blocks is told {unexpected}"


def deletions(field: Field, clients: int) -> Found:
    """Three lock the same target at the same instant at which the target's account, or one of theirs, goes (R33)."""
    slot = field.slot()
    asks = []
    for number in range(max(1, clients // 4)):
        target, *lockers = field.new_members(4)
        favorite(field, ((locker, target) for locker in lockers))
        field.ask_all([booking(target, slot)])
        leaves = target if number % 2 else lockers[0]
        asks += [*(lock(locker, target, slot) for locker in lockers), Ask(Verb.LEAVE, leaves)]
    told = field.rage_of(asks)
    left = [one for one in told if one.ask.verb is Verb.LEAVE]
    if unexpected := codes(left) - {"204"} - UNDECIDED:
        yield f"who leaves is told {unexpected}"
    for one in left:
        if one.done and (status := one.ask.who.on(field.fleet.next()).get("/v1/me").status) != 401:
            yield f"a deleted member is answered {status}"


def everything(
    field: Field, clients: int, *meanwhile: Callable[[], None], until: Callable[[], bool] = lambda: True
) -> None:
    """Book, lock, replace, cancel, block: whatever comes to mind, each client by itself, all at once."""
    members = field.new_members(clients)
    slot = field.midnight()
    slots = [earlier(slot, minutes) for minutes in (0, 30, 45)] + [Slot(slot.start, 75)]
    favorite(field, ((one, members[(n + step) % clients]) for n, one in enumerate(members) for step in (1, 2)))
    draws = [field.draw() for _ in members]

    def go(number: int) -> None:
        me, rng = members[number], draws[number]
        held = ""
        for step in count():
            if step >= STEPS and until():
                return
            other = members[(number + rng.choice((1, 2))) % clients]
            ask = anything(me, other, rng.choice(slots), held, rng)
            told = field.ask(replace(ask, key=f"{step}") if ask.verb in CLAIMS and step % 2 else ask)
            if ask.verb in CLAIMS and told.done:
                held = told.session["sessionId"]

    field.rage([*(partial(go, number) for number in range(clients)), *meanwhile])


def anything(me: Client, other: Client, slot: Slot, held: str, rng: Random) -> Ask:
    """What comes to mind of somebody who may hold a session."""
    roll, replaces = rng.random(), rng.random() < 0.3
    if roll < 0.3:
        return booking(me, slot, replace=replaces)
    if roll < 0.7 or not held:
        return lock(me, other, slot, replace=replaces)
    if roll < 0.95:
        return Ask(Verb.CANCEL, me, session_id=held)
    return Ask(Verb.BLOCK, me, other=other)


def favorite(field: Field, couples: Iterable[Iterable[Client]]) -> None:
    """Let the first of each two have the second among the favorites."""
    field.ask_all(Ask(Verb.FAVORITE, one, other=other) for one, other in couples)


def codes(told: Iterable[Told]) -> set[str]:
    """All that was told, in a word each."""
    return {one.code for one in told}


def one_of(told: list[Told], whose: str) -> Found:
    """Exactly one was told that it is done, and the others that it cannot be."""
    counts = Counter(one.code for one in told)
    done = [one for one in told if one.done]
    if len(done) != 1 and (done or counts.keys().isdisjoint(UNDECIDED)):
        yield f"{whose} {len(done)}"
    if unexpected := counts.keys() - {"200", "201", NotAvailable.code} - UNDECIDED:
        yield f"the others are told {unexpected}"
    for one in done:
        if partner_of(one.session) != one.ask.other_id:
            yield "the winner is told of another partner"


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm, and how many clients it takes: a few where it is one of many tests, hundreds in a campaign."""

    raise_on: Callable[[Field, int], Found]
    few: int
    many: int

    @property
    def name(self) -> str:
        """What it is about."""
        return self.raise_on.__name__


# Whoever blocks or leaves gives every day ahead a version, and makes the table longer to walk: they come last.
STORMS = (
    Storm(locks, 16, 200),
    Storm(invites, 12, 60),
    Storm(churn, 8, 40),
    Storm(overlaps, 12, 60),
    Storm(rings, 10, 40),
    Storm(repeats, 20, 60),
    Storm(replaces, 8, 40),
    Storm(crowd, 16, 200),
    Storm(ticks, 6, 30),
    Storm(kills, 8, 40),
    Storm(blocks, 4, 16),
    Storm(deletions, 4, 16),
)
