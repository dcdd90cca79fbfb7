"""All channels of a deployment, as a context holds them."""

from collections.abc import Sequence

from msgspec import Struct, field

from chalicelib.channels.aws_clients import LIVE_CONFIG, lazy_client
from chalicelib.channels.bus import Bus
from chalicelib.channels.failure_queue import FailureQueue
from chalicelib.channels.ledger_bucket import LEDGER_CONFIG, LedgerBucket
from chalicelib.channels.live_connections import LiveConnections
from chalicelib.channels.mail_service import MailService
from chalicelib.channels.public_http import PublicHttp
from chalicelib.channels.queues import Queues
from chalicelib.domain.model.event import Event
from chalicelib.domain.model.notices import Delivery
from chalicelib.settings import Messaging


def _no_mail_service() -> MailService:
    return MailService("", "", lazy_client("sesv2", region="", endpoint=None))


def _no_failure_queue() -> FailureQueue:
    return FailureQueue("", lazy_client("sqs", region="", endpoint=None))


def _no_ledger() -> LedgerBucket:
    return LedgerBucket("", lazy_client("s3", region="", endpoint=None))


class Channels(Struct):
    """The services to which a deployment sends events, the queue of records that have none yet, and the ledger."""

    queues: Queues
    bus: Bus
    http: PublicHttp = field(default_factory=PublicHttp)
    mail: MailService = field(default_factory=_no_mail_service)
    live: LiveConnections = field(
        default_factory=lambda: LiveConnections("", lazy_client("", region="", endpoint=None))
    )
    unannounced: FailureQueue = field(default_factory=_no_failure_queue)
    ledger: LedgerBucket = field(default_factory=_no_ledger)

    def announce(self, events: Sequence[Event], deliveries: Sequence[Delivery]) -> None:
        """Send events to the bus and deliveries to the queues. Raise SendFailed if one is not accepted."""
        try:
            self.bus.publish(events)
        finally:
            # Also without the bus. The repetition sends both again.
            self.queues.send(deliveries)

    def batched(self) -> "BatchedChannels":
        """Return the same channels, which collect what is announced until `send`."""
        return BatchedChannels(self.queues, self.bus, self.http, self.mail, self.live, self.unannounced, self.ledger)


class BatchedChannels(Channels):
    """Channels that collect the announcements of a batch, so that few requests send them all."""

    events: list[Event] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def announce(self, events: Sequence[Event], deliveries: Sequence[Delivery]) -> None:
        """Collect events and deliveries in their order."""
        self.events += events
        self.deliveries += deliveries

    def send(self) -> None:
        """Send all that was collected. Raise SendFailed if one is not accepted."""
        super().announce(self.events, self.deliveries)


def connect(messaging: Messaging, *, region: str, endpoint: str | None, ledger: str = "") -> Channels:
    """Return the channels of a deployment. A channel without a setting delivers nothing.

    `ledger` is the name of the bucket of the ledger.
    """
    sqs = lazy_client("sqs", region=region, endpoint=endpoint)
    return Channels(
        queues=Queues(messaging.queues, sqs),
        bus=Bus(messaging.bus, lazy_client("events", region=region, endpoint=endpoint)),
        mail=MailService(
            messaging.mail_from,
            messaging.mail_configuration,
            lazy_client("sesv2", region=region, endpoint=messaging.mail_endpoint or endpoint),
        ),
        live=_live_connections(messaging.live_endpoint, region=region),
        unannounced=FailureQueue(messaging.unannounced, sqs),
        ledger=LedgerBucket(ledger, lazy_client("s3", region=region, endpoint=endpoint, config=LEDGER_CONFIG)),
    )


def _live_connections(endpoint: str, *, region: str) -> LiveConnections:
    client = lazy_client("apigatewaymanagementapi", region=region, endpoint=endpoint or None, config=LIVE_CONFIG)
    return LiveConnections(endpoint, client)
