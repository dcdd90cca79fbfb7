"""A deployment by the command of an operator, from an empty account to the deletion of the stack."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.cloudformation.alarms import ALARMS
from infra.package.release import Release
from tests.infra.local_stack.operator_account import EDGE, STACK, Account, new_account

# Deploys a whole stack.
pytestmark = pytest.mark.long

REGION, EDGE_REGION = "eu-central-1", "us-east-1"
# Region, name of the service, and address for alarms.
ANSWERS = f"{REGION}\nFocus Room\noperator@example.com\n"


@pytest.fixture(scope="module")
def account(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with nothing in it."""
    with new_account(release, REGION, tmp_path_factory.mktemp("stages")) as account:
        yield account


@pytest.fixture(scope="module")
def lines(account: Account) -> list[str]:
    """The output of the first deployment."""
    return account.up(ANSWERS)


def test_a_deployment_asks_for_region_name_and_address_and_keeps_the_answers(
    account: Account, lines: list[str]
) -> None:
    assert json.loads((account.stages / "prod.json").read_text()) == {
        "Region": REGION,
        "ProductName": "Focus Room",
        "AlarmEmail": "operator@example.com",
    }
    assert f"{STACK} changes:" in lines


def test_the_operator_subscribes_to_the_alarms_and_gets_the_warnings_of_the_budget(
    account: Account, lines: list[str]
) -> None:
    assert lines
    topic = account.resource("AlarmTopic")
    subscriptions = account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [(each["Protocol"], each["Endpoint"]) for each in subscriptions] == [("email", "operator@example.com")]
    budgets, number = account.client("budgets"), account.client("sts").get_caller_identity()["Account"]
    (budget,) = budgets.describe_budgets(AccountId=number)["Budgets"]
    assert (budget["BudgetName"], budget["BudgetLimit"]) == (f"{STACK}-{REGION}", {"Amount": "50", "Unit": "USD"})
    notifications = budgets.describe_notifications_for_budget(AccountId=number, BudgetName=budget["BudgetName"])
    found = {each["NotificationType"]: each["Threshold"] for each in notifications["Notifications"]}
    assert found == {"ACTUAL": 80, "FORECASTED": 100}


def test_the_members_sign_in_at_a_user_pool_of_the_stack(account: Account, lines: list[str]) -> None:
    assert lines
    functions = account.client("lambda")
    variables = functions.get_function_configuration(FunctionName=account.resource("APIHandler"))["Environment"]
    pool = account.resource("UserPool")
    assert variables["Variables"]["LOCKSTEP_ISSUER"].rstrip(",").endswith(pool)
    assert variables["Variables"]["LOCKSTEP_PRODUCT_NAME"] == "Focus Room"


def test_the_last_lines_say_where_to_go_and_what_is_left_to_do(account: Account, lines: list[str]) -> None:
    described = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    assert lines[lines.index("Focus Room is deployed.") :] == [
        "Focus Room is deployed.",
        f"Web app:      {outputs['AppUrl']}",
        f"API:          {outputs['ApiUrl']}",
        f"Invite links: {outputs['InviteUrlBase']}",
        f"Sign-in:      {outputs['SignInUrl']}",
        "",
        "Left to do by hand:",
        "1. Alarms: open the link in the mail of AWS to operator@example.com. Until then no alarm is sent.",
        "2. Mails: confirm the sender operator@example.com by the link in the mail of AWS.",
        "3. Mails: SES is in its sandbox and sends to verified addresses only. Request production access at"
        f" https://{REGION}.console.aws.amazon.com/ses/home?region={REGION}#/account",
        "4. Sign-in: the user pool sends at most 50 mails a day. For more, set MailFrom and SignInMailArn.",
    ]


def test_the_firewalls_are_in_front_of_the_distribution_and_of_the_api(account: Account, lines: list[str]) -> None:
    assert f"{EDGE} changes:" in lines
    arn = {}
    for scope, region in (("REGIONAL", REGION), ("CLOUDFRONT", EDGE_REGION)):
        (found,) = account.session.client("wafv2", region).list_web_acls(Scope=scope)["WebACLs"]
        arn[scope] = found["ARN"]
    api = account.resource("RestAPI")
    resources = account.client("wafv2").list_resources_for_web_acl(WebACLArn=arn["REGIONAL"])["ResourceArns"]
    assert resources == [f"arn:aws:apigateway:{REGION}::/restapis/{api}/stages/api"]
    distribution = account.client("cloudfront").get_distribution(Id=account.resource("WebDistribution"))
    configuration = distribution["Distribution"]["DistributionConfig"]
    assert configuration["WebACLId"] == arn["CLOUDFRONT"]


