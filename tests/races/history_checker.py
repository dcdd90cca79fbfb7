"""Whether everybody was told the truth: every answer held against everything that the table ever held.

What is answered as done was done, once. What was done, somebody was told, or was not told anything. What is refused
left nothing behind. Whatever happened to somebody else's booking happened for a reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.member import Tombstone
from chalicelib.domain.model.slot import Slot
from tests.races.clients import CLAIMS, LOCKS, Ask, Told, Verb
from tests.races.stream_history import History

Lives = dict[str, list[Booking | None]]


def judge(history: History, told: Iterable[Told]) -> Iterator[str]:
    """Everything that is not as it was told, or happened for no reason."""
    yield from _Judge(history, list(told)).verdict()


class _Judge:
    """The answers by what they are about, and the bookings by what became of them."""

    def __init__(self, history: History, told: list[Told]) -> None:
        self._history = history
        self._told = told
        self._lives = history.lives()
        self._members = {one.ask.who.user_id for one in told}
        resolved = {(one.ask.who, one.ask.key) for one in told if one.ask.key and one.done}
        # Asked again with the same key, and answered: then it is known.
        self._in_doubt = [one.ask for one in told if one.in_doubt and (one.ask.who, one.ask.key) not in resolved]
        self._asked: defaultdict[str, list[Ask]] = defaultdict(list)
        for ask in [one.ask for one in told if one.done] + self._in_doubt:
            self._asked[ask.who.user_id].append(ask)
        self._lives_of: defaultdict[str, list[list[Booking | None]]] = defaultdict(list)
        for life in self._lives.values():
            self._lives_of[_first(life).member_id].append(life)
        self._left = {one.ask.who.user_id for one in told if one.ask.verb is Verb.LEAVE and (one.done or one.in_doubt)}

    def verdict(self) -> Iterator[str]:
        yield from self._versions()
        for one in self._told:
            yield from self._answer(one)
        yield from self._twice()
        yield from self._unasked()
        yield from self._untold_pairs()
        for life in self._lives.values():
            for before, after in pairwise(life):
                if before and before.active:
                    yield from self._step(before, after)
        yield from self._uses()

    def _versions(self) -> Iterator[str]:
        """A day's versions rise by one, and no day is ever gone (R3)."""
        for versions in self._history.days():
            numbers = [day.version if day else None for day in versions]
            if numbers != list(range(1, len(numbers) + 1)):
                yield f"the versions of {versions[0].key} are {numbers}"

    def _answer(self, one: Told) -> Iterator[str]:
        """What an answer says was so at some time, and is so now where nothing may have changed it since."""
        ask = one.ask
        if not one.done:
            return
        if ask.verb in CLAIMS:
            yield from self._booked(one)
        elif ask.verb is Verb.CANCEL:
            if (last := self._lives[ask.session_id][-1]) and last.active:
                yield f"{_named(ask)} is answered, and {_seen(last)} stands"
        elif ask.verb is Verb.BLOCK:
            yield from self._parted(ask)
        elif ask.verb is Verb.FAVORITE and not self._history.ever_favorite(ask.who.user_id, ask.other_id):
            yield f"{_named(ask)} is answered, and never was"
        elif ask.verb is Verb.LEAVE and not isinstance(self._history.account(ask.who.user_id), Tombstone):
            yield f"{_named(ask)} is answered, and the account stands"

    def _booked(self, one: Told) -> Iterator[str]:
        ask, life = one.ask, [held for held in self._lives.get(one.session["sessionId"], ()) if held]
        if one.shown not in [_shown(held) for held in life]:
            yield f"{_named(ask)} is told {one.shown}, which never was"
        if any((held.member_id, held.slot) != (ask.who.user_id, ask.slot) for held in life):
            yield f"{_named(ask)} is told of another booking: {_seen(life[0])}"
        if ask.verb in LOCKS and not any(_is_locked_in(held, ask.other_id) for held in life):
            yield f"{_named(ask)} is told {one.shown}, and was never locked in"

    def _parted(self, ask: Ask) -> Iterator[str]:
        """Two of whom one blocked the other have no common pair ahead, and get none until it is taken back (R1)."""
        taken_back = any(
            one.ask.verb is Verb.UNBLOCK and (one.ask.who, one.ask.other_id) == (ask.who, ask.other_id)
            for one in self._told
        )
        for last in (life[-1] for life in self._lives_of[ask.who.user_id] if not taken_back):
            if last and last.partner and last.partner.member_id == ask.other_id:
                yield f"{_named(ask)} is answered, and {_seen(last)} stands"

    def _twice(self) -> Iterator[str]:
        """No two requests are told that they made the same; the same one asked again is told the same."""
        made: defaultdict[tuple[object, ...], set[tuple[object, ...]]] = defaultdict(set)
        for number, one in enumerate(self._told):
            if one.made:
                what = one.shown[2] if one.ask.verb in LOCKS else one.session["sessionId"]
                made[one.ask.who, what].add((one.ask.key,) if one.ask.key else ("", number))
        for (who, what), by in made.items():
            if len(by) > 1:
                yield f"{len(by)} requests of {who.user_id} are told that they made {what}"  # type: ignore[attr-defined]

    def _unasked(self) -> Iterator[str]:
        """Every booking that ever was is one that its owner was told of; at most one for each claim in doubt."""
        known = {one.session["sessionId"] for one in self._told if one.ask.verb in CLAIMS and one.done}
        doubts = Counter((ask.who.user_id, ask.slot) for ask in self._in_doubt if ask.verb in CLAIMS)
        for booking_id, life in self._lives.items():
            first = _first(life)
            if first.member_id not in self._members or booking_id in known:
                continue
            doubts[first.member_id, first.slot] -= 1
            if doubts[first.member_id, first.slot] < 0:
                yield f"{_seen(first)} was made, and nobody was told"

    def _untold_pairs(self) -> Iterator[str]:
        """Every locked-in pair that ever was is one of which one of the two was told (R14)."""
        known = {one.shown[2] for one in self._told if one.ask.verb in LOCKS and one.done}
        doubts = {(ask.who.user_id, ask.other_id, ask.slot) for ask in self._in_doubt if ask.verb in LOCKS}
        for held in self._all():
            if held.state is not State.LOCKED_IN or held.member_id not in self._members:
                continue
            assert held.partner
            two = held.member_id, held.partner.member_id
            if held.partner.pair_id not in known and not {(*two, held.slot), (*two[::-1], held.slot)} & doubts:
                yield f"{_seen(held)} was made, and neither was told"

    def _step(self, before: Booking, after: Booking | None) -> Iterator[str]:
        """A booking stays what it is until its owner gives it up; it loses a partner for a reason only."""
        if before.member_id not in self._members:
            return
        if after is None or not after.active:
            if not self._may_be_given_up(before):
                yield f"{_seen(before)} was given up, and its owner did not ask for it"
            return
        if (after.slot, after.requested_at) != (before.slot, before.requested_at):
            yield f"{_seen(before)} became {_seen(after)}"
        if before.partner and (after.partner is None or after.partner.member_id != before.partner.member_id):
            yield from self._lost(before, after)
        elif before.state is State.LOCKED_IN and _shown(after) != _shown(before):
            yield f"{_seen(before)} became {_seen(after)}"

    def _may_be_given_up(self, held: Booking) -> bool:
        """By a cancellation, a claim that replaces what is not locked in, or a deletion (R16, R17, R33)."""
        if held.member_id in self._left:
            return True
        own = self._asked[held.member_id]
        replaced = held.state is not State.LOCKED_IN and any(
            ask.replace and ask.slot and ask.slot.overlaps(held.slot) for ask in own
        )
        return replaced or any(ask.verb is Verb.CANCEL and ask.session_id == held.booking_id for ask in own)

    def _lost(self, before: Booking, after: Booking) -> Iterator[str]:
        """A pair ends because one gave it up or a block parts it; a random one also by a lock (R1, R12, R18)."""
        assert before.partner
        other = before.partner.member_id
        if self._history.ever_blocked(before.member_id, other):
            return
        theirs = self._after(before)
        cancelled_locks = any(next_one is None or not next_one.active for next_one in theirs)
        overridden = any(held and held.state is State.LOCKED_IN for held in (after, *theirs))
        if not cancelled_locks and (before.state is State.LOCKED_IN or not overridden):
            yield f"{_seen(before)} became {_seen(after)}, and neither had asked for it"

    def _after(self, before: Booking) -> list[Booking | None]:
        """What became of the other half of a pair."""
        assert before.partner
        pair = before.partner.pair_id
        found: list[Booking | None] = []
        for life in self._lives_of[before.partner.member_id]:
            found += [after for held, after in pairwise(life) if held and held.partner and held.partner.pair_id == pair]
        return found

    def _uses(self) -> Iterator[str]:
        """A link was used as often as somebody was told that it let them in, and never more often than it may (R29)."""
        told: Counter[str] = Counter()
        doubts: Counter[str] = Counter()
        for digest, count in ((token_digest(one.ask.link), told) for one in self._told if one.made and one.ask.link):
            count[digest] += 1
        for ask in self._in_doubt:
            if ask.link:
                doubts[token_digest(ask.link)] += 1
        for versions in self._history.links():
            if versions[0].owner_id not in self._members:
                continue
            uses = [link.uses for link in versions]
            digest, limit = versions[0].digest, versions[0].max_uses
            if uses != list(range(len(uses))) or (limit is not None and uses[-1] > limit):
                yield f"the uses of {versions[0].link_id}, good for {limit}, are {uses}"
            if not told[digest] <= uses[-1] <= told[digest] + doubts[digest]:
                yield f"{versions[0].link_id} is used {uses[-1]} times, and {told[digest]} were told so"

    def _all(self) -> Iterator[Booking]:
        return (held for life in self._lives.values() for held in life if held)


def _first(life: list[Booking | None]) -> Booking:
    assert life[0]
    return life[0]


def _shown(held: Booking) -> tuple[str, str | None, str | None]:
    partner = held.partner
    return held.state.value, partner and partner.member_id, partner and partner.pair_id


def _is_locked_in(held: Booking, other: str) -> bool:
    return held.state is State.LOCKED_IN and held.partner is not None and held.partner.member_id == other


def _named(ask: Ask) -> str:
    """What was asked, in ids: a link's token is nobody's business."""
    return f"{ask.verb} by {ask.who.user_id} of {ask.other_id or ask.session_id} at {_text(ask.slot)}"


def _seen(held: Booking) -> str:
    return f"{held.booking_id} at {_text(held.slot)} {_shown(held)}"


def _text(slot: Slot | None) -> str:
    return f"{slot.start:%Y-%m-%dT%H:%MZ}/{slot.minutes}" if slot else "no slot"
