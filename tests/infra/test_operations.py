"""The operator's manual lists every alarm with its threshold, every metric, and valid commands."""

import re
import shlex
from importlib.util import find_spec

import pytest
from botocore import xform_name

from chalicelib.handlers.event_log import METRICS
from infra.cloudformation.alarm_mails import SPENT_PERCENT
from infra.cloudformation.alarms import ALARMS, LOCKSTEP, Alarm
from infra.cloudformation.parameters import PARAMETERS
from infra.cloudformation.template import additions
from infra.local.aws import client
from infra.local.engine import ROOT

MANUAL = (ROOT / "docs/operations.md").read_text()
# The blocks of commands, with a fixed text for `$(of ...)`, a part of a message.
COMMANDS = re.sub(r"\$\(of \w+\)", "part", "".join(re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL)))
# The options that the AWS CLI names apart from its operation, since each command has an option --endpoint-url.
RENAMED = {"notification-endpoint": "endpoint"}
AWS_COMMANDS = re.findall(r"\baws (.*?)\)?$", COMMANDS, re.MULTILINE)


def rows(section: str) -> dict[str, list[str]]:
    """Return the table of a section as the cells of each row by the names in its first cell."""
    text = re.split(r"^## ", MANUAL.split(f"\n## {section}\n")[1], flags=re.MULTILINE)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {name: others for first, *others in cells for name in re.findall(r"`(\w+)`", first)}


def test_the_table_lists_exactly_the_alarms_of_the_stack() -> None:
    assert set(rows("Alarms")) == set(ALARMS)


@pytest.mark.parametrize(("name", "alarm"), [one for one in ALARMS.items() if not one[0].endswith("Errors")])
def test_an_alarm_is_documented_with_metric_threshold_reason_and_action(name: str, alarm: Alarm) -> None:
    rings, reason, action = rows("Alarms")[name]
    assert f"`{alarm.metric}`" in rings
    assert re.search(rf"\b{alarm.threshold:g}\b", rings)
    assert reason
    assert action


def test_every_metric_is_documented_and_every_alarm_has_an_emitted_metric() -> None:
    assert set(rows("Metrics")) == set(METRICS)
    assert {alarm.metric for alarm in ALARMS.values() if alarm.namespace == LOCKSTEP} <= set(METRICS)


def test_the_commands_are_found() -> None:
    assert {command.split()[0] for command in AWS_COMMANDS} == {
        "cloudformation",
        "cognito-idp",
        "dynamodb",
        "dynamodbstreams",
        "sns",
        "sqs",
    }


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("command", AWS_COMMANDS)
def test_an_aws_command_exists_and_accepts_its_options(command: str) -> None:
    service, operation, *rest = shlex.split(command)
    # The client sends nothing. It has the models of all operations.
    known = client(service, "http://127.0.0.1:1")
    if operation == "wait":
        waiter, *rest = rest
        called = known.get_waiter(waiter.replace("-", "_")).config.operation
    else:
        called = known.meta.method_to_api_mapping[operation.replace("-", "_")]
    takes = known.meta.service_model.operation_model(called).input_shape
    written = {word[2:] for word in rest if word.startswith("--")} - {"query", "output"}
    options = {RENAMED.get(option, option) for option in written}
    assert options <= {xform_name(name, "-") for name in takes.members}
    assert options >= {xform_name(name, "-") for name in takes.required_members}


def test_every_variable_of_the_commands_is_set_before_its_use() -> None:
    known: set[str] = set()
    for line in "".join(re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL)).splitlines():
        used = set(re.findall(r"\$\{?([A-Z_]+)", line))
        assert used <= known, line
        known |= set(re.findall(r"^(?:export )?([A-Z_]+)=", line))


def test_a_command_has_no_gap_that_a_shell_would_read_as_a_redirection() -> None:
    assert re.findall(r"<[a-z]+>", COMMANDS) == []


def test_the_table_of_what_stays_has_every_retained_resource_of_the_stack() -> None:
    resources = additions()["Resources"]
    retained = {name for name, one in resources.items() if one.get("DeletionPolicy") == "Retain"}
    assert set(rows("Deploy")) & resources.keys() == retained


def test_the_default_budget_sends_no_mail_in_an_ordinary_month_of_two_thousand_members() -> None:
    costs = (ROOT / "docs/costs.md").read_text()
    (line,) = re.findall(r"^\| \*\*together\*\* \|(.*)\|$", costs, re.MULTILINE)
    _, of_two_thousand, *_ = line.split("|")
    assert float(of_two_thousand.strip(" *")) * 100 < int(PARAMETERS["MonthlyBudget"].default or 0) * SPENT_PERCENT


def test_every_target_of_make_and_every_program_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"deploy", "destroy"} <= set(re.findall(r"\bmake ([a-z]+)", COMMANDS)) <= targets
    programs = set(re.findall(r"python -m ([\w.]+)", MANUAL))
    of_infra = {
        f"infra.{name}"
        for name in ("audit", "member_ids", "migrations", "redrive", "replay_erasures", "retention", "web")
    }
    assert programs == {"bench.bill", "bench.overhead", "bench.recovery", *of_infra}
    assert all(find_spec(program) for program in programs)
