"""The last lines of a deployment, on an account that has done everything and on others."""

from collections.abc import Iterator

import pytest

from infra.deploy.summary import Deployed, summary
from infra.local_stack.engine import StackEngine
from infra.local_stack.stack import EngineSession

# Starts an engine with all services.
pytestmark = pytest.mark.long

SENDER = "notices@mail.example"
SETTINGS = {
    "ProductName": "Focus Room",
    "AlarmEmail": "operator@example.com",
    "MailFrom": SENDER,
    "SignIn": "cognito",
    "SignInMailArn": "arn:aws:ses:us-east-1:1:identity/mail.example",
    "WebDomainName": "",
    "HostedZoneId": "",
    "MailDomain": "",
    "DomainName": "",
}
OUTPUTS = {"AppUrl": "https://d1.cloudfront.net", "AppTarget": "d1.cloudfront.net", "ApiUrl": "https://api.example"}


@pytest.fixture(scope="module")
def done() -> Iterator[Deployed]:
    """A deployment after which nothing is left to do.

    An account of the engine may send mails to every address, and every identity in it is verified.
    """
    with StackEngine() as engine:
        session = EngineSession(engine.url)
        session.client("sesv2").create_email_identity(EmailIdentity="mail.example")
        sns = session.client("sns")
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        queue = session.client("sqs").create_queue(QueueName="operator")["QueueUrl"]
        arn = f"arn:aws:sqs:{session.region_name}:{topic.split(':')[4]}:{queue.rpartition('/')[2]}"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        yield Deployed(session, SETTINGS, OUTPUTS, {"AlarmTopic": topic})


def test_a_deployment_ends_with_its_addresses(done: Deployed) -> None:
    assert summary(done) == [
        "",
        "Focus Room is deployed.",
        "Web app:      https://d1.cloudfront.net",
        "API:          https://api.example",
        "",
        "Nothing is left to do by hand.",
    ]


@pytest.mark.parametrize(
    ("settings", "outputs", "step"),
    [
        (
            {"SignInMailArn": ""},
            {},
            "Sign-in: the user pool sends at most 50 mails a day. For more, set MailFrom and SignInMailArn.",
        ),
        (
            {"SignIn": "provider", "SignInMailArn": ""},
            {},
            "Sign-in: permit https://d1.cloudfront.net/sign-in, https://d1.cloudfront.net/signed-in and, after a"
            " sign-out, https://d1.cloudfront.net/ at your OpenID provider.",
        ),
        (
            {"MailFrom": "notices@other.example"},
            {},
            "Mails: confirm the sender notices@other.example by the link in the mail of AWS.",
        ),
        (
            {"MailFrom": "notices@other.example", "MailDomain": "other.example"},
            {},
            "Mails: AWS still checks the DKIM records of other.example, which can take hours. Until then no"
            " mail is sent.",
        ),
        (
            {"WebDomainName": "app.example"},
            {},
            "DNS: make a CNAME or alias record of app.example to d1.cloudfront.net.",
        ),
        (
            {"DomainName": "api.example"},
            {"DomainTarget": "d2.execute-api.example"},
            "DNS: make a CNAME or alias record of api.example to d2.execute-api.example.",
        ),
    ],
)
def test_a_step_that_is_left_is_named(
    done: Deployed, settings: dict[str, str], outputs: dict[str, str], step: str
) -> None:
    lines = summary(done._replace(parameters=SETTINGS | settings, outputs=OUTPUTS | outputs))
    assert lines[-2:] == ["Left to do by hand:", f"1. {step}"]


@pytest.mark.parametrize(
    "settings", [{"MailFrom": "off"}, {"WebDomainName": "app.example", "HostedZoneId": "Z1"}, {"SignIn": "provider"}]
)
def test_a_step_that_is_not_needed_is_not_named(done: Deployed, settings: dict[str, str]) -> None:
    outputs = {"ApiUrl": "https://api.example"}
    assert (
        summary(done._replace(parameters=SETTINGS | settings, outputs=outputs))[-1] == "Nothing is left to do by hand."
    )
