"""A campaign of schedules on every core, limited in time.

`python -m tests.simulation.campaign.runner` runs pairs of operations in every order, triples in many orders, every
fault at every request, and random schedules. At the first violation it exits with 1, prints how to replay the schedule,
and shrinks it with Hypothesis.
"""

import argparse
import gc
import logging
import multiprocessing
import os
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from itertools import count, cycle
from pathlib import Path

from infra.local.engine import ROOT
from tests.simulation.campaign.campaign_stats import CampaignStats, CampaignViolation
from tests.simulation.campaign.schedules import (
    BEGUN,
    DRAWN,
    ENVIRONMENT,
    EVENTS,
    FAULT,
    KINDS,
    PAIR,
    TRIPLE,
    ScheduleName,
    batch,
    batches,
    replay,
)
from tests.simulation.campaign.shrinker import shrink
from tests.simulation.engine.simulator_environment import simulator_environment
from tests.simulation.reporting.campaign_report import report
from tests.simulation.reporting.failure_report import failure_report
from tests.simulation.scenarios.operation_pairs import pairs

PROGRESS_SECONDS = 60
# The kinds of batches after the pairs, again and again.
_TURNS = (PAIR, TRIPLE, FAULT, EVENTS, BEGUN, PAIR, TRIPLE, DRAWN, ENVIRONMENT, TRIPLE, EVENTS, BEGUN, DRAWN, DRAWN)
# One defect causes many violations.
MAX_REPORTED = 3
_set = ExitStack()


def run_campaign(
    seconds: float,
    schedules: int | None,
    seed: int,
    processes: int,
    state_file: Path | None = None,
    only: str | None = None,
) -> CampaignStats:
    """Run batches for a time, up to a number of schedules, or to the first violation.

    With `state_file` a stopped campaign continues, and the state is saved there. `only` is the one kind of batches to
    run.
    """
    stats, began = _load(state_file, seed), time.monotonic()
    before, printed_at = stats.seconds, began
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _prepare_process) as pool:
        running: set[Future[CampaignStats]] = set()
        sequence = ((only, number) for number in count()) if only else _sequence()
        for kind, number in (one for one in sequence if one not in stats.batches):
            running.add(pool.submit(run_batch, kind, number, seed))
            if len(running) < 2 * processes:
                continue
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                stats.add(one.result())
            now = time.monotonic()
            stats.seconds = before + now - began
            if now - began > seconds or stats.found or (schedules and len(stats.schedules) >= schedules):
                break
            if now - printed_at > PROGRESS_SECONDS:
                printed_at = now
                _save(state_file, seed, stats)
                print(f"{now - began:.0f} s: {len(stats.schedules):,} schedules", file=sys.stderr, flush=True)
        # Batches that have not started are dropped.
        for one in [one for one in running if not one.cancel()]:
            stats.add(one.result())
    stats.seconds = before + time.monotonic() - began
    _save(state_file, seed, stats)
    return stats


def _load(state_file: Path | None, seed: int) -> CampaignStats:
    """Return the saved state of a campaign with that seed."""
    if state_file is None or not state_file.exists():
        return CampaignStats()
    with state_file.open("rb") as file:
        of, stats = pickle.load(file)  # noqa: S301 - the campaign itself wrote the file
    if of != seed:
        raise SystemExit(f"{state_file} has a campaign of another seed: {of}")
    assert isinstance(stats, CampaignStats)
    return stats


def _save(state_file: Path | None, seed: int, stats: CampaignStats) -> None:
    if state_file:
        with state_file.with_suffix(".new").open("wb") as file:
            pickle.dump((seed, stats), file)
        state_file.with_suffix(".new").replace(state_file)


def run_batch(kind: str, number: int, seed: int) -> CampaignStats:
    """Run one batch and return its counts."""
    stats, began = CampaignStats(), time.process_time()
    for name, run in batch(kind, number, seed):
        stats.count(name, run)
    stats.batches.add((kind, number))
    _freeze_garbage()
    stats.busy = time.process_time() - began
    return stats


def _sequence() -> Iterator[tuple[str, int]]:
    """Yield every pair once, and then the batches of all kinds in turn."""
    numbers = Counter({PAIR: len(pairs())})
    yield from ((PAIR, number) for number in range(numbers[PAIR]))
    for kind in cycle(_TURNS):
        limit = batches(kind)
        if limit is None or numbers[kind] < limit:
            yield kind, numbers[kind]
            numbers[kind] += 1


def _prepare_process() -> None:
    """Enter the simulator environment for the lifetime of the process."""
    _set.enter_context(simulator_environment())
    _freeze_garbage()
    gc.set_threshold(100_000, 50, 1_000_000)


def _freeze_garbage() -> None:
    """Exempt all current objects from garbage collection, which would scan them repeatedly."""
    gc.collect()
    gc.freeze()


def main(arguments: list[str]) -> int:
    """Run the campaign, print its counts, and return the exit code."""
    parser = argparse.ArgumentParser("python -m tests.simulation.campaign.runner", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="the time limit (600)")
    parser.add_argument("--schedules", type=int, help="the number of schedules after which to stop")
    parser.add_argument("--seed", type=int, default=1, help="the seed of all random choices (1)")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="the number of processes (one for each core)"
    )
    parser.add_argument("--keep", type=Path, help="a file with the state of a stopped campaign, updated by this one")
    parser.add_argument("--kind", choices=KINDS, help="the one kind of batches to run")
    parser.add_argument("--replay", type=ScheduleName.read, help="run one schedule and print its trace")
    given = parser.parse_args(arguments)
    if given.replay:
        return _replay(given.replay, given.seed)
    stats = run_campaign(given.seconds, given.schedules, given.seed, given.processes, given.keep, given.kind)
    print("\n".join(report(stats, given.seed)))
    for found in stats.found[:MAX_REPORTED]:
        print(f"\n{describe_violation(found, given.seed)}")
    if stats.found:
        print(f"\nThe first violation, shrunk:\n\n{_shrunk(stats.found[0].name, given.seed)}")
    return 1 if stats.found else 0


def describe_violation(found: CampaignViolation, seed: int) -> str:
    """Return a violation as text, with the command that replays it."""
    replay = f"make simulate SEED={seed} REPLAY={found.name}"
    return f"VIOLATION: {found.violation}\n  commit {_commit()}, trace {found.digest}\n  again: {replay}"


def _shrunk(name: ScheduleName, seed: int) -> str:
    """Return the failure report of the shrunk schedule."""
    with simulator_environment():
        return failure_report(shrink(replay(name, seed)))


def _replay(name: ScheduleName, seed: int) -> int:
    with simulator_environment():
        run = replay(name, seed)
    print(f"Initial state: {run.initial_state.name}\n")
    print("\n".join(run.trace()))
    print(f"\ntrace {run.digest().hex()}\n{run.violation or 'No violation.'}")
    return 1 if run.violation else 0


def _commit() -> str:
    command = ["git", "rev-parse", "--short=12", "HEAD"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return process.stdout.strip() or "unknown"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main(sys.argv[1:]))
