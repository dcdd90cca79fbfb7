"""The template of a packaged release."""

import copy
import json
import subprocess
import sys
from collections import UserDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib import settings
from chalicelib.handlers.event_log import METRICS
from chalicelib.storage.keys import JOB, PAIRS, POOL
from infra.cloudformation.alarms import LOCKSTEP
from infra.cloudformation.edge import edge_template
from infra.cloudformation.intrinsic import FUNCTIONS
from infra.cloudformation.parameters import OF_PROVIDER, PARAMETERS, Parameter, environment
from infra.cloudformation.published_api import name_release
from infra.local.engine import ROOT
from infra.package.release import ANY_SETTINGS, Release
from tests.infra.cloudformation.expanded_template import expand
from tests.infra.cloudformation.template_rules import (
    EXPECTED,
    RULES,
    SOURCE,
    Template,
    differences,
    look_up,
    of_type,
    rule_violations,
)

# Packages a release.
pytestmark = pytest.mark.long

Defect = Callable[[Template], object]


@pytest.fixture(scope="session")
def template(release: Release) -> Template:
    """The packaged template."""
    return json.loads(release.template.read_text())


def without(template: Template, path: str) -> Template:
    """Return the template without the value at a path."""
    broken = copy.deepcopy(template)
    before, _, last = path.rpartition(".")
    found = look_up(broken, before)
    del found[int(last) if isinstance(found, list) else last]
    return broken


def test_the_template_has_the_expected_properties_and_violates_no_rule(template: Template) -> None:
    assert differences(template) == set()
    assert rule_violations(template) == []


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize("path", EXPECTED)
def test_a_missing_property_is_found(template: Template, path: str) -> None:
    assert path in differences(without(template, path))


def _of(broken: Template, name: str) -> Template:
    return broken["Resources"][name]["Properties"]


def _statement(broken: Template, role: str) -> Template:
    return _of(broken, role)["Policies"][0]["PolicyDocument"]["Statement"][0]


def _refusal_headers(broken: Template) -> dict[str, Template]:
    responses = _of(broken, "RestAPI")["GatewayResponses"]
    return {name: response["ResponseParameters"]["Headers"] for name, response in responses.items()}


DEFECTS: dict[str, Defect] = {
    "has_a_type": lambda broken: broken["Resources"].update(Rematsch={"Properties": {}}),
    "has_one_event": lambda broken: _of(broken, "Rematch")["Events"].update(RematchStream={"Type": "DynamoDB"}),
    "has_a_role_of_its_own": lambda broken: _of(broken, "Sweep").update(Role=_of(broken, "Finalize")["Role"]),
    "names_its_actions": lambda broken: _statement(broken, "SweepRole").update(Action=["dynamodb:*"]),
    "names_its_resources": lambda broken: _statement(broken, "SweepRole").update(Resource="*"),
    "scans_only_to_audit_or_to_search": lambda broken: _statement(broken, "SweepRole")["Action"].append(
        "dynamodb:Scan"
    ),
    "reads_the_stream_only_where_it_is_delivered": lambda broken: _statement(broken, "SweepRole")["Action"].append(
        "dynamodb:GetRecords"
    ),
    "reads_each_queue_in_one_function": lambda broken: _statement(broken, "SweepRole")["Action"].append(
        "sqs:ReceiveMessage"
    ),
    "refuses_with_problems": lambda broken: _of(broken, "RestAPI")["GatewayResponses"]["THROTTLED"].update(
        StatusCode=503
    ),
    "hardens_refusals": lambda broken: _refusal_headers(broken)["DEFAULT_5XX"].pop("Content-Security-Policy"),
    "lets_the_first_origin_read_refusals": lambda broken: _refusal_headers(broken)["THROTTLED"].update(
        {"Access-Control-Allow-Origin": "'*'"}
    ),
    "has_only_the_expected_grants": lambda broken: broken["Resources"].update(
        More={"Type": "AWS::IAM::ManagedPolicy", "Properties": {}}
    ),
    "has_the_expected_alarms": lambda broken: _of(broken, "ConflictsAlarm").update(ActionsEnabled=False),
    "describes_its_alarms": lambda broken: _of(broken, "ConflictsAlarm").pop("AlarmDescription"),
}


