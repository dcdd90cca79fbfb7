"""Tests of the mails about an account."""

import pytest
from msgspec.structs import replace

from chalicelib.channels.mail_service import MailNotSent, MailService
from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.mails.account_mails import send_notice, send_verification
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices
from chalicelib.services.notices.sent_mails import claim_mail
from tests.harness import World
from tests.outbox import PUBLIC_URL, connect_outbox, text_of

ADDRESS = "ada@example.org"


def test_r43_a_verification_mail_holds_the_link_and_nothing_else_of_a_member(world: World) -> None:
    outbox = connect_outbox(world)
    send_verification(world.context, ADDRESS, "the-token")
    mail = outbox.latest()
    assert (mail["To"], str(mail["Subject"])) == (ADDRESS, "Confirm your address for Lockstep")
    assert f"{PUBLIC_URL}/n/verify/the-token" in text_of(mail)
    assert f'href="{PUBLIC_URL}/n/verify/the-token"' in text_of(mail, "html")
    # There is nothing to unsubscribe from yet.
    assert mail["List-Unsubscribe"] is None


def test_r43_a_notice_is_mailed_once_for_its_id(world: World) -> None:
    outbox = connect_outbox(world)
    ada = world.member("Ada").member_id
    notice = {"subject": "Your webhook is off", "lines": ["It failed for a day.\r\nBcc: eve@example.org"]}
    # Without an address there is nowhere to send it.
    send_notice(world.context, ada, "webhook-1", **notice)
    change_notices(world.context, ada, NoticesChange(address=ADDRESS, verified_address=ADDRESS))
    outbox.failures = ["TooManyRequestsException"]
    with pytest.raises(MailNotSent):
        send_notice(world.context, ada, "webhook-1", **notice)
    for _ in range(2):
        send_notice(world.context, ada, "webhook-1", **notice)
    (mail,) = outbox.parsed()
    assert (str(mail["Subject"]), mail["Bcc"]) == ("Your webhook is off", None)
    assert "It failed for a day. Bcc: eve@example.org\n" in text_of(mail)
    assert f"{PUBLIC_URL}/n/unsubscribe/" in mail["List-Unsubscribe"]


def test_r43_a_notice_whose_run_ended_without_a_result_is_sent_by_a_later_one(world: World) -> None:
    outbox = connect_outbox(world)
    ada = world.member("Ada").member_id
    change_notices(world.context, ada, NoticesChange(address=ADDRESS, verified_address=ADDRESS))
    claim_mail(world.context, ada, "webhook-1", ADDRESS)
    with pytest.raises(MailNotSent):
        send_notice(world.context, ada, "webhook-1", subject="Off", lines=[])
    world.after(minutes=2)
    send_notice(world.context, ada, "webhook-1", subject="Off", lines=[])
    assert len(outbox.sent) == 1


def test_r43_who_ended_all_mails_gets_no_notice(world: World) -> None:
    outbox = connect_outbox(world)
    ada = world.member("Ada").member_id
    change_notices(world.context, ada, NoticesChange(address=ADDRESS, verified_address=ADDRESS, email_kinds=()))
    send_notice(world.context, ada, "webhook-1", subject="Off", lines=[])
    change_notices(world.context, ada, NoticesChange(email_kinds=(EventKind.MATCHED,)))
    send_notice(world.context, ada, "webhook-1", subject="Off", lines=[])
    assert len(outbox.sent) == 1


@pytest.mark.parametrize(
    ("sender", "product", "shown"),
    [
        ("notices@lockstep.example", "Lockstep", "Lockstep <notices@lockstep.example>"),
        ("notices@lockstep.example", 'Schön, "Büro"', '"Schön, \\"Büro\\"" <notices@lockstep.example>'),
        ("Ours <notices@bücher.example>", "Lockstep", "Ours <notices@xn--bcher-kva.example>"),
    ],
)
def test_r43_a_sender_without_a_name_has_that_of_the_product(
    world: World, sender: str, product: str, shown: str
) -> None:
    outbox = connect_outbox(world)
    world.context.channels.mail = MailService(sender, "", lambda: outbox)
    messaging = replace(world.context.settings.messaging, product_name=product)
    world.context.settings = replace(world.context.settings, messaging=messaging)
    send_verification(world.context, "ada@bücher.example", "the-token")
    assert str(outbox.latest()["From"]) == shown
    assert outbox.sent[0][0] == "ada@xn--bcher-kva.example"
