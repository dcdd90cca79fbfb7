"""`python -m bench.event_latency` measures how soon an event reaches its member on one machine.

It starts a local run. Members with a verified address, a webhook and an open page book sessions and cancel them. Each
of these commits is one event. Its latency is the time from the HTTP response to the message on the page, to the request
in the sink and to the mail in the mailbox. The limits are a median below 1 second, and below 5 seconds for 99 of 100
events. Exits with 1 if a limit is not met or an event is missing.
"""

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from infra.local.dev.mailbox import MAIL_PATH
from infra.local.dev.sink import SINK_PATH
from infra.local.run_process import LocalRun

KINDS = ("session.booked", "session.cancelled")
HOURS = 23
MEDIAN_SECONDS, P99_SECONDS = 1.0, 5.0
# Seconds between two looks at the sink and the mailbox, which keep the latest 500 messages.
POLL_SECONDS = 5.0
WAIT_SECONDS = 60.0
PAGE, SINK, MAILBOX = "open page", "webhook", "mail"
_MAIL_ID = re.compile(r"<([^@>]+)@")

# A session and the kind of an event.
EventName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Latencies:
    """The latencies of a channel in seconds, in ascending order, and the number of events that did not arrive."""

    channel: str
    seconds: Sequence[float]
    missing: int

    def percentile(self, percent: float) -> float:
        """Return the least latency that this share of the events does not exceed."""
        return self.seconds[ceil(len(self.seconds) * percent / 100) - 1]

    @property
    def is_met(self) -> bool:
        """True if no event is missing and both limits are met."""
        if self.missing or not self.seconds:
            return False
        return self.percentile(50) < MEDIAN_SECONDS and self.percentile(99) < P99_SECONDS

    def __str__(self) -> str:
        if not self.seconds:
            return f"{self.channel:>10}: none of {self.missing:,} events"
        times = (self.percentile(50), self.percentile(99), self.seconds[-1])
        return f"{self.channel:>10}" + "".join(f"{each:>10.3f}" for each in times) + f"{self.missing:>10,}"


@dataclass
class Arrivals:
    """The instants of commits and of arrivals, in seconds since 1970.

    `named` has the session and the kind of each event id, as the open page shows them. A mail shows only the id.
    """

    committed: dict[EventName, float] = field(default_factory=dict)
    arrived: dict[str, dict[str, float]] = field(default_factory=lambda: {PAGE: {}, SINK: {}, MAILBOX: {}})
    named: dict[str, EventName] = field(default_factory=dict)

    def note(self, channel: str, event_id: str, at: float) -> None:
        """Note the first arrival of an event."""
        self.arrived[channel].setdefault(event_id, at)

    def note_event(self, channel: str, event: Mapping[str, Any], at: float) -> None:
        """Note the arrival of a whole event."""
        if event.get("type") in KINDS:
            self.named[event["id"]] = event["data"]["sessionId"], event["type"]
            self.note(channel, event["id"], at)

    def is_complete(self) -> bool:
        """Return whether every event has arrived everywhere."""
        return all(self._expected(channel) <= self._named(channel).keys() for channel in self.arrived)

    def _named(self, channel: str) -> dict[EventName, float]:
        return {self.named[key]: at for key, at in self.arrived[channel].items() if key in self.named}

    def _expected(self, channel: str) -> set[EventName]:
        """Return the events that must arrive. A session that is cancelled before its mail is mailed as cancelled."""
        if channel != MAILBOX:
            return set(self.committed)
        cancelled = {session for session, kind in self.committed if kind == KINDS[1]}
        return {(session, kind) for session, kind in self.committed if kind == KINDS[1] or session not in cancelled}

    def latencies(self, channel: str) -> Latencies:
        """Return the latencies of a channel."""
        arrived = self._named(channel)
        found = (arrived[name] - at for name, at in self.committed.items() if name in arrived)
        return Latencies(channel, sorted(found), len(self._expected(channel) - arrived.keys()))


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A member with a token and an open page."""

    token: str
    page: ClientConnection


def subscribed(run: LocalRun, stack: ExitStack, number: int) -> Subscriber:
    """Sign in a member with a verified address, a webhook and a page that `stack` closes."""
    token = run.call("POST", "/dev/sign-in", None, {"name": f"Member {number}"})[1]["token"]
    address = f"member-{number}@example.org"
    _call(run, "PATCH", "/v1/me/notices", token, {"email": {"address": address, "kinds": KINDS}})
    _verify(run, address)
    _call(run, "POST", "/v1/webhooks", token, {"url": f"https://hooks.example.org/{number}", "kinds": KINDS})
    page = stack.enter_context(connect(run.url.replace("http", "ws", 1) + "/live"))
    page.send(json.dumps({"token": token}))
    ready = json.loads(page.recv(timeout=WAIT_SECONDS))
    if ready["type"] != "ready":
        raise RuntimeError(ready)
    return Subscriber(token, page)


def _verify(run: LocalRun, address: str) -> None:
    """Wait for the mail to the address and follow its link."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        mail = next((mail for mail in _mails(run) if mail["to"] == address), None)
        if mail:
            _call(run, "POST", mail["links"][0].removeprefix(run.url), None, None)
            return
        _pause(0.1)
    raise TimeoutError(address)


