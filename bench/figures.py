"""The runs of the suite and the figures of docs/performance.md, each with its goal and its place in a run's JSON.

A benchmark with `--json` prints one JSON object of numbers, which may have further objects in it. The name of a figure
is that of its run and the names that lead to it, with points between them. The last one is the unit, by which
`bench.comparison` knows exact figures.
"""

from collections.abc import Mapping

from msgspec import Struct


class BenchRun(Struct, frozen=True):
    """A run of a benchmark in a process of its own.

    An exact run prints the same exact figures each time, takes seconds, and is compared with the last tag.
    """

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    exact: bool = False

    @property
    def command(self) -> str:
        """The command that repeats the run."""
        return " ".join(("python -m", f"bench.{self.module}", *self.arguments))


RUNS = (
    BenchRun("round_trips", "round_trips", exact=True),
    BenchRun("growth", "growth", ("--runs", "1"), exact=True),
    BenchRun("small_trace", "trace", ("--members", "200", "--days", "5", "--bookings", "1200"), exact=True),
    BenchRun("scale", "scale", exact=True),
    BenchRun("worst_account", "worst_account", ("--runs", "1"), exact=True),
    BenchRun("small_slot", "hot_slot", ("--members", "2000", "--largest", "1000"), exact=True),
    BenchRun("small_schedule", "scheduled_run", ("--members", "1000"), exact=True),
    BenchRun("bill", "bill", exact=True),
    BenchRun("trace", "trace"),
    BenchRun("matching", "matching"),
    BenchRun("cold_start", "cold_start"),
    BenchRun("server", "server"),
    BenchRun("overhead", "overhead"),
    BenchRun("scheduled_run", "scheduled_run"),
    BenchRun("hot_slot", "hot_slot"),
    BenchRun("event_latency", "event_latency"),
    BenchRun("block_timing", "block_timing"),
    BenchRun("page_scores", "page_scores"),
)


