"""Tests of the delivery of events by e-mail."""

from itertools import count

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries.email import deliver
from chalicelib.handlers.deliveries.queue_messages import Undelivered
from chalicelib.services.bookings.sessions import own_day
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices, refuse_address
from chalicelib.services.notices.sent_mails import claim_mail
from tests.fault_proxy import FaultProxy
from tests.harness import World, at
from tests.outbox import Outbox, connect_outbox, invitation_of, text_of

ADDRESS = "ada@example.org"


@pytest.fixture
def outbox(world: World) -> Outbox:
    """The mails of the deployment."""
    return connect_outbox(world)


def mailed(world: World, name: str, address: str = ADDRESS) -> Profile:
    """Return a new member with a verified address."""
    member = world.member(name)
    change_notices(world.context, member.member_id, NoticesChange(address=address, verified_address=address))
    return member


def delivery(
    world: World, member: Profile, session: str, kind: EventKind = EventKind.BOOKED, number: int = 1
) -> Delivery:
    """Return the delivery of an event of the member's session."""
    event = Event(f"evt_{number}", kind, member.member_id, world.now, at(1), session)
    return Delivery(Channel.EMAIL, event)


def test_r43_an_event_is_mailed_once_however_often_it_is_delivered(world: World, outbox: Outbox) -> None:
    ada = mailed(world, "Ada")
    message = delivery(world, ada, world.book(ada, at(1))["sessionId"])
    for _ in range(3):
        deliver(world.context, message)
        world.after(minutes=10)
    ((address, _),) = outbox.sent
    assert address == ADDRESS
    assert outbox.latest()["To"] == ADDRESS
    assert outbox.latest()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_r43_booking_matching_and_cancelling_request_update_and_withdraw_one_invitation(
    world: World, outbox: Outbox
) -> None:
    ada, ben = mailed(world, "Ada"), world.member("Ben")
    session = world.book(ada, at(1))
    deliver(world.context, delivery(world, ada, session["sessionId"], EventKind.BOOKED, 1))
    world.book(ben, at(1))
    deliver(world.context, delivery(world, ada, session["sessionId"], EventKind.MATCHED, 2))
    world.cancel(ada, session)
    deliver(world.context, delivery(world, ada, session["sessionId"], EventKind.CANCELLED, 3))
    invitations = [invitation_of(mail) for mail in outbox.parsed()]
    assert [found and found[0] for found in invitations] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [found[1] for found in invitations if found]
    assert {str(event["UID"]) for event in events} == {f"{session['sessionId']}@lockstep"}
    assert int(events[0]["SEQUENCE"]) < int(events[1]["SEQUENCE"]) < int(events[2]["SEQUENCE"])
    assert len({mail["References"] for mail in outbox.parsed()}) == 1


@pytest.mark.long  # A delivery for each of its requests.
def test_r43_a_mail_with_the_sequence_number_of_a_change_shows_it(
    world: World, outbox: Outbox, faults: FaultProxy
) -> None:
    """A calendar ignores the later mail about a change if an earlier one without it has the same number."""
    ada, ben = mailed(world, "Ada"), world.member("Ben")
    found: set[tuple[bool, bool]] = set()
    for number in count(1):
        session = world.book(ada, at(number))["sessionId"]
        before = own_day(world.context, ada.member_id, session).version
        message = delivery(world, ada, session, number=number)
        # The match happens before the request with this number.
        faults.hold_next("", number=number)
        with world.context.table.parallel(1) as threads:
            delivered = threads.submit(deliver, world.context, message)
            while not faults.held.wait(0.01) and not delivered.done():
                pass
            is_held = faults.held.is_set()
            if is_held:
                world.book(ben, at(number))
            faults.release_held()
            delivered.result()
        if not is_held:
            break
        _, invitation = invitation_of(outbox.latest())
        found.add((int(invitation["SEQUENCE"]) > before, "Ben" in text_of(outbox.latest())))
    assert found == {(True, True), (False, True), (False, False)}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind.value.startswith("session.")])
def test_r43_a_cancelled_session_is_mailed_as_cancelled_only(world: World, outbox: Outbox, kind: EventKind) -> None:
    ada = mailed(world, "Ada")
    change_notices(world.context, ada.member_id, NoticesChange(email_kinds=tuple(EventKind)))
    session = world.book(ada, at(1))
    world.cancel(ada, session)
    deliver(world.context, delivery(world, ada, session["sessionId"], kind))
    assert len(outbox.sent) == (1 if kind is EventKind.CANCELLED else 0)