def test_every_rule_has_a_defect() -> None:
    assert [rule.__name__ for rule in RULES] == list(DEFECTS)


@pytest.mark.parametrize("rule", DEFECTS)
def test_a_defect_violates_exactly_its_rule(template: Template, rule: str) -> None:
    broken = copy.deepcopy(template)
    DEFECTS[rule](broken)
    assert [violation.partition(":")[0] for violation in rule_violations(broken)] == [rule]


def _put(name: str, **properties: Any) -> Defect:
    return lambda broken: _of(broken, name).update(properties)


ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# Defects that a deployment would not show, each with the path or the violation that shows it.
HIDDEN_DEFECTS: dict[str, tuple[Defect, str]] = {
    "a role with another AWS policy": (
        _put("SweepRole", ManagedPolicyArns=[ADMINISTRATOR]),
        "Resources.SweepRole.Properties",
    ),
    "a role that every principal can assume": (
        lambda broken: _of(broken, "FinalizeRole")["AssumeRolePolicyDocument"]["Statement"][0].update(Principal="*"),
        "Resources.FinalizeRole.Properties",
    ),
    "an unneeded right": (
        lambda broken: _statement(broken, "SweepRole")["Action"].append("dynamodb:DeleteTable"),
        "Resources.SweepRole.Properties",
    ),
    "a missing alarm": (
        lambda broken: broken["Resources"].pop("ConflictsAlarm"),
        "has_the_expected_alarms: ConflictsAlarm",
    ),
    "a threshold that is never reached": (
        _put("PoisonRecordsAlarm", Threshold=1e9),
        "has_the_expected_alarms: PoisonRecordsAlarm",
    ),
    "an alarm without action": (
        lambda broken: _of(broken, "PoisonRecordsAlarm").pop("AlarmActions"),
        "has_the_expected_alarms: PoisonRecordsAlarm",
    ),
    "a reversed comparison": (
        _put("FailuresAlarm", ComparisonOperator="LessThanThreshold"),
        "has_the_expected_alarms: FailuresAlarm",
    ),
    "an access log with paths": (
        lambda broken: _of(broken, "RestAPI")["AccessLogSetting"].update(
            Format='{"request": "$context.httpMethod $context.path"}'
        ),
        "Resources.RestAPI.Properties.AccessLogSetting.Format",
    ),
    "limits of one route instead of all": (
        lambda broken: _of(broken, "RestAPI")["MethodSettings"][0].update(ResourcePath="/~1health", HttpMethod="GET"),
        "Resources.RestAPI.Properties.MethodSettings",
    ),
    "a domain name of another API": (
        _put("DomainMapping", RestApiId="a1b2c3d4e5"),
        "Resources.DomainMapping.Properties",
    ),
    "a domain name with another certificate": (
        _put("Domain", RegionalCertificateArn="arn:aws:acm:us-east-1:123456789012:certificate/another"),
        "Resources.Domain.Properties",
    ),
    "a firewall that counts the addresses of CloudFront": (
        lambda broken: _of(broken, "ApiFirewall")["Rules"][0]["Statement"]["RateBasedStatement"].pop(
            "ScopeDownStatement"
        ),
        "Resources.ApiFirewall.Properties",
    ),
    "a firewall that counts and does not refuse": (
        lambda broken: _of(broken, "ApiFirewall")["Rules"][0].update(Action={"Count": {}}),
        "Resources.ApiFirewall.Properties",
    ),
    "a topic that no address gets": (
        _put("AlarmSubscription", Protocol="lambda"),
        "Resources.AlarmSubscription.Properties",
    ),
    "a missing output with the address": (lambda broken: broken["Outputs"].pop("ApiUrl"), "Outputs.ApiUrl.Value"),
}


