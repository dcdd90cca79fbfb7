"""`python -m bench.cold_start` measures the first response of each function in a new process.

A process sees the release's zip and the packages of the Lambda runtime. A bare Chalice app, the hello-world, is the
comparison. All processes take turns, `--rounds` times each. The output has medians of processor time, without other
load of the machine and without waiting for the table.

The time of the storage library is separate. It contains the import of its modules, except those that Chalice imports
too, and every call into the library. These calls make the session, the client and the models. The table is on an
embedded engine and holds one member with an API key.

The API starts three times in a new process: with `/health`, as the hello-world does, with a member's request by API
key, and with the same request by a token, whose issuer's keys it fetches. Then the event is sent again: its time is
the work of a request, and the rest is the start alone. The sweep sends hundreds of requests to the table in each run.

A start from a snapshot (SnapStart) is measured in the same process: the hook before the snapshot runs first, and the
clock starts with the hook after the restore. What Lambda itself needs to restore the memory is not part of it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from bench import timed_start
from bench.timed_start import BARE, NEW, RESTORED
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.notices import Channel
from chalicelib.handlers.bootstrap import bootstrap
from chalicelib.handlers.http.identity.authentication import API_KEY
from chalicelib.services.members.api_keys import make_api_key
from chalicelib.services.members.profiles import Claims, get_or_create_member
from infra.local.aws import client
from infra.local.clock import real_time
from infra.local.engine import Engine
from infra.local.events.sources import schedule_event
from infra.local.identity.issuer import AUDIENCE, ISSUER, LocalIssuer
from infra.local.state import LocalState
from infra.package.release import make_release
from infra.package.runtime import function_environment, link_runtime, request_event, unpack
from infra.package.target import THIS_MACHINE
from infra.table import create_table

TABLE = "cold"
HEADINGS = (
    "storage library",
    "import",
    "first response",
    "without storage",
    "hello-worlds",
    "with storage",
    "again",
    "start alone",
)
DIGITS = (0, 0, 0, 0, 1, 1, 0, 1)
ROW = "{:20}" + 8 * "{:>17}"
HELLO_WORLD, MONITORED, MEMBERS, SIGNED_IN = "hello", "API", "API, key", "API, token"
MEMBERS_RESTORED, SIGNED_IN_RESTORED = "API, key, restored", "API, token, restored"
# The member of the requests, as the issuer names it.
SUBJECT, NAME = "cold", "Ada"
# Milliseconds of the storage library, and hello-worlds of everything else, until the first response to a member.
MOST_STORAGE, MOST_HELLOS = 200, 2
TIMED_START = Path(timed_start.__file__)
HELLO = """
from chalice import Chalice

app = Chalice(app_name="hello")


@app.route("/health")
def hello():
    return {"hello": "world"}
"""


class StartTimes(NamedTuple):
    """Milliseconds of one start.

    `storage` is the time of the storage library, `imported` the time until the app is imported, `responded` the time of
    the first response. `again` is the time of the same response once more, without the storage library.
    """

    storage: float
    imported: float
    responded: float
    again: float

    @property
    def whole(self) -> float:
        """Milliseconds until the first response."""
        return self.imported + self.responded

    @property
    def own(self) -> float:
        """Milliseconds without the storage library."""
        return self.whole - self.storage

    def figures(self, hello: "StartTimes") -> dict[str, float]:
        """Return the figures of a row, in the order of the headings."""
        return {
            "storage": self.storage,
            "imported": self.imported,
            "responded": self.responded,
            "own": self.own,
            "hellos": self.own / hello.own,
            "wholes": self.whole / hello.own,
            "again": self.again,
            "start_alone": (self.own - self.again) / hello.own,
        }


@dataclass(frozen=True)
class Start:
    """A start to measure, with a directory of code, a function, its first event, and the kind of the start."""

    code: Path
    function: str
    event: Any
    kind: str = NEW

    def run(self, runtime: Path, environment: Mapping[str, str]) -> StartTimes:
        """Start the function in a new process and return its times. Raises RuntimeError if it refuses the event."""
        arguments = (self.code, runtime, self.function, json.dumps(self.event), self.kind)
        command = [sys.executable, "-I", "-S", str(TIMED_START), *map(str, arguments)]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        status, *seconds = json.loads(ran.stderr.splitlines()[-1])
        if status not in (None, HTTPStatus.OK):
            raise RuntimeError(f"{self.function} answers {status}: {ran.stdout}")
        return StartTimes(*(1000 * each for each in seconds))


def main(arguments: Sequence[str]) -> int:
    """Start all functions in turns and print a row for each."""
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, Engine() as engine:
        took = start_in_turns(Path(scratch), engine.url, options.rounds)
    figures = {name: each.figures(took[HELLO_WORLD]) for name, each in took.items()}
    if options.json:
        print(json.dumps({"rounds": options.rounds, "starts": figures, "goals": goals(figures)}, indent=1))
        return 0
    print(f"medians of {options.rounds}, in milliseconds of a processor")
    print(ROW.format("", *HEADINGS))
    for name, each in figures.items():
        print(ROW.format(name, *(f"{figure:.{digits}f}" for figure, digits in zip(each.values(), DIGITS, strict=True))))
    print()
    for name, goal in goals(figures).items():
        print(f"{name}: {goal['measured']:.1f}, goal {goal['goal']:.0f}: {'met' if goal['met'] else 'missed'}")
    return 0


def goals(figures: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    """Return the goals of a member's first request by token, with what was measured."""
    measured = {
        "storage library, milliseconds": (figures[SIGNED_IN]["storage"], MOST_STORAGE),
        "new process without the storage library, hello-worlds": (figures[SIGNED_IN]["hellos"], MOST_HELLOS),
        "after a restore, with the storage library, hello-worlds": (figures[SIGNED_IN_RESTORED]["wholes"], MOST_HELLOS),
    }
    return {name: {"measured": each, "goal": goal, "met": each <= goal} for name, (each, goal) in measured.items()}