def test_r43_unverified_refused_removed_and_unwanted_get_no_mail(world: World, outbox: Outbox) -> None:
    members = {name: mailed(world, name, f"{name}@example.org") for name in ("ok", "bounced", "removed", "unwanted")}
    unverified = members["unverified"] = world.member("unverified")
    changes = {
        unverified: NoticesChange(address="unverified@example.org"),
        members["removed"]: NoticesChange(address=None),
        members["unwanted"]: NoticesChange(email_kinds=(EventKind.MATCHED,)),
    }
    for member, change in changes.items():
        change_notices(world.context, member.member_id, change)
    refuse_address(world.context, "bounced@example.org")
    for member in members.values():
        deliver(world.context, delivery(world, member, world.book(member, at(1))["sessionId"]))
    assert [address for address, _ in outbox.sent] == ["ok@example.org"]


def test_r33_a_message_that_was_queued_before_a_deletion_is_not_mailed(world: World, outbox: Outbox) -> None:
    ada = mailed(world, "Ada")
    message = delivery(world, ada, world.book(ada, at(1))["sessionId"])
    world.leave(ada)
    deliver(world.context, message)
    assert outbox.sent == []


def test_r43_a_mail_that_the_service_cannot_take_now_is_delivered_again_at_once(world: World, outbox: Outbox) -> None:
    ada = mailed(world, "Ada")
    message = delivery(world, ada, world.book(ada, at(1))["sessionId"])
    outbox.failures = ["TooManyRequestsException", "TooManyRequestsException"]
    for _ in range(2):
        with pytest.raises(Undelivered):
            deliver(world.context, message)
    deliver(world.context, message)
    assert len(outbox.sent) == 1


def test_r43_a_mail_that_the_service_refuses_is_given_up(world: World, outbox: Outbox) -> None:
    ada = mailed(world, "Ada")
    message = delivery(world, ada, world.book(ada, at(1))["sessionId"])
    outbox.failures = ["MessageRejected"]
    for _ in range(2):
        deliver(world.context, message)
    assert outbox.sent == []


def test_r43_a_mail_that_another_run_is_sending_waits_for_it(world: World, outbox: Outbox) -> None:
    ada = mailed(world, "Ada")
    message = delivery(world, ada, world.book(ada, at(1))["sessionId"])
    claim_mail(world.context, ada.member_id, message.event.event_id, ADDRESS)
    with pytest.raises(Undelivered):
        deliver(world.context, message)
    world.after(minutes=2)
    deliver(world.context, message)
    assert len(outbox.sent) == 1


def test_r34_a_mail_has_the_title_of_its_member_and_never_that_of_the_partner(world: World, outbox: Outbox) -> None:
    ada, ben = mailed(world, "Ada"), world.member("Ben")
    world.book(ben, at(1), title="Secret")
    session = world.book(ada, at(1), title="Thesis " * 25)["sessionId"]
    deliver(world.context, delivery(world, ada, session, EventKind.MATCHED))
    found = text_of(outbox.latest())
    assert ("Thesis " * 25).strip() in found
    assert "Ben" in found
    assert all(b"Secret" not in message for _, message in outbox.sent)


def test_r43_a_deployment_without_a_sender_or_a_public_address_drops_the_message(world: World) -> None:
    ada = mailed(world, "Ada")
    deliver(world.context, delivery(world, ada, world.book(ada, at(1))["sessionId"]))


def test_r10_nothing_is_sent_about_a_favorite_who_has_blocked_the_member_since(world: World, outbox: Outbox) -> None:
    ada, ben = mailed(world, "Ada"), world.member("Ben")
    change_notices(world.context, ada.member_id, NoticesChange(email_kinds=tuple(EventKind)))
    event = Event("evt_1", EventKind.FAVORITE_AVAILABLE, ada.member_id, world.now, at(1), other_id=ben.member_id)
    deliver(world.context, Delivery(Channel.EMAIL, event))
    world.say(ben, RelationKind.BLOCK, ada)
    deliver(world.context, Delivery(Channel.EMAIL, replace(event, event_id="evt_2")))
    assert len(outbox.sent) == 1
