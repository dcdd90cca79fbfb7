"""A share of the campaign of `make simulate`; what it counts, what it tells, and that it can be played again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.engine import ROOT
from tests.simulation.campaign.campaign_stats import CampaignStats, CampaignViolation
from tests.simulation.campaign.runner import describe_violation, run_batch, run_campaign
from tests.simulation.campaign.schedules import (
    BATCH,
    DRAWN,
    ENVIRONMENT,
    FAULT,
    KINDS,
    TRIPLE,
    ScheduleName,
    batch,
    replay,
)

pytestmark = pytest.mark.usefixtures("simulator")
SHARE = [(TRIPLE, 0), (FAULT, 4), (ENVIRONMENT, 4), *((DRAWN, number) for number in range(8))]


@pytest.mark.parametrize(("kind", "number"), SHARE)
def test_whatever_chance_draws_nothing_is_wrong(kind: str, number: int) -> None:
    assert not run_batch(kind, number, seed=1).found


def test_a_schedule_counts_once_however_often_it_is_played() -> None:
    once, both = run_batch(DRAWN, 0, 1), CampaignStats()
    both.add(once)
    both.add(run_batch(DRAWN, 0, 1))
    assert both.runs.total() == 2 * BATCH
    assert both.schedules == once.schedules
    both.add(run_batch(DRAWN, 0, 2))
    assert len(both.schedules) > 1.5 * len(once.schedules)


@pytest.mark.long  # Plays two campaigns.
def test_a_campaign_that_was_stopped_is_taken_up_where_it_was(tmp_path: Path) -> None:
    state_file = tmp_path / "kept"
    first = run_campaign(0, None, 5, 1, state_file)
    both = run_campaign(0, None, 5, 1, state_file)
    assert first.batches < both.batches
    assert first.schedules < both.schedules
    assert both.runs.total() > first.runs.total() > 0
    with pytest.raises(SystemExit, match="another seed: 5"):
        run_campaign(0, None, 6, 1, state_file)


def test_every_play_is_played_again_by_its_name() -> None:
    for kind in KINDS:
        for name, run in list(batch(kind, 3, 7))[:8]:
            assert replay(ScheduleName.read(str(name)), 7).trace() == run.trace()


@pytest.mark.long  # Starts processes.
def test_it_is_played_again_in_another_process_that_hashes_otherwise() -> None:
    command = [sys.executable, "-m", "tests.simulation.campaign.runner", "--seed", "7", "--replay", "drawn-3-1"]
    printed = set()
    for hashing in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hashing}
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
        printed.add(ran.stdout)
    (text,) = printed
    run = replay(ScheduleName(DRAWN, 3, 1), 7)
    assert text.splitlines()[2 : 2 + len(run.sent)] == run.trace()
    assert run.digest().hex() in text


def test_a_violation_is_told_with_what_it_takes_to_see_it_again() -> None:
    text = describe_violation(CampaignViolation(ScheduleName(DRAWN, 3, 1), "Ada's 09:00 is gone", "0123"), 7)
    assert "Ada's 09:00 is gone" in text
    assert "make simulate SEED=7 REPLAY=drawn-3-1" in text
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert f"commit {commit.stdout[:12] or 'unknown'}" in text
