"""`python -m bench.bill` prints what a number of members cost in a month at AWS, in US dollars, line by line.

Request units are those of `bench.worst_account` for an ordinary account. `bench.member_month` has the assumed use, and
`bench.prices` the prices. With `--record` it writes the bills of four communities to docs/costs.md instead. With
`--json` it prints their totals.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence

from bench.account_sizes import ORDINARY
from bench.accounts import populate
from bench.member_month import STATED, MemberUse, calls_of
from bench.monthly_bill import FUNCTION_USE, BillLine, CommunityUse, gigabyte_seconds, lines_of, total
from bench.prices import AS_OF, PRICES
from bench.worst_account import COSTS, CallCost, costs

MEMBERS = (200, 2_000, 20_000, 1_000_000)
# The dollars a month that 2,000 members should cost at most.
GOAL = 15
# The reason of each service above a tenth of that.
REASONS = {
    "firewall": (
        "A list of rules at the edge protects pages, and one in the region the API at its own address. Each costs 5 "
        'dollars and its rule 1, for any number of requests. With `"Firewall": "off"` the limits of the gateway stay. '
        "An API key of the gateway, which the distribution would send, could replace the second list. Its header is "
        "`X-API-KEY`, in which clients send the keys of members, so both lists stay."
    ),
    "table": "Two fifths of the reads are those of the daily audit, a third those of the calendar, once a minute.",
    "alarms": (
        "Ten are free, and each further one costs 0.10 dollars. A composite alarm costs 0.50, and those that it joins "
        "stay charged."
    ),
    "mail": "A member with a verified address gets about two mails for each session. Members choose the kinds.",
    "backups": "Each daily backup is a whole copy of the table, kept for 35 days in two regions.",
    "Lambda": (
        "A stored snapshot of each published version that starts from one is charged all month, for its memory. "
        '`"SnapStart": "off"` saves it.'
    ),
    "socket": "A room is open for an hour and sends about ten signals.",
    "queues": "Lambda keeps five requests open at each queue, also without messages.",
    "gateway": "A REST API has the limits of rate, the compression and the errors that the service needs.",
}
BEGIN, END = "<!-- monthly bill -->", "<!-- end of monthly bill -->"


def measured() -> Mapping[str, CallCost]:
    """Return the measured costs of the requests of an ordinary account."""
    return costs(populate(ORDINARY))


def bill_lines(community: CommunityUse) -> Iterator[str]:
    """Yield the bill of one community."""
    lines = lines_of(community)
    yield f"{community.members:,} members, {community.bookings:,.0f} bookings a month, list prices of {AS_OF}"
    for line in lines:
        yield f"{line.name:<36}{line.quantity:>18,.2f} {PRICES[line.price].unit:<34}{line.dollars:>12,.2f}"
    yield f"{'together':<36}{'':>53}{total(lines):>12,.2f}"


def table(bills: Sequence[Sequence[BillLine]]) -> Iterator[str]:
    """Yield the table of several bills, one column each."""
    yield "| dollars a month | " + " | ".join(f"{members:,} members" for members in MEMBERS) + " |"
    yield "|---|" + "---|" * len(bills)
    for row in zip(*bills, strict=True):
        yield f"| {row[0].name} | " + " | ".join(f"{line.dollars:,.2f}" for line in row) + " |"
    yield "| **together** | " + " | ".join(f"**{total(list(bill)):,.2f}**" for bill in bills) + " |"


def document(found: Mapping[str, CallCost]) -> str:
    """Return the recorded part of docs/costs.md."""
    use = MemberUse()
    communities = [CommunityUse(members, use, found) for members in MEMBERS]
    return "\n".join(
        [
            *table([lines_of(community) for community in communities]),
            "",
            *_largest(lines_of(communities[1])),
            "",
            "Each member on average has:",
            "",
            *(f"- {getattr(use, name):g} {meaning}" for name, meaning in STATED.items()),
            "",
            f"That is {sum(calls_of(use).values()):,.0f} requests a month. The time of functions is assumed, too:",
            "",
            "| function | MB | milliseconds a run | GB-seconds a month of 2,000 members |",
            "|---|---|---|---|",
            *_function_rows(communities[1]),
            "",
            f"List prices of us-east-1, {AS_OF}:",
            "",
            "| unit | dollars | free each month | page |",
            "|---|---|---|---|",
            *_price_rows(),
        ]
    )


def _largest(lines: Sequence[BillLine]) -> Iterator[str]:
    """Yield the services of 2,000 members by their dollars, down to the first below a tenth of the goal."""
    services: dict[str, float] = {}
    for line in lines:
        service = line.name.partition(":")[0]
        services[service] = services.get(service, 0.0) + line.dollars
    above = {service: dollars for service, dollars in services.items() if dollars >= GOAL / 10}
    yield f"The goal for 2,000 members is {GOAL:g} dollars. The bill is {total(list(lines)):,.2f}, most of it for:"
    yield ""
    for service in sorted(above, key=lambda one: -above[one]):
        yield f"- {service}, {above[service]:,.2f}. {REASONS[service]}"
    yield ""
    without = [line for line in lines if line.name.partition(":")[0] != "firewall" and "snapshots" not in line.name]
    yield (
        f"Without firewalls and snapshots the bill is {total(without):,.2f}. What is above the goal then is mostly the "
        "use of members: mails, requests, and reads of the table. A flat-rate plan of CloudFront includes the "
        "firewall of the edge and the zone. Its smallest is free up to a million requests a month, and is "
        "chosen in the console. The project has not tried one."
    )


def _function_rows(community: CommunityUse) -> Iterator[str]:
    for name, used in gigabyte_seconds(community).items():
        use = FUNCTION_USE[name]
        yield f"| `{name}` | {use.memory} | {use.milliseconds:g} | {used:,.0f} |"


def _price_rows() -> Iterator[str]:
    for price in PRICES.values():
        tiers = [(first, dollars) for first, dollars in price.tiers if dollars]
        shown = ", then ".join(_dollars(dollars) for _, dollars in tiers)
        free = f"{tiers[0][0]:,.0f}" if tiers[0][0] else "none"
        yield f"| {price.unit} | {shown} | {free} | {price.page} |"


def _dollars(each: float) -> str:
    return f"{each:g}" if each >= 0.001 else f"{each * 1e6:g} for a million"


def recorded() -> str:
    """Return the recorded part as docs/costs.md holds it."""
    return COSTS.read_text().partition(BEGIN)[2].partition(END)[0].strip()


def figures(found: Mapping[str, CallCost]) -> dict[str, float]:
    """Return the dollars of a month of each community."""
    use = MemberUse()
    return {f"{members}.dollars": round(total(lines_of(CommunityUse(members, use, found))), 2) for members in MEMBERS}


def main(arguments: Sequence[str]) -> int:
    """Print one bill, or all totals as JSON, or record all."""
    parser = argparse.ArgumentParser(prog="python -m bench.bill", description=__doc__)
    parser.add_argument("--members", type=int, default=2_000)
    parser.add_argument("--bookings-a-week", type=float, default=MemberUse().bookings_a_week)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    if given.record:
        before, _, rest = COSTS.read_text().partition(BEGIN)
        COSTS.write_text(f"{before}{BEGIN}\n{document(measured())}\n{END}{rest.partition(END)[2]}")
        return 0
    if given.json:
        print(json.dumps(figures(measured())))
        return 0
    use = MemberUse(bookings_a_week=given.bookings_a_week)
    print("\n".join(bill_lines(CommunityUse(given.members, use, measured()))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
