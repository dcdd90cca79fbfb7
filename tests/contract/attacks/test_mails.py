"""Attempts to reach strangers by mail, to read another member's mails, and to put foreign text into a mail."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.model.errors import NotFound, RateLimited, Refusal
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.domain.model.mail_tokens import unsubscribe_token, verification_token
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries.email import deliver
from chalicelib.handlers.mails.account_mails import send_verification
from chalicelib.services.notices.notice_settings import (
    NoticesChange,
    change_notices,
    mail_recipient,
    unsubscribe,
    verify_address,
)
from tests.harness import World, at
from tests.outbox import Outbox, connect_outbox, text_of

VICTIM = "victim@example.org"


@pytest.fixture
def outbox(world: World) -> Outbox:
    """The mails of the deployment."""
    return connect_outbox(world)


def request_mail(world: World, outbox: Outbox, member: Profile, address: str = VICTIM) -> int:
    """Let a member set an address, and return the number of mails that were sent for it."""
    before = len(outbox.sent)
    try:
        view = change_notices(world.context, member.member_id, NoticesChange(address=address))
    except RateLimited:
        return 0
    if view.verification:
        send_verification(world.context, address, view.verification)
    return len(outbox.sent) - before


def mail_about(world: World, member: Profile, kind: EventKind, session: dict[str, Any]) -> None:
    event = Event(world.context.token(8), kind, member.member_id, world.now, at(1), session["sessionId"])
    deliver(world.context, Delivery(Channel.EMAIL, event))


def with_address(world: World, name: str, address: str) -> Profile:
    member = world.member(name)
    change_notices(world.context, member.member_id, NoticesChange(address=address, verified_address=address))
    return member


@pytest.mark.long  # Many members, each with several requests.
def test_r36_many_accounts_send_no_more_than_ten_mails_a_date_to_a_stranger(world: World, outbox: Outbox) -> None:
    spellings = [VICTIM, VICTIM.upper(), "Victim@EXAMPLE.org"]
    sent = sum(
        request_mail(world, outbox, world.member(f"Eve {number}"), spellings[number % 3])
        for number in range(8)
        for _ in range(3)
    )
    assert sent == len(outbox.sent) == 10


def test_r36_an_account_that_is_deleted_and_made_again_starts_no_new_count_of_the_address(
    world: World, outbox: Outbox
) -> None:
    for _ in range(3):
        eve = world.member("Eve")
        for _ in range(4):
            request_mail(world, outbox, eve)
        world.leave(eve)
    assert len(outbox.sent) == 10


@pytest.mark.parametrize("name", ["Your account is locked, see http://evil.example", "<a href='//evil.example'>x</a>"])
def test_r43_a_mail_to_a_stranger_has_no_text_of_the_member_who_requested_it(
    world: World, outbox: Outbox, name: str
) -> None:
    eve = world.member("Eve")
    world.set(eve, name=name)
    request_mail(world, outbox, eve)
    (mail,) = outbox.parsed()
    for text in (str(mail["Subject"]), text_of(mail), text_of(mail, "html")):
        assert "evil" not in text


def test_r43_a_member_does_not_verify_an_address_whose_mails_another_reads(world: World, outbox: Outbox) -> None:
    eve, ada = world.member("Eve"), with_address(world, "Ada", "ada@example.org")
    request_mail(world, outbox, eve)
    key = world.settings.identity_key
    tokens = [
        # A token of the own account for another address, and of another account for that address.
        verification_token(key, eve.member_id, "eve@example.org", world.now),
        verification_token(key, ada.member_id, VICTIM, world.now),
        verification_token(b"another key", eve.member_id, VICTIM, world.now),
        unsubscribe_token(key, eve.member_id, VICTIM),
    ]
    for token in tokens:
        with pytest.raises(NotFound):
            verify_address(world.context, token)
    assert mail_recipient(world.context, eve.member_id) is None


def test_r43_a_mail_to_oneself_verifies_no_other_address_that_is_set_before_the_link_is_used(
    world: World, outbox: Outbox
) -> None:
    eve = world.member("Eve")
    token = change_notices(world.context, eve.member_id, NoticesChange(address="eve@example.org")).verification
    assert token
    request_mail(world, outbox, eve)
    with pytest.raises(NotFound):
        verify_address(world.context, token)


@pytest.mark.parametrize("use", [verify_address, unsubscribe])
def test_r43_a_token_that_is_changed_in_one_character_does_nothing(
    world: World, use: Callable[[Any, str], None]
) -> None:
    ada = with_address(world, "Ada", "ada@example.org")
    key = world.settings.identity_key
    make = {verify_address: lambda: verification_token(key, ada.member_id, "ada@example.org", world.now)}
    token = make.get(use, lambda: unsubscribe_token(key, ada.member_id, "ada@example.org"))()
    for place in range(0, len(token), 5):
        changed = token[:place] + ("1" if token[place] != "1" else "2") + token[place + 1 :]
        with pytest.raises(Refusal):
            use(world.context, changed)
    use(world.context, token)


def test_r10_a_block_and_a_cancel_give_the_other_the_same_mail(world: World, outbox: Outbox) -> None:
    found = []
    for ends in ("cancel", "block"):
        ada, ben = with_address(world, "Ada", "ada@example.org"), world.member("Ben")
        session = world.book(ada, at(1))
        held = world.book(ben, at(1))
        if ends == "cancel":
            world.cancel(ben, held)
        else:
            world.say(ben, RelationKind.BLOCK, ada)
        outbox.sent.clear()
        mail_about(world, ada, EventKind.PARTNER_CANCELLED, session)
        (mail,) = outbox.parsed()
        found.append((str(mail["Subject"]), text_of(mail).split("Open in")[0], mail.keys()))
        world.leave(ben)
        world.leave(ada)
        world.after(hours=-1)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "text", ["=?utf-8?q?=0D=0ABcc:_eve=40example.org?=", "\u202eBcc: eve\u202c", "{{ 7 * 7 }}", "%s%n"]
)
def test_r43_a_title_or_a_name_changes_nothing_else_in_a_mail(world: World, outbox: Outbox, text: str) -> None:
    ada, ben = with_address(world, "Ada", "ada@example.org"), world.member("Ben")
    world.set(ben, name=text)
    session = world.book(ada, at(1), title=text)
    world.book(ben, at(1))
    mail_about(world, ada, EventKind.MATCHED, session)
    (mail,) = outbox.parsed()
    assert (mail["To"], mail["Bcc"]) == ("ada@example.org", None)
    assert f"Title: \u2068{text}\u2069" in text_of(mail)
    assert f"Partner: \u2068{text}\u2069" in text_of(mail)
