"""The channels of a deployment follow from its settings."""

from chalicelib.channels.channels import Channels, connect
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.settings import Messaging
from tests.harness import MONDAY, at

EVENT = Event("evt_1", EventKind.MATCHED, "ada", MONDAY, at(1), "booking")


def test_r43_a_deployment_without_settings_sends_nothing_and_needs_no_region() -> None:
    channels = connect(Messaging(), region="", endpoint=None)
    channels.bus.publish([EVENT])
    channels.queues.send([Delivery(channel, EVENT) for channel in Channel])


def test_r42_a_batch_is_sent_in_its_order_by_one_call_of_each_channel() -> None:
    calls: list[list[object]] = []

    class Recorded:
        def publish(self, events: list[object]) -> None:
            calls.append(events)

        def send(self, deliveries: list[object]) -> None:
            calls.append(deliveries)

    sent = [Delivery(channel, EVENT) for channel in Channel]
    batch = Channels(queues=Recorded(), bus=Recorded()).batched()  # type: ignore[arg-type]  # It has their methods.
    batch.announce([EVENT], sent[:1])
    batch.announce([EVENT], sent[1:])
    assert calls == []
    batch.send()
    assert calls == [[EVENT, EVENT], sent]
