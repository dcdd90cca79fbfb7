"""What a campaign prints."""

from collections.abc import Iterator

from infra.simulation.faults import Fault
from tests.simulation.campaign.campaign_stats import Tally
from tests.simulation.campaign.schedules import KINDS, MOST_ORDERS, batches
from tests.simulation.scenarios.fault_sites import Cell, Site
from tests.simulation.scenarios.initial_states import SCENES
from tests.simulation.scenarios.operation_pairs import pairs

_WHAT = {
    "pair": f"two operations in one scene, in every order that makes a difference or the first {MOST_ORDERS[2]:,}",
    "three": f"two operations with every third, in every order that makes a difference or the first {MOST_ORDERS[3]:,}",
    "fault": "one operation in one scene, with every fault at every request",
    "disorder": "one operation in one scene, with everything that can be out of joint",
    "drawn": "operations, order, faults and clocks drawn",
}


def report(tally: Tally, seed: int) -> Iterator[str]:
    """Lines that say how many schedules were played, what hit where, and whether anything was wrong."""
    schedules, seconds = len(tally.schedules), tally.seconds
    yield f"seed {seed}, {len(SCENES)} scenes, {seconds:.0f} s"
    for kind in KINDS:
        limit, played = batches(kind), sum(of == kind for of, _ in tally.batches)
        whole = f" of {limit:,}" if limit else ""
        yield f"  {tally.plays[kind]:>10,} plays, {played:,}{whole} batches: {_WHAT[kind]}"
    yield from _in_every_order(tally)
    yield f"  {tally.plays.total():>10,} plays in all"
    yield f"  {schedules:>10,} distinct schedules, {schedules / seconds:.0f} a second"
    yield f"  {tally.busy:>10,.0f} seconds of processors, {schedules / tally.busy:.0f} distinct schedules in each"
    yield ""
    yield "requests and faults that hit them:"
    width = max(map(len, map(str, tally.requests)), default=0)
    for where in sorted(tally.requests):
        yield f"  {where!s:{width}} {tally.requests[where]:>9,} {_hits(tally, where)}"
    yield ""
    yield "what else was out of joint, by use case:"
    for verb in sorted({verb for verb, _ in tally.disorders}):
        told = (f"{disorder} {number:,}" for (of, disorder), number in sorted(tally.disorders.items()) if of is verb)
        yield f"  {verb}: {', '.join(told)}"
    yield ""
    yield f"violations: {len(tally.found)}"


def _in_every_order(tally: Tally) -> Iterator[str]:
    """How often two and three operations were played at once, and how often in every order."""
    for number, word in ((2, "two"), (3, "three")):
        orders = {of: played for of, played in tally.orders.items() if len(of[1]) == number}
        whole = [operations for (_, operations), played in orders.items() if played < MOST_ORDERS[number]]
        yield f"  {len(orders):>10,} times {word} operations in one scene, {len(whole):,} times in every order"
        if number == 2:
            yield f"  {len(set(whole)):>10,} of {len(pairs()):,} pairs in every order in one scene at least"


def _hits(tally: Tally, where: Site) -> str:
    hits = ((fault, tally.hits[Cell(where, fault)]) for fault in Fault)
    return ", ".join(f"{fault} {number:,}" for fault, number in hits if number)
