"""The report of a campaign."""

from collections.abc import Iterator

from infra.simulation.faults import RequestFault
from tests.simulation.campaign.campaign_stats import CampaignStats
from tests.simulation.campaign.schedules import KINDS, MAX_ORDERS, batches
from tests.simulation.scenarios.fault_sites import Cell, FaultSite
from tests.simulation.scenarios.initial_states import INITIAL_STATES
from tests.simulation.scenarios.operation_pairs import pairs

_WHAT = {
    "pair": f"pairs of operations in one initial state, in every order that matters, at most {MAX_ORDERS[2]:,}",
    "three": f"pairs with every third operation, in every order that matters, at most {MAX_ORDERS[3]:,}",
    "fault": "one operation in one initial state, with every fault at every request",
    "environment": "one operation in one initial state, with every environment fault",
    "drawn": "random operations, orders, faults and clocks",
    "events": "random operations and announcements of their events, with every repetition of the stream",
    "begun": "random operations after the start of a session, and announcements of their events",
}


def report(stats: CampaignStats, seed: int) -> Iterator[str]:
    """Yield the lines of the report about schedules, faults, environment faults and violations."""
    schedules, seconds = len(stats.schedules), stats.seconds
    yield f"seed {seed}, {len(INITIAL_STATES)} initial states, {seconds:.0f} s"
    for kind in KINDS:
        limit, count = batches(kind), sum(of == kind for of, _ in stats.batches)
        whole = f" of {limit:,}" if limit else ""
        yield f"  {stats.runs[kind]:>10,} runs, {count:,}{whole} batches: {_WHAT[kind]}"
    yield from _in_every_order(stats)
    yield f"  {stats.runs.total():>10,} runs in total"
    yield f"  {schedules:>10,} distinct schedules, {schedules / seconds:.0f} a second"
    yield f"  {stats.busy:>10,.0f} seconds of processor time, {schedules / stats.busy:.0f} schedules a second"
    yield ""
    yield "requests and their faults:"
    width = max(map(len, map(str, stats.requests)), default=0)
    for where in sorted(stats.requests):
        yield f"  {where!s:{width}} {stats.requests[where]:>9,} {_hits(stats, where)}"
    yield ""
    yield "environment faults, by use case:"
    for use_case in sorted({use_case for use_case, _ in stats.environment_faults}):
        counts = (
            f"{environment_fault} {number:,}"
            for (of, environment_fault), number in sorted(stats.environment_faults.items())
            if of is use_case
        )
        yield f"  {use_case}: {', '.join(counts)}"
    yield ""
    yield f"violations: {len(stats.found)}"


def _in_every_order(stats: CampaignStats) -> Iterator[str]:
    """Yield the numbers of pairs and triples, and of those in every order."""
    for number, word in ((2, "two"), (3, "three")):
        orders = {of: count for of, count in stats.orders.items() if len(of[1]) == number}
        whole = [operations for (_, operations), count in orders.items() if count < MAX_ORDERS[number]]
        yield f"  {len(orders):>10,} times {word} operations in one initial state, {len(whole):,} in every order"
        if number == 2:
            yield f"  {len(set(whole)):>10,} of {len(pairs()):,} pairs in every order in at least one initial state"


def _hits(stats: CampaignStats, where: FaultSite) -> str:
    hits = ((fault, stats.hits[Cell(where, fault)]) for fault in RequestFault)
    return ", ".join(f"{fault} {number:,}" for fault, number in hits if number)