def test_the_sender_of_mails_is_the_address_for_alarms(account: Account, lines: list[str]) -> None:
    assert lines
    identities = account.client("sesv2").list_email_identities()["EmailIdentities"]
    assert [each["IdentityName"] for each in identities] == ["operator@example.com"]


def test_a_second_deployment_changes_nothing_and_asks_nothing(account: Account, lines: list[str]) -> None:
    again = account.up()
    assert [line for line in again if line.startswith("lockstep")] == [
        f"{EDGE}: nothing to change.",
        f"{STACK}: nothing to change.",
    ]
    deployed = "Focus Room is deployed."
    assert again[again.index(deployed) :] == lines[lines.index(deployed) :]


def give(account: Account, alarm: dict[str, Any], distance: int) -> None:
    """Give the metric of an alarm a value in each of its periods, at a distance beyond its threshold."""
    side = -1 if alarm["ComparisonOperator"] == "LessThanThreshold" else 1
    now = datetime.now(UTC)
    account.client("cloudwatch").put_metric_data(
        Namespace=alarm["Namespace"],
        MetricData=[
            {
                "MetricName": alarm["MetricName"],
                "Dimensions": alarm["Dimensions"],
                "Value": alarm["Threshold"] + side * distance,
                "Timestamp": now - timedelta(seconds=alarm["Period"] * (number + 0.5)),
            }
            for number in range(alarm["EvaluationPeriods"])
        ],
    )


def subscribed_queue(account: Account) -> str:
    """Return the address of a queue that gets what the topic of the alarms sends."""
    queues, topic = account.client("sqs"), account.resource("AlarmTopic")
    url = queues.create_queue(QueueName="operator")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sends = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [sends]})
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    account.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return str(url)


def heard(account: Account, url: str) -> list[tuple[str, str]]:
    """Return the alarms that the queue heard of in order, each with its new state."""
    queues, found = account.client("sqs"), []
    while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        entries = [{"Id": each["MessageId"], "ReceiptHandle": each["ReceiptHandle"]} for each in messages]
        queues.delete_message_batch(QueueUrl=url, Entries=entries)
        alarms = [json.loads(json.loads(each["Body"])["Message"]) for each in messages]
        found += [(alarm["AlarmName"], alarm["NewStateValue"]) for alarm in alarms]
    return found


def test_every_alarm_reaches_the_operator_when_its_metric_rings(account: Account, lines: list[str]) -> None:
    """A queue subscribes besides the address of the operator, since a test reads no mail."""
    assert lines
    url = subscribed_queue(account)
    found = account.client("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]
    assert {each["AlarmName"] for each in found} == {f"{STACK}-{name}" for name in ALARMS}
    # In a new stack those ring that a silent metric rings.
    silent = {f"{STACK}-{name}" for name in ("AuditIncomplete", "LockCommits", "ScheduleStopped", "SweepStopped")}
    assert {each["AlarmName"] for each in found if each["StateValue"] == "ALARM"} == silent
    for alarm in found:
        if alarm["AlarmName"] in silent:
            give(account, alarm, -1)
        give(account, alarm, 9)
    # The metric of each alarm rings no other.
    assert heard(account, url) == [
        (alarm["AlarmName"], state)
        for alarm in found
        for state in (("OK", "ALARM") if alarm["AlarmName"] in silent else ("ALARM",))
    ]


def test_a_deleted_stack_leaves_the_table_and_the_user_pool(account: Account, lines: list[str]) -> None:
    assert lines
    table, pool = account.resource("Table"), account.resource("UserPool")
    assert account.run("down", "prod").returncode == 0
    assert account.client("dynamodb").list_tables()["TableNames"] == [table]
    pools = account.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert [each["Id"] for each in pools] == [pool]
    assert account.client("sns").list_topics()["Topics"] == []
    assert account.session.client("wafv2", EDGE_REGION).list_web_acls(Scope="CLOUDFRONT")["WebACLs"] == []
    assert account.run("down", "prod").stderr == f"There is no stack {STACK}.\n"
    assert account.client("lambda").list_functions()["Functions"] == []
