"""Whatever is found wrong is shrunk to as little as shows it, and the same each time."""

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import strategies as st

from tests.properties import given, settings
from tests.simulation.campaign.schedules import DISORDER, DRAWN, FAULT, KINDS, batch
from tests.simulation.campaign.shrinker import draft_of, drafts, shrunk, simplest
from tests.simulation.engine.memoization import Memory, remembering_in
from tests.simulation.engine.play import Play, stage_set
from tests.simulation.mutants.condition_mutants import conditions
from tests.simulation.reporting.failure_report import story
from tests.simulation.scenarios.initial_states import SCENES, scene
from tests.simulation.scenarios.scripts import Draft, played

MATCHED = "Ada and Ben are matched, Cy waits"


@pytest.fixture(scope="module", autouse=True)
def _stage() -> Iterator[None]:
    with stage_set():
        yield


@pytest.fixture
def _broken_build() -> Iterator[None]:
    """Days are written without a look at their versions."""
    (version,) = (one for one in conditions() if one.name == "_put_day: DayItem.version == change.before.version")
    with version.gone(), remembering_in(Memory(dict)):
        yield


@given(st.sampled_from(SCENES), drafts())
@settings(max_examples=60, derandomize=True)
def test_whatever_hypothesis_draws_nothing_is_wrong(where: str, draft: Draft) -> None:
    play = played(scene(where), draft)
    assert play.violation is None, story(play)


def test_any_play_can_be_played_again_by_what_it_was() -> None:
    for kind in KINDS:
        for _, play in islice(batch(kind, 5, 3), 6):
            assert played(play.scene, draft_of(play)).trace() == play.trace()


@pytest.mark.long  # Searches and shrinks thousands of plays.
@pytest.mark.usefixtures("_broken_build")
def test_a_broken_build_is_shown_by_two_in_a_few_lines() -> None:
    play = simplest(scene(MATCHED), drafts())
    assert play
    assert len(play.script.operations) <= 2
    assert len(story(play).splitlines()) < 80


@pytest.mark.usefixtures("_broken_build")
def test_what_a_campaign_finds_is_shrunk() -> None:
    found = next(play for number in range(100) for play in _wrong(number))
    small = shrunk(found)
    assert small.violation
    assert len(small.script.operations) <= 2 <= len(found.script.operations)
    assert len(small.script.plan) <= 1
    assert len(small.sent) < len(found.sent)


def _wrong(number: int) -> Iterator[Play]:
    """Plays of many in which something is wrong."""
    for kind in (DRAWN, FAULT, DISORDER):
        yield from (play for _, play in batch(kind, number, 1) if play.violation and len(play.script.operations) > 3)
