"""All channels of a deployment, as a context holds them."""

from msgspec import Struct, field

from chalicelib.channels.aws_clients import lazy_client
from chalicelib.channels.bus import Bus
from chalicelib.channels.public_http import PublicHttp
from chalicelib.channels.queues import Queues
from chalicelib.settings import Messaging


class Channels(Struct):
    """The services to which a deployment sends events."""

    queues: Queues
    bus: Bus
    http: PublicHttp = field(default_factory=PublicHttp)


def connect(messaging: Messaging, *, region: str, endpoint: str | None) -> Channels:
    """Return the channels of a deployment. A channel without a setting delivers nothing."""
    return Channels(
        queues=Queues(messaging.queues, lazy_client("sqs", region=region, endpoint=endpoint)),
        bus=Bus(messaging.bus, lazy_client("events", region=region, endpoint=endpoint)),
    )
