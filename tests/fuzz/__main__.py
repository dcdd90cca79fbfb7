"""`make fuzz` runs Schemathesis with all checks against a runner, as five kinds of caller."""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.contract.client import Runner

HERE = Path(__file__).parent
# Examples for each operation, with few for callers that authentication refuses. They make 20,000 cases or more.
EXAMPLES = {"bearer": 240, "staff": 60, "key": 240, "no-credentials": 60, "invalid-token": 60}
CASES = 20_000


@dataclass(frozen=True)
class FuzzRun:
    """The result of a run, with its number of cases, its seconds and its output."""

    passed: bool
    cases: int
    seconds: float
    output: str


def fuzz(url: str, caller: str, examples: int, *more: str) -> FuzzRun:
    """Send generated cases for every operation of the API as one kind of caller."""
    command = [str(Path(sys.executable).parent / "schemathesis"), f"--config-file={HERE / 'schemathesis.toml'}"]
    command += ["run", f"{url}/openapi.json", f"--max-examples={examples}", "--no-color", *more]
    environment = os.environ | {"FUZZ_CALLER": caller, "FUZZ_URL": url, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks"}
    # The runs are separate processes, because threads of one process block each other while it parses sources.
    environment |= {"PYTHONPATH": str(HERE.parents[1])}
    began = time.monotonic()
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    found = re.search(r"(\d+) generated", process.stdout)
    seconds = time.monotonic() - began
    return FuzzRun(process.returncode == 0, int(found[1]) if found else 0, seconds, process.stdout + process.stderr)


def main(least: int) -> int:
    """Run as every kind of caller, two at a time, print the numbers of cases, and return the exit status."""
    with Runner() as runner:

        def run(caller: str) -> FuzzRun:
            result = fuzz(runner.base, caller, -(-EXAMPLES[caller] * least // CASES))
            verdict = "no failure" if result.passed else "FAILED"
            print(f"{caller}: {result.cases} cases in {result.seconds:.0f} s, {verdict}", flush=True)
            return result

        with ThreadPoolExecutor(2) as threads:
            runs = list(threads.map(run, EXAMPLES))
        complaints = runner.complaints()
    cases = sum(run.cases for run in runs)
    print(f"{cases} cases in total, at least {least} required")
    print(*(run.output for run in runs if not run.passed), *complaints, sep="\n")
    return 0 if all(run.passed for run in runs) and cases >= least and not complaints else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=CASES, help=f"the least number, by default {CASES}")
    sys.exit(main(parser.parse_args().cases))
