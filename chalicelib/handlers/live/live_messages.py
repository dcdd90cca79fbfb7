"""The messages of the WebSocket `/live`.

Each message of the service has a `type`: an event that of its kind, a problem its `/problems/...`.
"""

from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct

from chalicelib.domain.model.errors import TooLarge
from chalicelib.handlers.http.inputs import requests
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.schema_types import Instant

if TYPE_CHECKING:
    from chalicelib.handlers.http.call import Call

# The quota of API Gateway for a frame.
LARGEST_MESSAGE = 32 * requests.KIB


class TokenMessage(requests.Body):
    """The first message of a connection. A later one extends it with a new token."""

    token: str


class PingMessage(requests.Body):
    """A message that keeps an idle connection open."""

    type: Literal["ping"]


class SignalMessage(requests.Body):
    """A message to the pages of the partner in one of the member's sessions (R41). The service does not read `data`."""

    type: Literal["signal"]
    session_id: str
    data: dict[str, Any]


Message = TokenMessage | PingMessage | SignalMessage


class Ready(Schema, tag_field="type", tag="ready"):
    """The answer to a token, with the end of the connection and the cursor of `/v1/events` for what follows."""

    expires_at: Instant
    next_cursor: str


class Pong(Struct, tag_field="type", tag="pong"):
    """The answer to a ping."""


class Signal(Schema, tag_field="type", tag="signal"):
    """A message of the partner's page, with the id of the recipient's own session."""

    session_id: str
    data: dict[str, Any]


class Signalled(Schema, tag_field="type", tag="signalled"):
    """The answer to a signal, with whether a page of the partner got it, not how many pages there are."""

    session_id: str
    reached: bool


def parse(text: str) -> Message:
    """Return the message of a text. Raises TooLarge, MalformedJson or InvalidRequest with every invalid field."""
    raw = text.encode(errors="surrogatepass")
    if len(raw) > LARGEST_MESSAGE:
        raise TooLarge(f"A message has at most {LARGEST_MESSAGE // requests.KIB} KiB.")
    value = requests.decode(raw)
    # A message has no request, and none of its fields depends on one.
    call = cast("Call", None)
    if not isinstance(value, dict) or "type" not in value:
        return requests.convert(value, TokenMessage, call)
    if value["type"] == "signal":
        return requests.convert(value, SignalMessage, call)
    return requests.convert(value, PingMessage, call)
