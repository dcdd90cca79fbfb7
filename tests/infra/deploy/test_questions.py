"""The questions of a first deployment."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.deploy.questions import Ask, ask_settings, region_of, write_stage
from infra.deploy.settings import CannotDeployError, parameters, read_region, read_settings


def answers(*lines: str) -> tuple[Ask, list[str]]:
    """Return an operator who types these lines, and the questions that were asked."""
    questions: list[str] = []
    rest: Iterator[str] = iter(lines)

    def ask(question: str) -> str:
        questions.append(question)
        return next(rest)

    return ask, questions


@pytest.fixture
def no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment and a home that name no region."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)


@pytest.mark.usefixtures("no_region")
def test_an_answer_of_another_form_is_asked_for_again() -> None:
    ask, questions = answers("", "Frankfurt", " eu-central-1 ")
    assert region_of(None, {}, ask) == "eu-central-1"
    assert len(questions) == 3


@pytest.mark.usefixtures("no_region")
def test_a_region_that_is_named_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ask, questions = answers()
    environment = {"AWS_REGION": "eu-west-1"}
    assert region_of("eu-central-1", environment, ask) == "eu-central-1"
    assert region_of(None, environment, ask) == "eu-west-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert region_of(None, environment, ask) == "eu-west-1"
    assert region_of(None, {}, ask) == "eu-north-1"
    assert questions == []


def test_a_new_stage_has_a_name_and_an_address_for_alarms() -> None:
    ask, questions = answers("Fokus-Zimmer", "operator", "operator@example.com")
    assert ask_settings(ask) == {"ProductName": "Fokus-Zimmer", "AlarmEmail": "operator@example.com"}
    assert questions == [
        "Name of the service, which members see: ",
        "E-mail address for alarms: ",
        "E-mail address for alarms: ",
    ]


def test_the_answers_are_all_that_a_new_stack_needs(tmp_path: Path) -> None:
    path = tmp_path / "stages" / "prod.json"
    write_stage(path, "eu-central-1", {"ProductName": "Fokus-Zimmer", "AlarmEmail": "operator@example.com"})
    assert read_region("prod", path.parent) == "eu-central-1"
    assert parameters(read_settings("prod", path.parent), None)
    assert list(json.loads(path.read_text())) == ["Region", "ProductName", "AlarmEmail"]


@pytest.mark.usefixtures("no_region")
def test_without_a_terminal_the_missing_settings_are_named() -> None:
    def ask(_question: str) -> str:
        raise EOFError

    with pytest.raises(CannotDeployError, match="AWS_REGION, and set AlarmEmail and ProductName"):
        region_of(None, {}, ask)
