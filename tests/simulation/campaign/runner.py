"""A campaign: as many schedules as a time allows, on every core, and what came of them.

`python -m tests.simulation.campaign.runner` plays every two operations in every order, every three in many, every fault at
every request, and then whatever chance draws. It exits with 1 at the first violation, says how to play that again, and
tells what is left of it when Hypothesis has shrunk it.
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
from itertools import cycle
from pathlib import Path

from infra.local.engine import ROOT
from tests.simulation.campaign.campaign_stats import Found, Tally
from tests.simulation.campaign.schedules import DISORDER, DRAWN, FAULT, PAIR, THREE, Name, again, batch, batches
from tests.simulation.campaign.shrinker import shrunk
from tests.simulation.engine.play import stage_set
from tests.simulation.reporting.campaign_report import report
from tests.simulation.reporting.failure_report import story
from tests.simulation.scenarios.operation_pairs import pairs

TELL_SECONDS = 60
# Where one is wrong, many like it are.
MOST_TOLD = 3
_set = ExitStack()


def work(seconds: float, schedules: int | None, seed: int, processes: int, kept: Path | None = None) -> Tally:
    """Play for so long, or until there are so many schedules, or to the first violation.

    With `kept` what is played is kept in that file, and what it holds already is not played again.
    """
    tally, began = _taken_up(kept, seed), time.monotonic()
    before, told = tally.seconds, began
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _enter) as pool:
        running: set[Future[Tally]] = set()
        for kind, number in (one for one in _sequence() if one not in tally.batches):
            running.add(pool.submit(play_batch, kind, number, seed))
            if len(running) < 2 * processes:
                continue
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                tally.add(one.result())
            now = time.monotonic()
            tally.seconds = before + now - began
            if now - began > seconds or tally.found or (schedules and len(tally.schedules) >= schedules):
                break
            if now - told > TELL_SECONDS:
                told = now
                _keep(kept, seed, tally)
                print(f"{now - began:.0f} s: {len(tally.schedules):,} schedules", file=sys.stderr, flush=True)
        # What has not been begun is left.
        for one in [one for one in running if not one.cancel()]:
            tally.add(one.result())
    tally.seconds = before + time.monotonic() - began
    _keep(kept, seed, tally)
    return tally


def _taken_up(kept: Path | None, seed: int) -> Tally:
    """What was played with that seed, and kept."""
    if kept is None or not kept.exists():
        return Tally()
    with kept.open("rb") as file:
        of, tally = pickle.load(file)  # noqa: S301 - this very program wrote it
    if of != seed:
        raise SystemExit(f"{kept} holds a campaign of another seed: {of}")
    assert isinstance(tally, Tally)
    return tally


def _keep(kept: Path | None, seed: int, tally: Tally) -> None:
    if kept:
        with kept.with_suffix(".new").open("wb") as file:
            pickle.dump((seed, tally), file)
        kept.with_suffix(".new").replace(kept)


def play_batch(kind: str, number: int, seed: int) -> Tally:
    """The tally of one batch."""
    tally, began = Tally(), time.process_time()
    for name, play in batch(kind, number, seed):
        tally.count(name, play)
    tally.batches.add((kind, number))
    _let_stay()
    tally.busy = time.process_time() - began
    return tally


def _sequence() -> Iterator[tuple[str, int]]:
    """The batches in the order in which they are begun: every two operations once, then every kind by turns."""
    numbers = Counter({PAIR: len(pairs())})
    yield from ((PAIR, number) for number in range(numbers[PAIR]))
    for kind in cycle((PAIR, THREE, FAULT, PAIR, THREE, DRAWN, DISORDER, THREE, DRAWN, DRAWN)):
        limit = batches(kind)
        if limit is None or numbers[kind] < limit:
            yield kind, numbers[kind]
            numbers[kind] += 1


def _enter() -> None:
    """Set the stage of a process for as long as it lives."""
    _set.enter_context(stage_set())
    _let_stay()
    gc.set_threshold(100_000, 50, 1_000_000)


def _let_stay() -> None:
    """Let what is there by now stay: there is no use in looking through it again and again."""
    gc.collect()
    gc.freeze()


def main(arguments: list[str]) -> int:
    """Play, and print what came of it; gives how to exit."""
    parser = argparse.ArgumentParser("python -m tests.simulation.campaign.runner", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="for how long (600)")
    parser.add_argument("--schedules", type=int, help="or until there are so many")
    parser.add_argument("--seed", type=int, default=1, help="from which everything is drawn (1)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="one for each core")
    parser.add_argument("--keep", type=Path, help="take up what is kept in that file, and keep there what is played")
    parser.add_argument("--replay", type=Name.read, help="play one schedule again and print its trace")
    given = parser.parse_args(arguments)
    if given.replay:
        return _replay(given.replay, given.seed)
    tally = work(given.seconds, given.schedules, given.seed, given.processes, given.keep)
    print("\n".join(report(tally, given.seed)))
    for found in tally.found[:MOST_TOLD]:
        print(f"\n{told(found, given.seed)}")
    if tally.found:
        print(f"\nThe first of them, shrunk:\n\n{_shrunk(tally.found[0].name, given.seed)}")
    return 1 if tally.found else 0


def told(found: Found, seed: int) -> str:
    """A violation, and what it takes to see it again."""
    again = f"make simulate SEED={seed} REPLAY={found.name}"
    return f"VIOLATION: {found.violation}\n  commit {_commit()}, trace {found.digest}\n  again: {again}"


def _shrunk(name: Name, seed: int) -> str:
    """The story of the least that is left of a play, and still wrong."""
    with stage_set():
        return story(shrunk(again(name, seed)))


def _replay(name: Name, seed: int) -> int:
    with stage_set():
        play = again(name, seed)
    print(f"In the scene: {play.scene.name}\n")
    print("\n".join(play.trace()))
    print(f"\ntrace {play.digest().hex()}\n{play.violation or 'No violation.'}")
    return 1 if play.violation else 0


def _commit() -> str:
    command = ["git", "rev-parse", "--short=12", "HEAD"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main(sys.argv[1:]))
