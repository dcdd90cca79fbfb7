"""`python -m bench.cold_start` measures the first response of each function in a new process.

A process sees the release's zip and the packages of the Lambda runtime. A bare Chalice app, the hello-world, is the
comparison. All processes take turns, `--rounds` times each. The output has medians of processor time, without other
load of the machine and without waiting for the table.

The time of the storage library is separate. It contains the import of its modules, except those that Chalice imports
too, and every call into the library. These calls make the session, the client and the models. The table is on an
embedded engine and holds one member with an API key.

The API starts three times: with `/health`, as the hello-world does, with a member's request by API key, and with a
refused token, which imports the library that verifies tokens. Then the same event is sent again: its time is the work
of a request, and the rest is the start alone. The sweep sends hundreds of requests to the table in each run.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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
    "again",
    "start alone",
)
ROW = "{:16}" + 7 * "{:>17}"
HELLO_WORLD, MONITORED, MEMBERS, SIGNED_IN = "hello", "API", "API, key", "API, token"
HELLO = """
from chalice import Chalice

app = Chalice(app_name="hello")


@app.route("/health")
def hello():
    return {"hello": "world"}
"""
# Starts a function as Lambda does. Before the clock starts it imports only modules that the interpreter has loaded.
START = """
import json, sys, time

began = time.process_time()
code, runtime, name, event, *bare = sys.argv[1:]
sys.path[:0] = code, runtime
import chalice.app

storage = 0.0
if not bare:
    # A module that Chalice imports too is Chalice's: the hello-world pays for it as well.
    stored = time.process_time()
    import threading
    from pynamodb.connection.base import Connection
    from pynamodb.models import MetaModel, Model
    from pynamodb.pagination import ResultIterator
    import pynamodb.transactions

    storage = time.process_time() - stored
    timing = threading.local()

    def timed(call):
        def wrapper(*arguments, **more):
            global storage
            # A nested call is already in the time of the outer one.
            if getattr(timing, "on", False):
                return call(*arguments, **more)
            timing.on = True
            # Time of this thread only: calls run in parallel.
            asked = time.thread_time()
            try:
                return call(*arguments, **more)
            finally:
                storage += time.thread_time() - asked
                timing.on = False

        return wrapper

    MetaModel.__init__ = timed(MetaModel.__init__)
    Connection.session = property(timed(Connection.session.fget))
    Connection._make_api_call = timed(Connection._make_api_call)
    # These include building the request and the models of the response.
    Model.get, Model.query = (classmethod(timed(call.__func__)) for call in (Model.get, Model.query))
    ResultIterator.__next__ = timed(ResultIterator.__next__)
import app

function = getattr(app, name)
started = time.process_time()
function(json.loads(event), None)
ended, asked = time.process_time(), storage
function(json.loads(event), None)
again = time.process_time() - ended - (storage - asked)
print(json.dumps([asked, started - began, ended - started, again]), file=sys.stderr)
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
    def own(self) -> float:
        """Milliseconds without the storage library."""
        return self.imported + self.responded - self.storage

    @property
    def start(self) -> float:
        """Milliseconds of the start alone, without the work of the response."""
        return self.own - self.again


def main(arguments: Sequence[str]) -> int:
    """Start all functions in turns and print a row for each."""
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory() as scratch, Engine() as engine:
        took = start_in_turns(Path(scratch), engine.url, rounds)
    print(f"medians of {rounds}, in milliseconds of a processor")
    print(ROW.format("", *HEADINGS))
    hello = took[HELLO_WORLD]
    for name, each in took.items():
        times = (each.storage, each.imported, each.responded, each.own)
        whole, alone = each.own / hello.own, each.start / hello.start
        print(ROW.format(name, *map("{:.0f}".format, times), f"{whole:.1f}", f"{each.again:.0f}", f"{alone:.1f}"))
    return 0


def start_in_turns(scratch: Path, engine_url: str, rounds: int) -> dict[str, StartTimes]:
    """Start the hello-world and every function in new processes, `rounds` times each, and return the medians."""
    environment = function_environment(engine_url, create_table(client("dynamodb", engine_url), TABLE), TABLE)
    starts = list_starts(scratch, make_key(environment))
    all_took: dict[str, list[StartTimes]] = {name: [] for name in starts}
    for _ in range(rounds):
        for name, arguments in starts.items():
            command = [sys.executable, "-I", "-S", "-c", START, *arguments]
            ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            all_took[name].append(StartTimes(*(1000 * seconds for seconds in json.loads(ran.stderr.splitlines()[-1]))))
    return {name: StartTimes(*map(statistics.median, zip(*each, strict=True))) for name, each in all_took.items()}


def list_starts(scratch: Path, key: str) -> dict[str, list[str]]:
    """Return the arguments of each start.

    They are the directory of the code, that of the runtime, the function and its first event. `bare` marks an app
    without the storage library.
    """
    code = unpack(make_release(scratch / "release", THIS_MACHINE).code, scratch / "code")
    hello = scratch / "hello"
    hello.mkdir()
    (hello / "app.py").write_text(HELLO)
    (hello / "chalice").symlink_to(code / "chalice")
    runtime = link_runtime(scratch / "runtime")
    monitored, member_asks = request_event("/health"), request_event("/v1/me", {API_KEY: key})
    token_refused = request_event("/v1/me", {"Authorization": "Bearer none"})
    events = {MONITORED: ("app", monitored), MEMBERS: ("app", member_asks), SIGNED_IN: ("app", token_refused)}
    functions = ("rematch", "events", *(f"deliver_{channel.value}" for channel in Channel))
    events |= {name: (name, {"Records": []}) for name in functions}
    events |= {name: (name, schedule_event(name, real_time())) for name in ("finalize", "sweep", "audit")}
    return {
        HELLO_WORLD: [str(hello), str(runtime), "app", json.dumps(monitored), "bare"],
        **{name: [str(code), str(runtime), function, json.dumps(event)] for name, (function, event) in events.items()},
    }


def make_key(environment: Mapping[str, str]) -> str:
    """Create a member with an API key, and return the key's text."""
    os.environ.update(environment)
    context = bootstrap(environment)
    claims = Claims(context.settings.issuer, "cold", "Ada", None, "UTC", signed_in_at=context.clock())
    return make_api_key(context, get_or_create_member(context, claims).member_id, "cold", Scope.READ).text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
