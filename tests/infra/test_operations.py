"""The operator's book names every alarm with its threshold and every metric, and commands that there are."""

import re
import shlex
from importlib.util import find_spec

import pytest
from botocore import xform_name

from chalicelib.handlers.event_log import METRICS
from infra.cloudformation.alarms import ALARMS, LOCKSTEP, Alarm
from infra.local.aws import client
from infra.local.engine import ROOT

BOOK = (ROOT / "docs/operations.md").read_text()
# Blocks of commands; what stands in one for a part of a message is any text.
COMMANDS = re.sub(r"\$\(of \w+\)", "part", "".join(re.findall(r"```sh\n(.*?)```", BOOK, re.DOTALL)))
OF_AWS = re.findall(r"\baws (.*?)\)?$", COMMANDS, re.MULTILINE)


def rows(section: str) -> dict[str, list[str]]:
    """The table of a section: the cells of each row by the names that its first cell has."""
    text = re.split(r"^## ", BOOK.split(f"\n## {section}\n")[1], flags=re.MULTILINE)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {name: others for first, *others in cells for name in re.findall(r"`(\w+)`", first)}


def test_every_alarm_is_in_the_table_and_no_other() -> None:
    assert set(rows("Alarms")) == set(ALARMS)


@pytest.mark.parametrize(("name", "alarm"), [one for one in ALARMS.items() if not one[0].endswith("Errors")])
def test_an_alarm_is_written_down_with_its_metric_its_threshold_and_what_to_do(name: str, alarm: Alarm) -> None:
    rings, reason, what_to_do = rows("Alarms")[name]
    assert f"`{alarm.metric}`" in rings
    assert re.search(rf"\b{alarm.threshold:g}\b", rings)
    assert reason
    assert what_to_do


def test_every_metric_is_explained_and_no_alarm_waits_for_one_that_nobody_tells() -> None:
    assert set(rows("Metrics")) == set(METRICS)
    assert {alarm.metric for alarm in ALARMS.values() if alarm.namespace == LOCKSTEP} <= set(METRICS)


def test_the_commands_are_found() -> None:
    assert {command.split()[0] for command in OF_AWS} == {"cloudformation", "dynamodb", "dynamodbstreams", "sqs"}


@pytest.mark.parametrize("command", OF_AWS)
def test_a_command_of_aws_is_one_that_there_is_with_the_options_that_it_takes(command: str) -> None:
    service, operation, *rest = shlex.split(command)
    # It is asked nothing: it knows what there is to ask.
    known = client(service, "http://127.0.0.1:1")
    if operation == "wait":
        waiter, *rest = rest
        called = known.get_waiter(waiter.replace("-", "_")).config.operation
    else:
        called = known.meta.method_to_api_mapping[operation.replace("-", "_")]
    takes = known.meta.service_model.operation_model(called).input_shape
    options = {word[2:] for word in rest if word.startswith("--")} - {"query", "output"}
    assert options <= {xform_name(name, "-") for name in takes.members}
    assert options >= {xform_name(name, "-") for name in takes.required_members}


def test_every_target_of_make_and_every_program_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"deploy", "destroy"} <= set(re.findall(r"\bmake ([a-z]+)", COMMANDS)) <= targets
    programs = set(re.findall(r"python -m ([\w.]+)", BOOK))
    assert programs == {"bench.overhead", "infra.audit"}
    assert all(find_spec(program) for program in programs)
