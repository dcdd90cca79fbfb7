"""The channels of a deployment follow from its settings."""

from chalicelib.channels.channels import connect
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.settings import Messaging
from tests.harness import MONDAY, at

EVENT = Event("evt_1", EventKind.MATCHED, "ada", MONDAY, at(1), "booking")


def test_r43_a_deployment_without_settings_sends_nothing_and_needs_no_region() -> None:
    channels = connect(Messaging(), region="", endpoint=None)
    channels.bus.publish([EVENT])
    channels.queues.send([Delivery(channel, EVENT) for channel in Channel])
