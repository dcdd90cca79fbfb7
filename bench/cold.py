"""`python -m bench.cold`: how long each function takes to start and to answer for the first time, beside a hello-world.

Each in a fresh process that sees the release's zip and what the runtime of Lambda has, and nothing else; the
hello-world is a bare Chalice app. All in turns, `--rounds` times each; medians are told, in processor time: without
whatever else the machine does, and without waiting for the table. What the storage library takes is told apart:
importing it, and every call of it, the making of its session and its client included. The table is empty, on an
embedded engine.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from infra.local.aws import client
from infra.local.clock import real_time
from infra.local.engine import Engine
from infra.local.events import schedule_event
from infra.package.release import make_release
from infra.package.runtime import function_environment, link_runtime, request_event, unpack
from infra.table import create_table

TABLE = "cold"
HEADINGS = ("storage library", "import", "first answer", "without storage", "hello-worlds")
ROW = "{:10}" + 5 * "{:>17}"
HELLO = """
from chalice import Chalice

app = Chalice(app_name="hello")


@app.route("/health")
def hello():
    return {"hello": "world"}
"""
# Started as Lambda starts a function: what is imported before the clock is what the interpreter has imported anyway.
START = """
import json, sys, time

began = time.process_time()
code, runtime, name, event = sys.argv[1:]
sys.path[:0] = code, runtime
storage = 0.0
if name != "hello":
    import threading
    from pynamodb.connection.base import Connection
    import pynamodb.models, pynamodb.transactions

    storage = time.process_time() - began
    timing = threading.local()

    def timed(call):
        def wrapper(*arguments, **more):
            global storage
            # What a call that is timed calls in turn is in its time.
            if getattr(timing, "on", False):
                return call(*arguments, **more)
            timing.on = True
            # Of its own thread: calls are made side by side.
            asked = time.thread_time()
            try:
                return call(*arguments, **more)
            finally:
                storage += time.thread_time() - asked
                timing.on = False

        return wrapper

    Connection._make_api_call = timed(Connection._make_api_call)
    Connection.session = property(timed(Connection.session.fget))
import app

started = time.process_time()
getattr(app, "app" if name in ("hello", "api") else name)(json.loads(event), None)
ended = time.process_time()
print(json.dumps([storage, started - began, ended - started]), file=sys.stderr)
"""


class Took(NamedTuple):
    """Milliseconds: of the storage library, of all until the app was imported, and of the first answer."""

    storage: float
    imported: float
    answered: float

    @property
    def own(self) -> float:
        """All but the storage library's."""
        return self.imported + self.answered - self.storage


def main(arguments: Sequence[str]) -> int:
    """Start everything in turns, and print a row for each."""
    parser = argparse.ArgumentParser(prog="python -m bench.cold", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory() as scratch, Engine() as engine:
        took = start_in_turns(Path(scratch), engine.url, rounds)
    print(f"medians of {rounds}, in milliseconds of a processor")
    print(ROW.format("", *HEADINGS))
    for name, each in took.items():
        told = (each.storage, each.imported, each.answered, each.own)
        print(ROW.format(name, *(f"{value:.0f}" for value in told), f"{each.own / took['hello'].own:.1f}"))
    return 0


def start_in_turns(scratch: Path, engine_url: str, rounds: int) -> dict[str, Took]:
    """Start the hello-world and every function in fresh processes, so many times each; answer the medians."""
    code = unpack(make_release(scratch / "release").code, scratch / "code")
    hello = scratch / "hello"
    hello.mkdir()
    (hello / "app.py").write_text(HELLO)
    (hello / "chalice").symlink_to(code / "chalice")
    runtime = link_runtime(scratch / "runtime")
    stream_arn = create_table(client("dynamodb", engine_url), TABLE)
    environment = function_environment(engine_url, stream_arn, TABLE)
    events = {"hello": request_event("/health"), "api": request_event("/health"), "rematch": {"Records": []}}
    events |= {name: schedule_event(name, real_time()) for name in ("finalize", "sweep", "audit")}
    all_took: dict[str, list[Took]] = {name: [] for name in events}
    for _ in range(rounds):
        for name, event in events.items():
            program = [sys.executable, "-I", "-S", "-c", START]
            command = [*program, str(hello if name == "hello" else code), str(runtime), name, json.dumps(event)]
            ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            all_took[name].append(Took(*(1000 * seconds for seconds in json.loads(ran.stderr.splitlines()[-1]))))
    return {name: Took(*map(statistics.median, zip(*each, strict=True))) for name, each in all_took.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