@pytest.mark.parametrize("defect", HIDDEN_DEFECTS)
def test_a_defect_that_a_deployment_would_not_show_is_found(template: Template, defect: str) -> None:
    broken = copy.deepcopy(template)
    apply, finding = HIDDEN_DEFECTS[defect]
    apply(broken)
    assert differences(broken) | set(rule_violations(broken)) == {finding}


def test_the_gateway_passes_head_wherever_it_passes_get_and_every_method_of_an_unknown_path(
    template: Template,
) -> None:
    paths = look_up(template, "Resources.RestAPI.Properties.DefinitionBody.paths")
    assert [path for path, methods in paths.items() if ("get" in methods) != ("head" in methods)] == []
    assert all("options" in methods for methods in paths.values())
    types = {method: of["x-amazon-apigateway-integration"]["type"] for method, of in paths["/{proxy+}"].items()}
    assert types == dict.fromkeys(("delete", "get", "head", "patch", "post", "put", "options"), "aws_proxy")


def filters(template: Template, function: str) -> list[Any]:
    """Return the filters of the stream of a function."""
    found = look_up(template, f"{SOURCE.format(function)}.FilterCriteria.Filters")
    return [json.loads(each["Pattern"]) for each in found]


def test_r42_the_function_of_events_gets_written_days(template: Template) -> None:
    assert filters(template, "Events") == [
        {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {"Keys": {"PK": {"S": [{"prefix": "MEMBER#"}]}, "SK": {"S": [{"prefix": "DAY#"}]}}},
        }
    ]


def test_the_function_of_matching_gets_new_waiting_rows_jobs_and_pair_rows_of_locks(template: Template) -> None:
    assert filters(template, "Rematch") == [
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": POOL}, {"prefix": JOB}]}}}},
        {
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"PK": {"S": [{"prefix": PAIRS}]}}, "NewImage": {"o": {"S": ["l"]}}},
        },
    ]


class RecordingSettings(UserDict[str, str]):
    """Settings that record the names that were read."""

    def __init__(self) -> None:
        super().__init__({"AWS_DEFAULT_REGION": "us-east-1", **ANY_SETTINGS})
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def test_every_function_has_every_setting_and_every_setting_has_a_parameter(template: Template) -> None:
    recorded = RecordingSettings()
    settings.from_environment(recorded)
    assert recorded.names - {"AWS_DEFAULT_REGION", "LOCKSTEP_ENDPOINT"} == set(environment())
    for name, function in of_type(template, "AWS::Serverless::Function").items():
        assert function["Environment"]["Variables"] == environment(), name
    text = json.dumps(template)
    assert [name for name in PARAMETERS if f'"Ref": "{name}"' not in text and f"${{{name}}}" not in text] == []


def test_the_defaults_of_the_parameters_are_those_of_the_settings(template: Template) -> None:
    declared = {each.variable: template["Parameters"][name] for name, each in PARAMETERS.items() if each.variable}
    resources = environment().keys() - declared.keys()
    defaults = {name: default for name, default in settings.DEFAULTS.items() if name not in resources}
    # A stack has these or makes a user pool, so that they may be empty here.
    either = {PARAMETERS[name].variable: "" for name in OF_PROVIDER}
    found = {name: each["Default"] for name, each in declared.items() if "Default" in each}
    assert found == {**defaults, **either}


def documented_default(parameter: Parameter) -> str:
    """Return the default of a parameter as docs/operations.md shows it."""
    match parameter.default:
        case None:
            # A deployment generates a secret that is not given.
            return "made once" if parameter.secret else "needed"
        case "":
            return ""
        case default:
            return f"`{default}`"


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    rows = {name: f"| `{name}` | {each.meaning} | {documented_default(each)} |" for name, each in PARAMETERS.items()}
    assert [name for name, row in rows.items() if row not in text] == []


