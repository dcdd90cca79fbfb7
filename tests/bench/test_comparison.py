"""The comparison of exact figures with those of the last tag."""

import json
import subprocess
from pathlib import Path

import pytest

from bench.comparison import RECORD, Baseline, exact_figures, is_exact, last_baseline, shortcomings

BEFORE = {"book.write_units": 100.0, "slot.pairs": 100.0, "free.requests": 0.0}


def found(**changed: float) -> list[str]:
    now = {**BEFORE, **{name.replace("__", "."): number for name, number in changed.items()}}
    return list(shortcomings(BEFORE, now, accepted={}))


def test_figures_may_become_worse_by_three_percent_and_better_by_any_amount() -> None:
    assert found() == []
    assert found(book__write_units=103) == []
    assert found(book__write_units=1) == []
    assert found(book__write_units=103.1) == ["book.write_units was 100 and is 103.1."]


def test_fewer_pairs_are_worse() -> None:
    assert found(slot__pairs=97) == []
    assert found(slot__pairs=200) == []
    assert found(slot__pairs=96) == ["slot.pairs was 100 and is 96."]


def test_any_rise_from_nothing_is_worse() -> None:
    assert found(free__requests=1) == ["free.requests was 0 and is 1."]


def test_a_new_figure_passes_and_a_missing_one_does_not() -> None:
    now = {name: number for name, number in BEFORE.items() if name != "slot.pairs"}
    assert list(shortcomings(BEFORE, {**now, "new.units": 9}, accepted={})) == ["slot.pairs is missing. It was 100."]


def test_an_accepted_figure_passes_while_worse_and_fails_after_that() -> None:
    accepted = {"book.write_units": "A booking also stores its room."}
    assert list(shortcomings(BEFORE, {**BEFORE, "book.write_units": 110}, accepted)) == []
    assert list(shortcomings(BEFORE, {**BEFORE, "book.write_units": 102}, accepted)) == [
        "book.write_units is accepted, but did not become worse."
    ]


def test_times_and_ratios_of_times_are_not_exact() -> None:
    figures = {"a.write_units": 1.0, "a.time_ratio": 2.0, "a.seconds": 3.0, "a.b, c.ratio": 4.0}
    assert exact_figures(figures) == {"a.write_units": 1.0, "a.b, c.ratio": 4.0}
    assert not is_exact("units.milliseconds")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    return tmp_path


def git(clone: Path, *arguments: str) -> None:
    names = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "tag.gpgSign=false")
    subprocess.run(["git", "-C", str(clone), *names, "-c", "commit.gpgSign=false", *arguments], check=True)


def record(clone: Path, units: float) -> None:
    path = clone / RECORD
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"a.units": units}))
    git(clone, "add", RECORD)
    git(clone, "commit", "--quiet", "--message", "Record")


def test_the_baseline_is_the_record_of_the_last_tag(clone: Path) -> None:
    record(clone, 1)
    git(clone, "tag", "v1")
    record(clone, 2)
    git(clone, "tag", "v2")
    record(clone, 3)
    assert last_baseline(clone) == Baseline("v2", {"a.units": 2})


def test_a_tag_without_a_record_has_no_baseline(clone: Path) -> None:
    git(clone, "tag", "v1")
    record(clone, 1)
    assert last_baseline(clone) is None


def test_a_clone_without_tags_has_the_committed_record(clone: Path) -> None:
    assert last_baseline(clone) is None
    record(clone, 1)
    (clone / RECORD).write_text("{}")
    assert last_baseline(clone) == Baseline("HEAD", {"a.units": 1})
