"""The handler of a channel's queue, with one log line for each message (R43)."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.channels.queues import delivery_from
from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.event_log import Line, log_event
from chalicelib.services.context import Context
from chalicelib.services.overload import refused_as_busy

Message = dict[str, Any]
# Delivers an event to one destination. A destination that is gone is left out without an error.
Deliver = Callable[[Context, Delivery], None]


class Undelivered(Exception):
    """A delivery that failed for a passing reason. Its queue delivers the message again."""

    code = "undelivered"


def handle_messages(context: Context, channel: Channel, messages: list[Message]) -> dict[str, list[dict[str, str]]]:
    """Deliver the messages of a channel's queue and return those that the queue must deliver again."""
    # A function imports the module of its own channel only.
    module = import_module(f"chalicelib.handlers.deliveries.{channel.value}")
    return deliver_batch(context, channel, messages, module.deliver)


def deliver_batch(
    context: Context, channel: Channel, messages: list[Message], deliver: Deliver
) -> dict[str, list[dict[str, str]]]:
    """Deliver the messages of a batch with `deliver` and return those that failed.

    The messages of one group of a FIFO queue stay in order: after one that fails, the later ones of its group wait for
    it. A message that always fails goes to the failure queue.
    """
    failed: list[Message] = []
    delayed: set[str] = set()
    for message in messages:
        group = message["attributes"].get("MessageGroupId")
        if group in delayed or not _is_delivered(context, channel, deliver, message):
            failed.append(message)
            if group is not None:
                delayed.add(group)
    return _deliver_again(failed)


def _is_delivered(context: Context, channel: Channel, deliver: Deliver, message: Message) -> bool:
    """Deliver a message and return False if it must be delivered again."""
    attempt = int(message["attributes"].get("ApproximateReceiveCount", 1))
    with log_event(context, "delivery", channel=channel.value, message=message["messageId"], received=attempt) as line:
        try:
            delivery = delivery_from(message["body"])
            _name(line, delivery)
            with refused_as_busy():
                deliver(context, delivery)
            if attempt == delivery.attempt == 1:
                line.metrics["DeliverySeconds"] = max((context.clock() - delivery.event.at).total_seconds(), 0)
        except Busy:
            line.collected.code = Busy.code
        except (Undelivered, SendFailed) as error:
            line.fields |= {"level": "warning", "reason": _reason(error)}
            line.collected.code = Undelivered.code
        except Exception as error:  # noqa: BLE001 - logged, and the other messages go on
            line.collected.error = error
            line.metrics["PoisonMessages"] = 1
        else:
            return True
    return False


def _name(line: Line, delivery: Delivery) -> None:
    """Add the ids of a delivery to its line."""
    line.collected.member = delivery.event.member_id
    line.fields |= {
        "notice": delivery.event.event_id,
        "type": delivery.event.kind.value,
        "destination": delivery.destination,
        "attempt": delivery.attempt,
    }


def _reason(error: BaseException | None) -> str | None:
    """Return the error code of the service that failed, such as `AccessDenied`, or None without one."""
    while error is not None:
        code: str | None = (getattr(error, "response", None) or {}).get("Error", {}).get("Code")
        if code:
            return code
        error = error.__cause__
    return None


def _deliver_again(messages: Iterable[Message]) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in messages]}
