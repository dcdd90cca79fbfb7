"""Match a crowd in which almost everybody fits almost everybody, without ever building the graph (R20, R21)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from chalicelib.domain.slot_matching.blossom import FREE
from chalicelib.domain.slot_matching.candidate_pool import TIERS, CandidatePool
from chalicelib.domain.slot_matching.preferred_pairs import pair_preferred

# Of those who stand aside, how many each newcomer looks at.
ASIDE = 16
# Of those who are left over, for how many a way may be sought in vain; to how many others it may lead; and for how many
# somebody is sought who waited less.
FAILURES = ENDS = HEARD = 32


def match_bucketed(pool: CandidatePool) -> tuple[list[int], int]:
    """A matching that is as large as can be but for one or two pairs, and a bound for what can be.

    Nobody loses the partner they came with but for another.
    """
    mate = list(pool.before)
    old = [n for n, partner in enumerate(mate) if partner != FREE]
    mutual, wished = pair_preferred(pool, mate)
    plain = _pair_greedily(pool, mate)
    left = [n for n, partner in enumerate(mate) if partner == FREE]
    alone = _isolated(pool, left)
    bound = _bound(pool, alone)
    left = [n for n in left if n not in alone]
    movable: list[int] = []
    for more in (plain, sorted(wished), sorted(mutual), old):
        if more:
            movable += more
            _augment(pool, mate, left, movable, bound)
            left = [n for n in left if mate[n] == FREE]
    if left:
        _leave_out_latest(pool, mate, left)
    return mate, bound


def _pair_greedily(pool: CandidatePool, mate: list[int]) -> list[int]:
    """Let those who wait come one by one, each to the first who stands aside and suits; gives those who were paired.

    Round by round they become less choosy. They are numbered at random, so their order is as good as any.
    """
    reach = pool.reach()
    coming = waited = [n for n, partner in enumerate(mate) if partner == FREE and reach[n]]
    for tier in range(TIERS):
        suiting = pool.suiting(tier)
        aside: list[int] = []
        tired = []
        for one in coming:
            suits = suiting[pool.kind_of[one]]
            for other in aside:
                if suits[pool.kind_of[other]] and pool.tier(one, other) <= tier and pool.fit(one, other):
                    mate[one], mate[other] = other, one
                    aside.remove(other)
                    break
            else:
                aside.append(one)
                if len(aside) > ASIDE:
                    tired.append(aside.pop(0))
        coming = tired + aside
    return [n for n in waited if mate[n] != FREE]


def _isolated(pool: CandidatePool, left: Sequence[int]) -> frozenset[int]:
    """Those left over whom nobody fits: by preference, or because they are apart from everybody who would."""
    reach = pool.reach()
    return frozenset(
        n for n in left if not (reach[n] and any(pool.fit(n, other) for other in range(len(pool)) if other != n))
    )


def _bound(pool: CandidatePool, alone: frozenset[int]) -> int:
    """The most pairs there can be: kinds that fit hang together, and each such group of odd size leaves out one."""
    sizes = Counter(pool.kind_of)
    sizes.subtract(pool.kind_of[n] for n in alone)
    # Settings that have changed since break no pair (R32): each may be one more.
    unfit = sum(n < partner and not pool.fit(n, partner) for n, partner in enumerate(pool.before))
    return sum(sum(sizes[kind] for kind in group) // 2 for group in _groups(pool)) + unfit


def _groups(pool: CandidatePool) -> Iterator[list[int]]:
    """The kinds that hang together by who fits whom; kinds that fit nobody are in no group."""
    fitting = pool.suiting(TIERS)
    seen: set[int] = set()
    for first in range(len(fitting)):
        if first in seen or not any(fitting[first]):
            continue
        group = [first]
        seen.add(first)
        for kind in group:
            more = [other for other, fits in enumerate(fitting[kind]) if fits and other not in seen]
            group += more
            seen.update(more)
        yield group


def _augment(pool: CandidatePool, mate: list[int], left: Sequence[int], movable: Sequence[int], bound: int) -> None:
    """Bring those left over together in twos, by ways through pairs that may be moved."""
    missing = bound - sum(partner != FREE for partner in mate) // 2
    takers: dict[int, list[int]] = defaultdict(list)
    for n in movable:
        takers[pool.kind_of[n]].append(n)
    failures = 0
    for one in left:
        if missing <= 0 or failures == FAILURES:
            return
        if mate[one] == FREE:
            found = _find_way(pool, mate, one, left, takers)
            missing, failures = (missing - 1, failures) if found else (missing, failures + 1)


def _find_way(
    pool: CandidatePool, mate: list[int], one: int, left: Sequence[int], takers: Mapping[int, list[int]]
) -> bool:
    """Find the shortest way from one who is left over to another, and go it; `takers` may be moved, kind by kind.

    Who was reached is not looked at again, and kinds that do not fit are not looked at at all: those who do fit are in
    most cases everybody, so the whole crowd is seen about once.
    """
    ends = list(islice((other for other in left if mate[other] == FREE and other != one), ENDS))
    suiting = pool.suiting(TIERS)
    unseen = dict(takers)
    came_from: dict[int, int] = {}
    givers = [one]
    for giver in givers:
        way = _way_to(giver, mate, came_from)
        for kind in [kind for kind in unseen if suiting[pool.kind_of[giver]][kind]]:
            passed = []
            for taker in unseen[kind]:
                if taker in way or not pool.fit(giver, taker):
                    passed.append(taker)
                    continue
                came_from[taker] = giver
                reached = mate[taker]
                end = next((other for other in ends if pool.fit(reached, other)), FREE)
                if end != FREE:
                    _flip(mate, [*_way_to(reached, mate, came_from), end])
                    return True
                givers.append(reached)
            unseen[kind] = passed
    return False


def _way_to(giver: int, mate: Sequence[int], came_from: Mapping[int, int]) -> list[int]:
    """The way by which a giver was reached: from one who is left over, by turns a taker and the giver it leaves."""
    way = [giver]
    while (taker := mate[way[-1]]) != FREE:
        way += [taker, came_from[taker]]
    return way[::-1]


def _flip(mate: list[int], way: Sequence[int]) -> None:
    for first, second in zip(way[::2], way[1::2], strict=True):
        mate[first], mate[second] = second, first


def _leave_out_latest(pool: CandidatePool, mate: list[int], left: list[int]) -> None:
    """Leave out who waited least, or anybody for the displaced, where that makes no pair that is liked less."""
    queue = pool.queue()
    place = {n: position for position, n in enumerate(queue)}
    for one in sorted(left, key=place.__getitem__)[:HEARD]:
        for other in reversed(queue):
            if place[other] < place[one]:
                break
            partner = mate[other]
            if partner != FREE and pool.fit(one, partner) and _may_replace(pool, one, other, partner):
                mate[one], mate[partner], mate[other] = partner, one, FREE
                break


def _may_replace(pool: CandidatePool, one: int, other: int, partner: int) -> bool:
    if pool.candidates[one].displaced and not pool.candidates[other].displaced:
        return True
    return not pool.prefers(other, partner, pool.tier(one, partner))
