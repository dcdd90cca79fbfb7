"""`python -m tests.races`: hundreds of clients at once over HTTP, storm after storm, on real engines.

Prints a line for each storm, and below it whatever is found that must not be. Exits with 1 where anything is.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import monotonic

# As the tests' own: the engine takes any credentials, but there must be some.
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
os.environ.pop("AWS_PROFILE", None)

from infra.audit import main as audit_command
from infra.dynamodb_local.engine import ReferenceEngine
from infra.local.engine import CannotStartError, Engine
from tests.races.campaign import Outcome, weather
from tests.races.environment import Field
from tests.races.workloads import STORMS

EMBEDDED, REFERENCE = "embedded", "reference"
ENGINES: dict[str, Callable[[], AbstractContextManager[Engine | ReferenceEngine]]] = {
    EMBEDDED: Engine,
    REFERENCE: ReferenceEngine,
}
COLUMNS = "{:<10} {:>7} {:>8} {:>5} {:>10} {:>11}  {}"


def main(arguments: Sequence[str]) -> int:
    """Run the campaign on every engine that there is, so many times, and answer the exit code."""
    options = _options(arguments)
    wrong = 0
    for number in range(options.times):
        for name in options.engine or ENGINES:
            try:
                wrong += run(name, options.seed + number, few=options.few)
            except CannotStartError as reason:
                if options.engine:
                    raise
                print(f"The {name} engine is left out. {reason}\n", flush=True)
    return 1 if wrong else 0


def run(engine_name: str, seed: int, *, few: bool) -> int:
    """Raise every storm on an engine of its own, print what comes of them, and answer how much must not be."""
    began = monotonic()
    with ENGINES[engine_name]() as engine:
        print(f"{engine_name} engine, seed {seed}", flush=True)
        print(COLUMNS.format("storm", "clients", "requests", "ticks", "violations", "auditor", "answers"), flush=True)
        field = Field(engine.url, seed)
        with field.fleet:
            wrong = sum(told(weather(field, storm, storm.few if few else storm.many)) for storm in STORMS)
        wrong += audit_command(["--engine", engine.url])
    verdict = f"{wrong} violations: run it again with --engine {engine_name} --seed {seed}" if wrong else "0 violations"
    print(f"{len(field.told)} requests, {verdict}, {monotonic() - began:.0f} s\n", flush=True)
    return wrong


def told(outcome: Outcome) -> int:
    """Print a storm, and answer how much is found that must not be."""
    answers = ", ".join(f"{code} x {times}" for code, times in sorted(outcome.answers.items()))
    audited = f"{len(outcome.audited)} of {outcome.items}"
    requests, wrong = outcome.answers.total(), (*outcome.found, *outcome.audited)
    line = (outcome.storm, outcome.clients, requests, outcome.ticks, len(outcome.found), audited, answers)
    print(COLUMNS.format(*line), flush=True)
    for one in wrong:
        print(f"  {one}", flush=True)
    return len(wrong)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="any unless given")
    parser.add_argument("--times", type=int, default=1, help="how many runs, each with the next seed")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="all that can be started unless given")
    parser.add_argument("--few", action="store_true", help="with as few clients as in the tests")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