def test_every_metric_with_an_action_of_the_operator_has_an_alarm(template: Template) -> None:
    assert {alarm["MetricName"] for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()} >= {
        "LockCommits", "Conflicts", "Retries", "RematchSeconds", "WaitingAtStart", "OldestWaitingSeconds",
        "PoisonRecords", "AuditViolations", "AuditUnsettled", "AuditComplete", "IteratorAge", "5XXError",
    }  # fmt: skip


def test_the_dashboard_shows_every_metric_and_every_function(template: Template) -> None:
    text, _ = look_up(template, "Resources.Dashboard.Properties.DashboardBody")["Fn::Sub"]
    metrics = [metric for graph in json.loads(text)["widgets"] for metric in graph["properties"]["metrics"]]
    assert {name for namespace, name, *_ in metrics if namespace == LOCKSTEP} == set(METRICS)
    functions = {dimensions[1] for namespace, _, *dimensions in metrics if namespace == "AWS/Lambda"}
    assert functions == {f"${{{function}}}" for function in FUNCTIONS}


def lint(directory: Path, **templates: Template) -> str:
    """Return the output of cfn-lint for templates."""
    paths = []
    for name, template in templates.items():
        path = directory / f"{name}.json"
        path.write_text(json.dumps(template))
        paths.append(str(path))
    command = [sys.executable, "-c", "from cfnlint.runner import main; main()", *paths]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.long  # Needs cfn-lint, which `make test` does not install.
def test_cfn_lint_finds_nothing_in_the_written_and_the_expanded_template(template: Template, tmp_path: Path) -> None:
    assert lint(tmp_path, written=template, expanded=expand(template), edge=edge_template()) == ""


def test_the_stage_is_created_after_its_log_role_if_the_stack_sets_that(template: Template) -> None:
    resources = expand(template)["Resources"]
    (stage,) = (each for each in resources.values() if each["Type"] == "AWS::ApiGateway::Stage")
    (tag,) = (tag for tag in stage["Properties"]["Tags"] if tag["Key"] == "access-log-role")
    condition, role, _ = tag["Value"]["Fn::If"]
    assert (role, resources["GatewayAccount"]["Condition"]) == ({"Ref": "GatewayAccount"}, condition)


@pytest.mark.long  # Needs cfn-lint, which `make test` does not install.
def test_cfn_lint_finds_misspelt_properties(template: Template, tmp_path: Path) -> None:
    resources = {name: copy.deepcopy(template["Resources"][name]) for name in ("Table", "Failures")}
    resources["Table"]["Properties"]["PointInTimeRecoverySpezification"] = {"PointInTimeRecoveryEnabled": True}
    resources["Failures"]["Properties"]["MessageRetentionPeriod"] = 5
    found = lint(tmp_path, broken={**expand(template), "Resources": resources, "Outputs": {}})
    assert "'PointInTimeRecoverySpezification' was unexpected" in found
    assert "5 is less than the minimum of 60" in found


def test_the_gateway_calls_the_published_version_of_the_api(template: Template) -> None:
    """A call of the function without a version would start it without the snapshot, and the gateway may not call it."""
    routes = json.dumps(template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"])
    assert "${APIHandlerLive}/invocations" in routes
    assert "${APIHandler.Arn}" not in routes


def test_the_published_version_changes_with_the_code_the_function_and_the_settings() -> None:
    """CloudFormation publishes a version only for a changed description, and Lambda only for a changed function."""

    def description(code: bytes, memory: int) -> Any:
        function = {"Properties": {"MemorySize": memory, "CodeUri": "./lockstep.zip"}}
        version, routes = {"Properties": {}}, {"Properties": {"DefinitionBody": {}}}
        resources = {"APIHandler": function, "APIHandlerVersion": version, "RestAPI": routes}
        name_release(resources, code)
        return version["Properties"]["Description"]["Fn::Sub"]

    texts = {description(b"code", 512), description(b"code", 1024), description(b"newer code", 512)}
    assert len(texts) == 3
    assert all(text.startswith("${Deployment} ") for text in texts)
    assert description(b"code", 512) in texts
