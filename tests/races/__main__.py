"""`python -m tests.races` runs workloads of up to 200 concurrent HTTP clients on real engines.

It prints one line for each workload, followed by its violations. It exits with 1 if there is a violation.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from time import monotonic

# The engine accepts any credentials, but boto3 requires some.
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
os.environ.pop("AWS_PROFILE", None)

from infra.audit import main as audit_command
from infra.local.engine import CannotStartError
from tests.races.campaign import WorkloadResult, run_workload
from tests.races.environment import RaceEnvironment
from tests.races.run_engine import run_engine
from tests.races.workloads import WORKLOADS

EMBEDDED, REFERENCE = "embedded", "reference"
ENGINES = (EMBEDDED, REFERENCE)
COLUMNS = "{:<10} {:>7} {:>8} {:>5} {:>10} {:>11}  {}"


def main(arguments: Sequence[str]) -> int:
    """Run the campaign on every available engine `--times` times, and return the exit status."""
    options = _options(arguments)
    violations = 0
    for number in range(options.times):
        for name in options.engine or ENGINES:
            try:
                violations += run(name, options.seed + number, few=options.few)
            except CannotStartError as reason:
                if options.engine:
                    raise
                print(f"The {name} engine is skipped. {reason}\n", flush=True)
    return 1 if violations else 0


def run(engine_name: str, seed: int, *, few: bool) -> int:
    """Run and print every workload on a new engine, and return the number of violations."""
    began = monotonic()
    with run_engine(is_reference=engine_name == REFERENCE) as url:
        print(f"{engine_name} engine, seed {seed}", flush=True)
        print(COLUMNS.format("workload", "clients", "requests", "ticks", "violations", "auditor", "codes"), flush=True)
        environment = RaceEnvironment(url, seed)
        with environment.runners:
            violations = sum(
                print_result(run_workload(environment, workload, workload.few if few else workload.many))
                for workload in WORKLOADS
            )
        violations += audit_command(["--engine", url])
    repeat = f": repeat with --engine {engine_name} --seed {seed}" if violations else ""
    seconds = monotonic() - began
    print(f"{len(environment.results)} requests, {violations} violations{repeat}, {seconds:.0f} s\n", flush=True)
    return violations


def print_result(result: WorkloadResult) -> int:
    """Print the result of a workload, and return the number of its violations."""
    codes = ", ".join(f"{code} x {times}" for code, times in sorted(result.codes.items()))
    audited = f"{len(result.audit_lines)} of {result.items}"
    requests, violations = result.codes.total(), (*result.violations, *result.audit_lines)
    line = (result.workload, result.clients, requests, result.ticks, len(result.violations), audited, codes)
    print(COLUMNS.format(*line), flush=True)
    for violation in violations:
        print(f"  {violation}", flush=True)
    return len(violations)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="random by default")
    parser.add_argument("--times", type=int, default=1, help="number of runs, each with the next seed")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="every available one by default")
    parser.add_argument("--few", action="store_true", help="with the few clients of the tests")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
