"""The choice of the SES identity of a sender."""

from collections.abc import Iterator

import pytest
from botocore.client import BaseClient
from moto import mock_aws

from infra.deploy.mail_identity import identity_choice, sender_of
from infra.local.aws import REGION

SENDER = "operator@example.com"
NEW = {"AlarmEmail": SENDER}
STACK = {"AlarmEmail": SENDER, "MailFrom": "", "MailIdentity": "on"}


@pytest.fixture
def ses() -> Iterator[BaseClient]:
    """A client of an account without identities."""
    import boto3

    with mock_aws():
        yield boto3.client("sesv2", region_name=REGION)


@pytest.mark.parametrize(
    ("settings", "sender"),
    [
        (NEW, SENDER),
        (NEW | {"MailFrom": ""}, SENDER),
        (NEW | {"MailFrom": "notices@mail.example"}, "notices@mail.example"),
        (NEW | {"MailFrom": "off"}, ""),
    ],
)
def test_the_sender_is_the_address_for_alarms_unless_the_settings_say_otherwise(
    settings: dict[str, str], sender: str
) -> None:
    assert sender_of(settings) == sender


def test_a_new_stack_makes_the_identity_of_its_sender(ses: BaseClient) -> None:
    assert identity_choice(ses, NEW, None) == {"MailIdentity": "on"}


@pytest.mark.parametrize("existing", [SENDER, "example.com"])
def test_an_identity_of_the_account_is_not_made_again(ses: BaseClient, existing: str) -> None:
    ses.create_email_identity(EmailIdentity=existing)
    assert identity_choice(ses, NEW, None) == {"MailIdentity": "off"}
    # A stack of an earlier release has made no choice yet.
    assert identity_choice(ses, NEW, {"MailFrom": ""}) == {"MailIdentity": "off"}


def test_a_stack_keeps_the_identity_that_it_made(ses: BaseClient) -> None:
    ses.create_email_identity(EmailIdentity=SENDER)
    assert identity_choice(ses, NEW, STACK) == {}
    assert identity_choice(ses, {"MailFrom": SENDER}, STACK) == {}


def test_another_sender_is_looked_up_again(ses: BaseClient) -> None:
    ses.create_email_identity(EmailIdentity="mail.example")
    assert identity_choice(ses, {"MailFrom": "notices@mail.example"}, STACK) == {"MailIdentity": "off"}
    assert identity_choice(ses, {"MailFrom": "notices@other.example"}, STACK) == {"MailIdentity": "on"}


@pytest.mark.parametrize("settings", [{"MailFrom": "off"}, NEW | {"MailIdentity": "off"}])
def test_the_settings_can_choose(ses: BaseClient, settings: dict[str, str]) -> None:
    assert identity_choice(ses, settings, None) == {}
