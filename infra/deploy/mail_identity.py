"""The choice between an SES identity of the stack for the sender of mails, and one that exists."""

from collections.abc import Mapping

from botocore.client import BaseClient

IDENTITY = "MailIdentity"
NO_MAILS = "off"


def sender_of(settings: Mapping[str, str]) -> str:
    """Return the sender of mails in these settings, empty without mails."""
    sender = settings.get("MailFrom") or settings.get("AlarmEmail", "")
    return "" if sender == NO_MAILS else sender


def identity_choice(ses: BaseClient, settings: Mapping[str, str], before: Mapping[str, str] | None) -> dict[str, str]:
    """Return the parameter that lets a stack make the identity of its sender, unless the account has one.

    It is empty if the settings choose, or if the stack has chosen for this sender before.
    """
    known = before or {}
    sender = sender_of({**known, **settings})
    if IDENTITY in settings or not sender or (IDENTITY in known and sender_of(known) == sender):
        return {}
    domain = sender.partition("@")[2]
    return {IDENTITY: "off" if any(_exists(ses, each) for each in (sender, domain)) else "on"}


def is_verified(ses: BaseClient, sender: str) -> bool:
    """Return whether SES sends mails from an address, by its own identity or that of its domain."""
    names = (sender, sender.partition("@")[2])
    return any(_exists(ses, each) and _identity(ses, each)["VerifiedForSendingStatus"] for each in names)


def _identity(ses: BaseClient, name: str) -> Mapping[str, bool]:
    found: Mapping[str, bool] = ses.get_email_identity(EmailIdentity=name)
    return found


def _exists(ses: BaseClient, name: str) -> bool:
    try:
        _identity(ses, name)
    except ses.exceptions.NotFoundException:
        return False
    return True