def _call(run: LocalRun, method: str, path: str, token: str | None, payload: Any) -> Any:
    status, answer = run.call(method, path, token, payload)
    if status >= 300:
        raise RuntimeError(f"{method} {path}: {status} {answer}")
    return answer


def _mails(run: LocalRun) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = _call(run, "GET", MAIL_PATH, None, None)["mails"]
    return mails


def watch_page(page: ClientConnection, arrivals: Arrivals) -> None:
    """Note the events of an open page until it closes."""
    try:
        for text in page:
            arrivals.note_event(PAGE, json.loads(text), time.time())
    except ConnectionClosed:
        return


def look(run: LocalRun, arrivals: Arrivals) -> None:
    """Note the arrivals in the sink and in the mailbox, with the instants that these have noted."""
    for post in _call(run, "GET", SINK_PATH, None, None)["posts"]:
        if post["body"]:
            arrivals.note_event(SINK, json.loads(post["body"]), _seconds(post["at"]))
    for mail in _mails(run):
        found = _MAIL_ID.match(mail["headers"].get("Message-ID", ""))
        if found:
            arrivals.note(MAILBOX, found[1], _seconds(mail["at"]))


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def commits(members: Sequence[Subscriber]) -> Iterator[tuple[Subscriber, int, int]]:
    """Yield a member, its number and an hour for each booking, so that no two members meet."""
    while True:
        for hour in range(HOURS):
            for number, member in enumerate(members):
                yield member, number, hour


def commit_all(run: LocalRun, members: Sequence[Subscriber], arrivals: Arrivals, number: int, rate: float) -> None:
    """Book and cancel sessions, `rate` commits a second, and note the instant of each response."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    began = time.monotonic()
    turns = commits(members)
    for done in range(0, number, 2):
        member, day, hour = next(turns)
        start = (midnight + timedelta(days=day, hours=hour)).isoformat()
        session = _call(run, "POST", "/v1/sessions", member.token, {"startTime": start, "duration": 3000000})["session"]
        arrivals.committed[session["sessionId"], KINDS[0]] = time.time()
        _pause(began + (done + 1) / rate - time.monotonic())
        _call(run, "DELETE", f"/v1/sessions/{session['sessionId']}", member.token, None)
        arrivals.committed[session["sessionId"], KINDS[1]] = time.time()
        _pause(began + (done + 2) / rate - time.monotonic())


def _pause(seconds: float) -> None:
    threading.Event().wait(max(0.0, seconds))


def measure(number: int, members: int, rate: float) -> Arrivals:
    """Return the arrivals of a number of commits."""
    arrivals = Arrivals()
    with LocalRun() as run, ExitStack() as stack:
        subscribers = [subscribed(run, stack, one) for one in range(members)]
        for member in subscribers:
            threading.Thread(target=watch_page, args=(member.page, arrivals), daemon=True).start()
        committer = threading.Thread(target=commit_all, args=(run, subscribers, arrivals, number, rate), daemon=True)
        committer.start()
        while committer.is_alive():
            committer.join(POLL_SECONDS)
            look(run, arrivals)
        until = time.monotonic() + WAIT_SECONDS
        while not arrivals.is_complete() and time.monotonic() < until:
            _pause(1)
            look(run, arrivals)
    return arrivals


def figures(found: Sequence[Latencies]) -> dict[str, float]:
    """Return the percentiles of each channel with an arrival, and the number of missing events."""
    percentiles = {
        f"{latencies.channel}.p{percent}.seconds": latencies.percentile(percent)
        for latencies in found
        if latencies.seconds
        for percent in (50, 99)
    }
    return percentiles | {f"{latencies.channel}.missing": latencies.missing for latencies in found}


def main(arguments: Sequence[str]) -> int:
    """Print the latencies of each channel as a table or as JSON, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.event_latency", description=__doc__)
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--rate", type=float, default=10, help="commits a second")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    arrivals = measure(given.commits, given.members, given.rate)
    found = [arrivals.latencies(channel) for channel in arrivals.arrived]
    if given.json:
        print(json.dumps(figures(found)))
        return int(not all(latencies.is_met for latencies in found))
    print(f"{len(arrivals.committed):,} commits, {given.rate:g} a second; seconds from the response to the arrival:")
    print(f"{'':>10}{'median':>10}{'99 %':>10}{'worst':>10}{'missing':>10}")
    for latencies in found:
        print(latencies)
    return int(not all(latencies.is_met for latencies in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