def shown(number: float) -> str:
    """Return a number with three digits or more."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


class Figure(Struct, frozen=True):
    """A row of docs/performance.md.

    `section` is the line of the plan. `ours` is a name in the figures of the run, as are the keys of `peers`, whose
    values say what each peer is. `limit` is what no change of the code can pass.
    """

    section: str
    name: str
    run: str
    ours: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    peers: Mapping[str, str] = {}
    limit: str = ""

    @property
    def key(self) -> str:
        """The name of our figure in the results of the suite."""
        return f"{self.run}.{self.ours}"

    @property
    def goal(self) -> str:
        """The goal in words, empty for a figure without one."""
        if self.at_most is not None:
            return f"at most {shown(self.at_most)}"
        return "" if self.at_least is None else f"at least {shown(self.at_least)}"

    def is_met(self, found: float) -> bool:
        """Return whether a number meets the goal."""
        above = self.at_most is not None and found > self.at_most
        below = self.at_least is not None and found < self.at_least
        return not above and not below


JOBS = ("book", "lock", "cancel", "calendar")


def clients_text(clients: int) -> str:
    """Return a number of clients in words."""
    return "1 client" if clients == 1 else f"{clients} clients"


def _server_figure(name: str, place: str, figure: str, unit: str) -> Figure:
    """Return a row of the local run beside PostgreSQL, at a place in the figures of `bench.server`."""
    peers = {
        f"{place}.PostgreSQL, not durable.{figure}": "PostgreSQL in memory, as ours is",
        f"{place}.PostgreSQL.{figure}": "PostgreSQL on the disk",
    }
    return Figure(LOCAL, name, "server", f"{place}.local run.{figure}", unit, peers=peers)


TRIPS, HISTORY, WRITES, MATCHER = "1. Round trips", "2. No history", "3. Write units", "4. The matcher"
START, LOCAL, SCALE = "5. Start", "6. The local run", "7. Scale"
OTHERS = "Further goals"
FIGURES = (
    *(
        Figure(TRIPS, call, "round_trips", f"{call}.round_trips", "round trips", at_most=goal)
        for goal, calls in (
            (3, ("POST /v1/sessions, waits", "POST /v1/sessions, waits, on a date without sessions")),
            (3, ("POST /v1/sessions, pairs at once",)),
            (3, ("POST /v1/sessions, lock over no match", "POST /v1/sessions, lock over two matches")),
            (3, ("DELETE /v1/sessions/{sessionId}",)),
            (2, ("GET /v1/calendar, two weeks", "GET /v1/availability/favorites", "GET /v1/sessions, of a year")),
            (2, ("GET /v1/events", "GET /v1/people", "GET /c/{file}", "GET /i/{token}")),
            (2, ("GET /v1/me", "GET /v1/me/attendance", "GET /v1/me/notices", "GET /v1/users/{userId}")),
        )
        for call in calls
    ),
    *(
        Figure(
            TRIPS,
            f"simulated latency of {call}, {rank}",
            "round_trips",
            f"{call}.{rank}_milliseconds",
            "ms",
            limit="5 ms a read, 10 ms a write",
        )
        for call in (
            "POST /v1/sessions, waits",
            "POST /v1/sessions, pairs at once",
            "POST /v1/sessions, lock over two matches",
            "DELETE /v1/sessions/{sessionId}",
            "GET /v1/calendar, two weeks",
            "GET /v1/sessions, of a year",
            "GET /v1/events",
        )
        for rank in ("p50", "p99")
    ),
    *(
        Figure(
            HISTORY,
            f"calls whose units grow with {name}",
            "growth",
            f"{name}.growing_calls.count",
            "calls",
            at_most=0,
            limit="0",
        )
        for name in ("5 years of history", "10,000 followers", "199 sessions ahead")
    ),
    Figure(
        WRITES,
        "write units of a matched booking",
        "trace",
        "matched_booking.write_units",
        "units",
        at_most=6.2,
        limit="5.0 without a row for a random pair, not reached (ADR 44)",
    ),
    Figure(
        MATCHER,
        "the slowest graph, rustworkx to ours",
        "matching",
        "slowest_graph.time_ratio",
        "x",
        at_least=1,
    ),
    Figure(
        MATCHER,
        "a random graph of 400 with 200 neighbours, rustworkx to ours",
        "matching",
        "rustworkx.random, 200 each of 400.time_ratio",
        "x",
        at_least=1,
    ),
    Figure(MATCHER, "50,000 members of one slot", "matching", "large_slot.seconds", "s", at_most=0.4),
    Figure(MATCHER, "1,000,000 members of one slot, in pieces", "matching", "million.seconds", "s", at_most=30),
    *(
        Figure(START, name, "cold_start", f"goals.{name}.measured", unit, at_most=goal, limit=limit)
        for name, unit, goal, limit in (
            ("storage library, milliseconds", "ms", 200, ""),
            ("new process without the storage library, hello-worlds", "x", 2, "1, a bare Chalice app"),
            ("after a restore, with the storage library, hello-worlds", "x", 2, ""),
        )
    ),
    *(
        _server_figure(f"{job}, {clients_text(clients)}, {name}", f"levels.{clients}.{job}", figure, unit)
        for clients in (1, 8, 64)
        for job in JOBS
        for name, figure, unit in (
            ("requests a second", "per_second", "/s"),
            ("median", "p50_ms", "ms"),
            ("99th percentile", "p99_ms", "ms"),
        )
    ),
    *(
        _server_figure(f"{job}, 1 client, {name}", f"split.{job}", part, "ms")
        for job in JOBS
        for part, name in (
            ("http", "processor time of HTTP"),
            ("python", "processor time of the rest of the server"),
            ("engine", "processor time of the engine"),
            ("rest", "waiting"),
        )
    ),
    *(
        Figure(
            SCALE,
            f"bookings a day that {name} can carry",
            "scale",
            f"{limit}.bookings",
            "bookings",
            at_least=goal,
            limit=text,
        )
        for name, limit, goal, text in (
            ("one run's announcements", "announcement of one start, by one run of the schedule", 2e6, ""),
            ("the runs that finalize a slot", "finalizing of the largest slot, if all its members wait", None, ""),
            ("the functions of an account", "functions at once", 2e6, "a quota of AWS"),
            ("the read units of a table", "read units of the table", None, "a quota of AWS"),
            ("the read units of a partition", "read units of one `DEMAND#`", 2e6, "3,000 a second"),
        )
    ),
    Figure(
        SCALE,
        "read units of a booking in a popular slot grow as members^x",
        "hot_slot",
        "growth.read.exponent",
        "x",
        at_most=1.02,
        limit="1, each booking reads its own day",
    ),
    Figure(
        SCALE,
        "write units of a booking in a popular slot grow as members^x",
        "hot_slot",
        "growth.written.exponent",
        "x",
        at_most=1.02,
        limit="1, each booking writes its own day",
    ),
    Figure(
        SCALE,
        "longest time to a booking, 50,000 members of one slot in 10 s",
        "hot_slot",
        "rush.booking.simulated_seconds",
        "s, simulated",
        at_most=30,
        limit="0.01, one transaction",
    ),
    Figure(
        SCALE,
        "longest time to a partner, the same",
        "hot_slot",
        "rush.partner.simulated_seconds",
        "s, simulated",
        at_most=60,
    ),
    Figure(
        SCALE,
        "longest run of the schedule, 50,000 members waiting in one slot",
        "scheduled_run",
        "longest.timeout_share",
        "of the timeout",
        at_most=1 / 3,
        limit="1, the timeout of the function",
    ),
    Figure(
        HISTORY,
        "own sessions of a year, worst account to ordinary account, for each listed session",
        "worst_account",
        "GET /v1/sessions, of a year.ratio",
        "x",
    ),
    Figure(
        HISTORY,
        "a booking that waits, worst account to ordinary account",
        "worst_account",
        "POST /v1/sessions, waits.ratio",
        "x",
    ),
    Figure(
        LOCAL,
        "processor time of a booking",
        "overhead",
        "booking.processor.milliseconds",
        "ms",
        peers={"transactions.processor.milliseconds": "its bare transactions"},
        limit="the peer: the same transactions have to be sent",
    ),
    Figure(
        LOCAL,
        "the same as a ratio",
        "overhead",
        "booking.processor.time_ratio",
        "x",
        at_most=10,
        limit="1",
    ),
    Figure(OTHERS, "an event on an open page, median", "event_latency", "open page.p50.seconds", "s", at_most=1),
    Figure(OTHERS, "the same, 99th percentile", "event_latency", "open page.p99.seconds", "s", at_most=5),
    Figure(OTHERS, "an event at a webhook, 99th percentile", "event_latency", "webhook.p99.seconds", "s", at_most=5),
    Figure(OTHERS, "a mail of an event, 99th percentile", "event_latency", "mail.p99.seconds", "s", at_most=5),
    Figure(
        OTHERS,
        "routes that distinguish a block by their time",
        "block_timing",
        "distinguished.routes",
        "routes",
        at_most=0,
        limit="0",
    ),
    Figure(
        OTHERS,
        "score of the calendar page for performance",
        "page_scores",
        "/.performance",
        "of 100",
        at_least=90,
        limit="100",
    ),
    Figure(OTHERS, "bill of 2,000 members", "bill", "2000.dollars", "dollars a month", at_most=15),
)


def run_named(name: str, runs: tuple[BenchRun, ...] = RUNS) -> BenchRun:
    """Return the run of a name. Raise KeyError if there is none."""
    by_name: Mapping[str, BenchRun] = {run.name: run for run in runs}
    return by_name[name]
