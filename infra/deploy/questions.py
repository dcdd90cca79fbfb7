"""The questions of a first deployment, whose answers are the file of the stage."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from boto3.session import Session

from infra.cloudformation.parameters import PARAMETERS
from infra.deploy.settings import REGION, CannotDeployError

# It prints a question and returns the line that the operator types.
Ask = Callable[[str], str]

REGION_PATTERN = r"[a-z]{2}(-[a-z]+)+-[0-9]"
# The settings of a new stage, each with its question.
QUESTIONS = {
    "ProductName": "Name of the service, which members see",
    "AlarmEmail": "E-mail address for alarms",
}
NO_TERMINAL = (
    "Without a terminal no setting can be asked for. Name the region in AWS_REGION, and set AlarmEmail and ProductName"
    " in stages/<stage>.json."
)


def region_of(named: str | None, environment: Mapping[str, str], ask: Ask) -> str:
    """Return the region that a stage names, or the environment, or the operator. Raises CannotDeployError."""
    # The client library reads AWS_DEFAULT_REGION and the profile only, unlike the AWS CLI.
    known = named or environment.get("AWS_REGION") or Session().region_name
    return known or _answer(ask, "AWS region, such as eu-central-1", REGION_PATTERN)


def ask_settings(ask: Ask) -> dict[str, str]:
    """Ask for the settings of a new stage. Raises CannotDeployError without a terminal."""
    return {name: _answer(ask, question, PARAMETERS[name].pattern) for name, question in QUESTIONS.items()}


def write_stage(path: Path, region: str, settings: Mapping[str, str]) -> None:
    """Write the file of a new stage."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({REGION: region, **settings}, indent=2, ensure_ascii=False) + "\n")


def _answer(ask: Ask, question: str, pattern: str) -> str:
    """Ask until the answer has the form of the pattern."""
    try:
        while not re.fullmatch(pattern, answer := ask(f"{question}: ").strip()):
            pass
    except EOFError:
        raise CannotDeployError(NO_TERMINAL) from None
    return answer