def start_in_turns(scratch: Path, engine_url: str, rounds: int) -> dict[str, StartTimes]:
    """Start the hello-world and every function in new processes, `rounds` times each, and return the medians."""
    database = client("dynamodb", engine_url)
    issuer = LocalIssuer(LocalState(database))
    with serve_key_set(issuer) as url:
        environment = function_environment(engine_url, create_table(database, TABLE), TABLE) | {
            "LOCKSTEP_ISSUER": ISSUER,
            "LOCKSTEP_IDENTITY_ISSUER": "",
            "LOCKSTEP_JWKS_URL": url,
            "LOCKSTEP_AUDIENCE": AUDIENCE,
        }
        starts = list_starts(scratch, make_key(environment), issuer.token(SUBJECT, NAME))
        runtime = link_runtime(scratch / "runtime")
        all_took: dict[str, list[StartTimes]] = {name: [] for name in starts}
        for _ in range(rounds):
            for name, start in starts.items():
                all_took[name].append(start.run(runtime, environment))
    return {name: StartTimes(*map(statistics.median, zip(*each, strict=True))) for name, each in all_took.items()}


def list_starts(scratch: Path, key: str, token: str) -> dict[str, Start]:
    """Return all starts by their names. The first is the hello-world, which has Chalice from the release."""
    code = unpack(make_release(scratch / "release", THIS_MACHINE).code, scratch / "code")
    hello = scratch / "hello"
    hello.mkdir()
    (hello / "app.py").write_text(HELLO)
    (hello / "chalice").symlink_to(code / "chalice")
    monitored = request_event("/health")
    by_key = request_event("/v1/me", {API_KEY: key})
    by_token = request_event("/v1/me", {"Authorization": f"Bearer {token}"})
    requests = {
        MONITORED: Start(code, "app", monitored),
        MEMBERS: Start(code, "app", by_key),
        SIGNED_IN: Start(code, "app", by_token),
        MEMBERS_RESTORED: Start(code, "app", by_key, RESTORED),
        SIGNED_IN_RESTORED: Start(code, "app", by_token, RESTORED),
    }
    batches = ("rematch", "events", *(f"deliver_{channel.value}" for channel in Channel))
    return {
        HELLO_WORLD: Start(hello, "app", monitored, BARE),
        **requests,
        **{name: Start(code, name, {"Records": []}) for name in batches},
        **{name: Start(code, name, schedule_event(name, real_time())) for name in ("finalize", "sweep", "audit")},
    }


def make_key(environment: Mapping[str, str]) -> str:
    """Create a member with an API key, and return the key's text."""
    os.environ.update(environment)
    context = bootstrap(environment)
    claims = Claims(ISSUER, SUBJECT, NAME, None, "UTC", signed_in_at=context.clock())
    return make_api_key(context, get_or_create_member(context, claims).member_id, "cold", Scope.READ).text


@contextmanager
def serve_key_set(issuer: LocalIssuer) -> Iterator[str]:
    """Serve the keys of an issuer, and yield their address."""
    content = json.dumps(issuer.key_set()).encode()

    class KeySetHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), KeySetHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
