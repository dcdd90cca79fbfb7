"""A share of the campaign of `make simulate`, its counts, its report, and the replay of its schedules."""

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
    BEGUN,
    DRAWN,
    ENVIRONMENT,
    EVENTS,
    FAULT,
    KINDS,
    TRIPLE,
    ScheduleName,
    batch,
    replay,
)

pytestmark = pytest.mark.usefixtures("simulator")
SHARE = [
    *((TRIPLE, 0), (FAULT, 4), (ENVIRONMENT, 4)),
    *((DRAWN, number) for number in range(8)),
    *((kind, number) for kind in (EVENTS, BEGUN) for number in range(2)),
]


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize(("kind", "number"), SHARE)
def test_random_schedules_have_no_violation(kind: str, number: int) -> None:
    assert not run_batch(kind, number, seed=1).found


def test_a_repeated_schedule_counts_once() -> None:
    once, both = run_batch(DRAWN, 0, 1), CampaignStats()
    both.add(once)
    both.add(run_batch(DRAWN, 0, 1))
    assert both.runs.total() == 2 * BATCH
    assert both.schedules == once.schedules
    both.add(run_batch(DRAWN, 0, 2))
    assert len(both.schedules) > 1.5 * len(once.schedules)


@pytest.mark.long  # Runs two campaigns.
def test_a_stopped_campaign_continues_from_its_state_file(tmp_path: Path) -> None:
    state_file = tmp_path / "kept"
    first = run_campaign(0, None, 5, 1, state_file)
    both = run_campaign(0, None, 5, 1, state_file)
    assert first.batches < both.batches
    assert first.schedules < both.schedules
    assert both.runs.total() > first.runs.total() > 0
    with pytest.raises(SystemExit, match="another seed: 5"):
        run_campaign(0, None, 6, 1, state_file)


@pytest.mark.long  # Replays runs of every kind.
def test_every_run_can_be_replayed_by_its_name() -> None:
    for kind in KINDS:
        for name, run in list(batch(kind, 3, 7))[:8]:
            assert replay(ScheduleName.read(str(name)), 7).trace() == run.trace()


@pytest.mark.long  # Starts processes.
def test_a_replay_in_a_process_with_another_hash_seed_is_equal() -> None:
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


def test_a_violation_is_reported_with_its_replay_command() -> None:
    text = describe_violation(CampaignViolation(ScheduleName(DRAWN, 3, 1), "Ada's 09:00 is gone", "0123"), 7)
    assert "Ada's 09:00 is gone" in text
    assert "make simulate SEED=7 REPLAY=drawn-3-1" in text
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert f"commit {commit.stdout[:12] or 'unknown'}" in text
