"""All channels of a deployment, as a context holds them."""

from msgspec import Struct, field

from chalicelib.channels.aws_clients import lazy_client
from chalicelib.channels.bus import Bus
from chalicelib.channels.live_connections import LiveConnections
from chalicelib.channels.mail_service import MailService
from chalicelib.channels.public_http import PublicHttp
from chalicelib.channels.queues import Queues
from chalicelib.settings import Messaging


def _no_mail_service() -> MailService:
    return MailService("", "", lazy_client("sesv2", region="", endpoint=None))


class Channels(Struct):
    """The services to which a deployment sends events."""

    queues: Queues
    bus: Bus
    http: PublicHttp = field(default_factory=PublicHttp)
    mail: MailService = field(default_factory=_no_mail_service)
    live: LiveConnections = field(
        default_factory=lambda: LiveConnections("", lazy_client("", region="", endpoint=None))
    )


def connect(messaging: Messaging, *, region: str, endpoint: str | None) -> Channels:
    """Return the channels of a deployment. A channel without a setting delivers nothing."""
    return Channels(
        queues=Queues(messaging.queues, lazy_client("sqs", region=region, endpoint=endpoint)),
        bus=Bus(messaging.bus, lazy_client("events", region=region, endpoint=endpoint)),
        mail=MailService(
            messaging.mail_from,
            messaging.mail_configuration,
            lazy_client("sesv2", region=region, endpoint=messaging.mail_endpoint or endpoint),
        ),
        live=_live_connections(messaging.live_endpoint, region=region),
    )


def _live_connections(endpoint: str, *, region: str) -> LiveConnections:
    return LiveConnections(endpoint, lazy_client("apigatewaymanagementapi", region=region, endpoint=endpoint or None))
