"""`make fuzz`: Schemathesis, all checks, against a running server, as every kind of caller."""

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
# How many examples are drawn for each operation: most for whoever gets further than the door.
EXAMPLES = {"bearer": 270, "key": 270, "nobody": 60, "stranger": 60}
FEWEST = 20_000


@dataclass(frozen=True)
class Found:
    """What a run printed, of how many cases, and how many seconds it took."""

    passed: bool
    cases: int
    seconds: float
    output: str


def fuzz(url: str, caller: str, examples: int, *more: str) -> Found:
    """Draw cases for every operation of the API at that address, and send them as a caller of that kind."""
    command = [str(Path(sys.executable).parent / "schemathesis"), f"--config-file={HERE / 'schemathesis.toml'}"]
    command += ["run", f"{url}/openapi.json", f"--max-examples={examples}", "--no-color", *more]
    environment = os.environ | {"FUZZ_CALLER": caller, "FUZZ_URL": url, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks"}
    # Threads of one process get in each other's way while sources are parsed: processes are what runs side by side.
    environment |= {"PYTHONPATH": str(HERE.parents[1])}
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    found = re.search(r"(\d+) generated", done.stdout)
    seconds = time.monotonic() - began
    return Found(done.returncode == 0, int(found[1]) if found else 0, seconds, done.stdout + done.stderr)


def main() -> int:
    """Run as every kind of caller, two at a time, and say how many cases there were."""
    with Runner() as runner:

        def run(caller: str) -> Found:
            found = fuzz(runner.base, caller, EXAMPLES[caller])
            told = "no failure" if found.passed else "FAILED"
            print(f"{caller}: {found.cases} cases in {found.seconds:.0f} s, {told}", flush=True)
            return found

        with ThreadPoolExecutor(2) as side_by_side:
            runs = list(side_by_side.map(run, EXAMPLES))
        complaints = runner.complaints()
    cases = sum(found.cases for found in runs)
    print(f"{cases} cases in all, of {FEWEST} at the least")
    print(*(found.output for found in runs if not found.passed), *complaints, sep="\n")
    return 0 if all(found.passed for found in runs) and cases >= FEWEST and not complaints else 1


if __name__ == "__main__":
    sys.exit(main())
