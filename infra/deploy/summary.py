"""The last lines of a deployment, with the addresses of the service and what is left to the operator."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from boto3.session import Session

from infra.deploy.mail_identity import is_verified, sender_of

# The outputs of a stack that an operator opens or passes on, by the words for them.
ADDRESSES = {"AppUrl": "Web app", "ApiUrl": "API", "InviteUrlBase": "Invite links", "SignInUrl": "Sign-in"}
NOTHING_LEFT = "Nothing is left to do by hand."


class Deployed(NamedTuple):
    """A deployed stack with its parameters, its outputs, and the physical names of its resources."""

    session: Session
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    resources: Mapping[str, str]


def summary(deployed: Deployed) -> list[str]:
    """Return the addresses, and the steps that are left to do by hand."""
    addresses = [
        f"{word + ':':14}{deployed.outputs[name]}" for name, word in ADDRESSES.items() if name in deployed.outputs
    ]
    product = deployed.parameters["ProductName"]
    steps = [f"{number}. {step}" for number, step in enumerate(_steps(deployed), start=1)]
    left = ["Left to do by hand:", *steps] if steps else [NOTHING_LEFT]
    return ["", f"{product} is deployed.", *addresses, "", *left]


def _steps(deployed: Deployed) -> Iterator[str]:
    yield from _alarms(deployed)
    yield from _mails(deployed)
    yield from _sign_in(deployed)
    yield from _records(deployed)


def _alarms(deployed: Deployed) -> Iterator[str]:
    sns, address = deployed.session.client("sns"), deployed.parameters["AlarmEmail"]
    topic = sns.get_topic_attributes(TopicArn=deployed.resources["AlarmTopic"])["Attributes"]
    if topic["SubscriptionsConfirmed"] == "0":
        yield f"Alarms: open the link in the mail of AWS to {address}. Until then no alarm is sent."


def _mails(deployed: Deployed) -> Iterator[str]:
    ses, sender = deployed.session.client("sesv2"), sender_of(deployed.parameters)
    if sender and not is_verified(ses, sender):
        yield (
            f"Mails: AWS still checks the DKIM records of {domain}, which can take hours. Until then no mail is sent."
            if (domain := deployed.parameters["MailDomain"])
            else f"Mails: confirm the sender {sender} by the link in the mail of AWS."
        )
    if sender and not ses.get_account().get("ProductionAccessEnabled"):
        region = deployed.session.region_name
        yield (
            "Mails: SES is in its sandbox and sends to verified addresses only. Request production access at"
            f" https://{region}.console.aws.amazon.com/ses/home?region={region}#/account"
        )


def _sign_in(deployed: Deployed) -> Iterator[str]:
    app = deployed.outputs.get("AppUrl")
    if deployed.parameters["SignIn"] == "cognito" and not deployed.parameters["SignInMailArn"]:
        yield "Sign-in: the user pool sends at most 50 mails a day. For more, set MailFrom and SignInMailArn."
    if deployed.parameters["SignIn"] == "provider" and app:
        yield f"Sign-in: permit {app}/sign-in, {app}/signed-in and, after a sign-out, {app}/ at your OpenID provider."


def _records(deployed: Deployed) -> Iterator[str]:
    """Yield the DNS records that are not in a hosted zone of the settings."""
    given = deployed.parameters
    if given["WebDomainName"] and not given["HostedZoneId"] and "AppTarget" in deployed.outputs:
        yield f"DNS: make a CNAME or alias record of {given['WebDomainName']} to {deployed.outputs['AppTarget']}."
    if "DomainTarget" in deployed.outputs:
        yield f"DNS: make a CNAME or alias record of {given['DomainName']} to {deployed.outputs['DomainTarget']}."
