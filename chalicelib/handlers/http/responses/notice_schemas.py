"""The public schemas of notice settings (R43)."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.http.responses.schemas import Schema


class EmailNotices(Schema):
    """The caller's e-mail address and the kinds of events that are mailed to it."""

    address: str | None
    verified: Annotated[bool, Meta(description="The address belongs to the caller. Only then mails go to it.")]
    refused: Annotated[bool, Meta(description="Mails came back or were reported, so no more are sent.")]
    kinds: list[EventKind]


class PushNotices(Schema):
    """The kinds of events that are pushed to the caller's browsers."""

    kinds: list[EventKind]
    subscriptions: Annotated[int, Meta(description="The number of browsers.")]


class Notices(Schema):
    """The caller's notice settings."""

    email: EmailNotices
    push: PushNotices


class MailLink(Schema):
    """The outcome of a link in a mail."""

    done: Annotated[bool, Meta(description="The link has taken effect. A GET changes nothing.")]
