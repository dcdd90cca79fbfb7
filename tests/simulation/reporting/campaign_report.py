"""What a campaign prints."""

from collections.abc import Iterator

from infra.simulation.faults import RequestFault
from tests.simulation.campaign.campaign_stats import CampaignStats
from tests.simulation.campaign.schedules import KINDS, MOST_ORDERS, batches
from tests.simulation.scenarios.fault_sites import Cell, FaultSite
from tests.simulation.scenarios.initial_states import INITIAL_STATES
from tests.simulation.scenarios.operation_pairs import pairs

_WHAT = {
    "pair": f"two operations in one scene, in every order that makes a difference or the first {MOST_ORDERS[2]:,}",
    "three": f"two operations with every third, in every order that makes a difference or the first {MOST_ORDERS[3]:,}",
    "fault": "one operation in one scene, with every fault at every request",
    "environment": "one operation in one scene, with everything that can be out of joint",
    "drawn": "operations, order, faults and clocks drawn",
}


def report(stats: CampaignStats, seed: int) -> Iterator[str]:
    """Lines that say how many schedules were played, what hit where, and whether anything was wrong."""
    schedules, seconds = len(stats.schedules), stats.seconds
    yield f"seed {seed}, {len(INITIAL_STATES)} scenes, {seconds:.0f} s"
    for kind in KINDS:
        limit, played = batches(kind), sum(of == kind for of, _ in stats.batches)
        whole = f" of {limit:,}" if limit else ""
        yield f"  {stats.runs[kind]:>10,} plays, {played:,}{whole} batches: {_WHAT[kind]}"
    yield from _in_every_order(stats)
    yield f"  {stats.runs.total():>10,} plays in all"
    yield f"  {schedules:>10,} distinct schedules, {schedules / seconds:.0f} a second"
    yield f"  {stats.busy:>10,.0f} seconds of processors, {schedules / stats.busy:.0f} distinct schedules in each"
    yield ""
    yield "requests and faults that hit them:"
    width = max(map(len, map(str, stats.requests)), default=0)
    for where in sorted(stats.requests):
        yield f"  {where!s:{width}} {stats.requests[where]:>9,} {_hits(stats, where)}"
    yield ""
    yield "what else was out of joint, by use case:"
    for use_case in sorted({use_case for use_case, _ in stats.environment_faults}):
        told = (
            f"{environment_fault} {number:,}"
            for (of, environment_fault), number in sorted(stats.environment_faults.items())
            if of is use_case
        )
        yield f"  {use_case}: {', '.join(told)}"
    yield ""
    yield f"violations: {len(stats.found)}"


def _in_every_order(stats: CampaignStats) -> Iterator[str]:
    """How often two and three operations were played at once, and how often in every order."""
    for number, word in ((2, "two"), (3, "three")):
        orders = {of: played for of, played in stats.orders.items() if len(of[1]) == number}
        whole = [operations for (_, operations), played in orders.items() if played < MOST_ORDERS[number]]
        yield f"  {len(orders):>10,} times {word} operations in one scene, {len(whole):,} times in every order"
        if number == 2:
            yield f"  {len(set(whole)):>10,} of {len(pairs()):,} pairs in every order in one scene at least"


def _hits(stats: CampaignStats, where: FaultSite) -> str:
    hits = ((fault, stats.hits[Cell(where, fault)]) for fault in RequestFault)
    return ", ".join(f"{fault} {number:,}" for fault, number in hits if number)
