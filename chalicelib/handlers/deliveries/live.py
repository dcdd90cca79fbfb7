"""Deliveries of events to the live connections of their member (R43)."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.channels.live_connections import ConnectionGone
from chalicelib.domain.model.notices import Delivery
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.deliveries.queue_messages import Undelivered
from chalicelib.handlers.http.responses import event_serializers
from chalicelib.services.context import Context
from chalicelib.services.notices.event_details import details_of
from chalicelib.services.notices.live_connections import audience, close_connection, forget_connection


def deliver(context: Context, delivery: Delivery, clock: Callable[[], datetime] = real_time) -> None:
    """Send an event to every open connection of its member. Raise Undelivered if one did not get it.

    A closed connection is forgotten. One whose token has expired is closed, and gets nothing. `clock` is real time, as
    the expiry of a token.
    """
    found = audience(context, delivery.event.member_id, now=clock())
    if found is None:
        return
    for connection in found.expired:
        close_connection(context, connection.connection_id)
        forget_connection(context, connection.connection_id)
    shown = details_of(context, found.member, [delivery.event]) if found.connections else []
    if not shown:
        return
    text = msgspec.json.encode(event_serializers.event(shown[0])).decode()
    sent = [_is_sent(context, connection.connection_id, text) for connection in found.connections]
    if not all(sent):
        raise Undelivered


def _is_sent(context: Context, connection_id: str, text: str) -> bool:
    """Send a text to a connection, and return False if a retry may help."""
    try:
        context.channels.live.send(connection_id, text)
    except ConnectionGone:
        forget_connection(context, connection_id)
    except SendFailed:
        return False
    return True
