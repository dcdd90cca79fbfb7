"""The handler of the WebSocket `/live`.

A page sends a token in its first message, and never in an address, which logs would hold. From then on the queue of
live deliveries sends it the events of its member. Two pages of a pair send each other signals through it, with which
their browsers connect (R41). All answers go through the management API of the gateway, because a WebSocket function has
no response.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.channels.live_connections import ConnectionGone
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import (
    Busy,
    Forbidden,
    NotAvailable,
    NotFound,
    RateLimited,
    Refusal,
    TooLate,
    Unauthenticated,
)
from chalicelib.domain.model.notices import LiveConnectionOwner
from chalicelib.handlers.event_log import Line, log_event
from chalicelib.handlers.http.identity.access import Access
from chalicelib.handlers.http.identity.authentication import caller_of_token
from chalicelib.handlers.http.identity.tokens import TokenVerifier, verifier
from chalicelib.handlers.http.resources.events import cursor_after
from chalicelib.handlers.http.responses import problems
from chalicelib.handlers.http.responses.cross_origin import ALL_ORIGINS
from chalicelib.handlers.http.responses.serializers import instant_text
from chalicelib.handlers.live import live_messages
from chalicelib.handlers.live.live_messages import Message, Pong, Ready, Signal, Signalled, SignalMessage, TokenMessage
from chalicelib.handlers.live.signal_limit import SignalLimit
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.notices.live_connections import (
    MOST_CONNECTIONS,
    close_connection,
    connection_owner,
    end_connections,
    forget_connection,
    open_connection,
)
from chalicelib.services.overload import refused_as_busy
from chalicelib.services.rooms.signals import recipient_of_signals

Event = Mapping[str, Any]

# The refusals after which a page keeps its connection: most of those of a signal, and an overloaded table.
KEEP_OPEN = (Busy, NotAvailable, NotFound, TooLate)
READ_ONLY_DETAIL = "This token may only read, so its page takes part in no room."
FIRST_MESSAGE_DETAIL = 'Send {"token": "..."} with a valid bearer token of the configured issuer.'


class LiveSocket(Struct, frozen=True, dict=True):
    """The WebSocket of a deployment. `_tokens` replaces the verifier of the configured issuer in tests."""

    context: Context
    _tokens: TokenVerifier | None = None

    @cached_property
    def tokens(self) -> TokenVerifier:
        """The verifier of bearer tokens."""
        return self._tokens or verifier(self.context.settings)

    @cached_property
    def signals(self) -> SignalLimit:
        """The limit of signals. Beyond it a member's connections close, and no further one opens in that minute."""
        return SignalLimit()

    def connect(self, event: Event) -> dict[str, int]:
        """Return the status of a new connection. A page of an origin that is not permitted is refused."""
        with self._log("connect", event) as line:
            status = HTTPStatus.OK if self._permits(_origin(event)) else HTTPStatus.FORBIDDEN
            line.fields["status"] = int(status)
        return {"statusCode": status}

    def receive(self, event: Event) -> None:
        """Answer a message. A refusal is sent as a problem, and closes the connection unless the page may go on."""
        connection_id = _connection_id(event)
        with self._log("message", event) as line:
            try:
                with refused_as_busy():
                    answer = self._answer(connection_id, event.get("body") or "")
            except Refusal as refusal:
                line.collected.code = refusal.code
                problem = problems.from_refusal(refusal, instance=_instance(event))
                try:
                    self._send(connection_id, problem)
                finally:
                    if not isinstance(refusal, KEEP_OPEN):
                        close_connection(self.context, connection_id)
            else:
                self._send(connection_id, answer)

    def disconnect(self, event: Event) -> None:
        """Forget a closed connection."""
        with self._log("disconnect", event):
            forget_connection(self.context, _connection_id(event))

    def _answer(self, connection_id: str, text: str) -> Ready | Pong | Signalled:
        message: Message = live_messages.parse(text)
        if isinstance(message, TokenMessage):
            return self._open(connection_id, message.token)
        # The read also finds an expired token and a deleted account.
        owner = connection_owner(self.context, connection_id, now=self.tokens.clock())
        if owner is None:
            raise Unauthenticated(FIRST_MESSAGE_DETAIL)
        current_metrics().member = owner.member_id
        return self._signal(owner, message) if isinstance(message, SignalMessage) else Pong()

    def _signal(self, owner: LiveConnectionOwner, message: SignalMessage) -> Signalled:
        if not owner.may_write:
            raise Forbidden(READ_ONLY_DETAIL)
        now = self.tokens.clock()
        try:
            self.signals.count(owner.member_id, now)
        except RateLimited:
            # Other processes do not know this count. They find that a connection has no owner, at its next message.
            end_connections(self.context, owner.member_id, but=owner.connection_id)
            raise
        recipient = recipient_of_signals(self.context, owner.member_id, message.session_id, real_now=now)
        signal = Signal(recipient.session_id, message.data)
        return Signalled(message.session_id, self._reaches(recipient.connections, signal))

    def _reaches(self, connections: Sequence[str], message: Struct) -> bool:
        """Send a message to connections at the same time, and return whether one of them got it."""
        text = msgspec.json.encode(message).decode()

        def failure_of(connection_id: str) -> ConnectionGone | SendFailed | None:
            try:
                self.context.channels.live.send(connection_id, text)
            except (ConnectionGone, SendFailed) as failure:
                return failure
            return None

        if not connections:
            return False
        with ThreadPoolExecutor(MOST_CONNECTIONS) as pool:
            failures = list(pool.map(failure_of, connections))
        for connection_id, failure in zip(connections, failures, strict=True):
            if isinstance(failure, ConnectionGone):
                forget_connection(self.context, connection_id)
        return None in failures

    def _open(self, connection_id: str, token: str) -> Ready:
        try:
            verified = self.tokens.verify(f"Bearer {token}")
            member = caller_of_token(self.context, verified, Access.READ)
        except Unauthenticated as refusal:
            raise Unauthenticated(FIRST_MESSAGE_DETAIL) from refusal
        self.signals.check(member.member_id, self.tokens.clock())
        opened = open_connection(
            self.context,
            member,
            connection_id,
            token_expires=verified.expires_at,
            now=self.tokens.clock(),
            may_write=verified.scopes is None or Scope.WRITE in verified.scopes,
        )
        for replaced in opened.replaced:
            close_connection(self.context, replaced)
        cursor = cursor_after(self.context.settings.cursor_key, member.member_id, opened.place)
        return Ready(instant_text(opened.expires), cursor)

    def _send(self, connection_id: str, message: Struct) -> None:
        try:
            self.context.channels.live.send(connection_id, msgspec.json.encode(message).decode())
        except ConnectionGone:
            forget_connection(self.context, connection_id)

    def _permits(self, origin: str | None) -> bool:
        """Return whether pages of an origin may connect. A program that is no browser has none.

        These are the pages that may call the API, and those of the API itself.
        """
        settings = self.context.settings
        own = {_origin_of(url) for url in (settings.messaging.public_url, settings.invite_url) if url}
        return origin is None or ALL_ORIGINS in settings.origins or origin in {*settings.origins, *own}

    @contextmanager
    def _log(self, route: str, event: Event) -> Iterator[Line]:
        request = event["requestContext"]["requestId"]
        with log_event(self.context, "live", request=request, route=route, connection=_connection_id(event)) as line:
            yield line


def _connection_id(event: Event) -> str:
    connection_id: str = event["requestContext"]["connectionId"]
    return connection_id


def _instance(event: Event) -> str:
    return f"/requests/{event['requestContext']['requestId']}"


def _origin(event: Event) -> str | None:
    """Return the origin of the page that opens a connection, None for a program."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return headers.get("origin")


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
