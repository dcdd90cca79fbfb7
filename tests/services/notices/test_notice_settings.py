"""Tests of notice settings and the verification of addresses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain.model.errors import InvalidRequest, NotFound, RateLimited, Refusal
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.mail_tokens import unsubscribe_token, verification_token
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import DEFAULT_EMAIL_KINDS, DEFAULT_PUSH_KINDS, NoticeSettings
from chalicelib.services.notices.notice_settings import (
    NoticesChange,
    change_notices,
    mail_recipient,
    refuse_address,
    settings_of_unsubscription,
    settings_of_verification,
    unsubscribe,
    verify_address,
    view_notices,
)
from chalicelib.storage import mail_reads
from tests.fault_proxy import FaultProxy, meanwhile
from tests.harness import World
from tests.staff_acts import lift, suspend

ADDRESS = "ada@example.org"


def test_r43_what_a_member_missed_is_pushed_by_default() -> None:
    """It is the only message that can still reach an absent member (R38)."""
    assert {EventKind.MISSED, EventKind.UNMATCHED} <= set(DEFAULT_PUSH_KINDS)


def test_r47_a_suspended_member_gets_no_mails_until_the_suspension_ends(world: World) -> None:
    ada = verified_member(world, "Ada")
    suspend(world, ada)
    assert recipient(world, ada) is None
    lift(world, ada)
    assert recipient(world, ada) == ADDRESS


def set_address(world: World, member: Profile, address: str | None = ADDRESS, proven: str | None = None) -> str | None:
    """Set an address and return the token of the mail that must be sent."""
    change = NoticesChange(address=address, verified_address=proven)
    return change_notices(world.context, member.member_id, change).verification


def verified_member(world: World, name: str, address: str = ADDRESS) -> Profile:
    """Return a new member with a verified address."""
    member = world.member(name)
    assert set_address(world, member, address, address) is None
    return member


def recipient(world: World, member: Profile) -> str | None:
    """Return the address to which mails to the member go."""
    found = mail_recipient(world.context, member.member_id)
    return found.address if found else None


def test_r43_a_new_member_has_kinds_and_no_address(world: World) -> None:
    ada = world.member("Ada")
    view = view_notices(world.context, ada.member_id)
    assert (view.settings.address, view.settings.verified, view.push_subscriptions) == (None, False, 0)
    assert (view.settings.email_kinds, view.settings.push_kinds) == (DEFAULT_EMAIL_KINDS, DEFAULT_PUSH_KINDS)
    assert set(EventKind) - set(DEFAULT_EMAIL_KINDS) == {EventKind.STARTING}


def test_r43_an_address_is_used_once_the_link_of_its_mail_was_used(world: World) -> None:
    ada = world.member("Ada")
    token = set_address(world, ada)
    assert token
    assert recipient(world, ada) is None
    assert settings_of_verification(world.context, token).verified is False
    assert recipient(world, ada) is None
    for _ in range(2):
        verify_address(world.context, token)
        assert recipient(world, ada) == ADDRESS


def test_r43_a_token_that_proves_the_address_verifies_it_at_once(world: World) -> None:
    ada = verified_member(world, "Ada")
    assert recipient(world, ada) == ADDRESS
    # The same address again neither sends a mail nor ends the verification.
    assert set_address(world, ada) is None
    assert recipient(world, ada) == ADDRESS
    # A token of another address proves nothing.
    assert set_address(world, ada, "eve@example.org", ADDRESS) is not None
    assert recipient(world, ada) is None


def test_r43_what_is_left_out_stays(world: World) -> None:
    ada = verified_member(world, "Ada")
    kinds = (EventKind.MATCHED, EventKind.CANCELLED)
    change_notices(world.context, ada.member_id, NoticesChange(email_kinds=kinds))
    change_notices(world.context, ada.member_id, NoticesChange(push_kinds=()))
    settings = view_notices(world.context, ada.member_id).settings
    assert (settings.address, settings.verified) == (ADDRESS, True)
    assert (settings.email_kinds, settings.push_kinds) == (kinds, ())
    set_address(world, ada, None)
    settings = view_notices(world.context, ada.member_id).settings
    assert (settings.address, settings.verified, settings.email_kinds) == (None, False, kinds)


def test_r43_a_change_without_an_effect_writes_nothing(world: World) -> None:
    ada = verified_member(world, "Ada")
    before = mail_reads.settings(world.table, ada.member_id)
    change_notices(world.context, ada.member_id, NoticesChange(address=ADDRESS, email_kinds=DEFAULT_EMAIL_KINDS))
    assert mail_reads.settings(world.table, ada.member_id) == before


def test_r43_a_link_ends_after_24_hours_and_with_a_change_of_the_address(world: World) -> None:
    ada = world.member("Ada")
    token = set_address(world, ada)
    assert token
    set_address(world, ada, "ada@example.com")
    with pytest.raises(NotFound):
        verify_address(world.context, token)
    later = set_address(world, ada)
    assert later
    world.after(hours=24)
    with pytest.raises(NotFound):
        verify_address(world.context, later)
    assert recipient(world, ada) is None


@pytest.mark.parametrize("made_up", ["", "made-up", "0" * 24, f"{'0' * 24}-9999999999-{'0' * 26}"])
def test_r43_every_made_up_token_gets_the_same_refusal(world: World, made_up: str) -> None:
    for use in (verify_address, unsubscribe, settings_of_verification, settings_of_unsubscription):
        with pytest.raises(NotFound) as refusal:
            use(world.context, made_up)
        assert refusal.value.detail == NotFound.default_detail


def test_r43_a_token_of_a_member_without_an_address_is_refused(world: World) -> None:
    ada = world.member("Ada")
    token = unsubscribe_token(world.settings.identity_key, ada.member_id, ADDRESS)
    with pytest.raises(NotFound):
        unsubscribe(world.context, token)


def test_r43_one_click_ends_all_mails_and_no_other_address_brings_them_back(world: World) -> None:
    ada = verified_member(world, "Ada")
    token = unsubscribe_token(world.settings.identity_key, ada.member_id, ADDRESS)
    assert settings_of_unsubscription(world.context, token).email_kinds == DEFAULT_EMAIL_KINDS
    for _ in range(2):
        unsubscribe(world.context, token)
        assert view_notices(world.context, ada.member_id).settings.email_kinds == ()
    set_address(world, ada, "ada@example.com", "ada@example.com")
    assert view_notices(world.context, ada.member_id).settings.email_kinds == ()
    with pytest.raises(NotFound):
        unsubscribe(world.context, token)


def test_r36_a_member_requests_five_verification_mails_a_date(world: World) -> None:
    ada = world.member("Ada")
    for number in range(5):
        # The same address again requests another mail.
        assert set_address(world, ada, f"ada{number // 2}@example.org")
    before = mail_reads.settings(world.table, ada.member_id)
    with pytest.raises(RateLimited) as refusal:
        set_address(world, ada, "ada@example.com")
    assert refusal.value.retry_after == timedelta(hours=16)
    assert mail_reads.settings(world.table, ada.member_id) == before
    # A proven address needs no mail.
    assert set_address(world, ada, "own@example.org", "own@example.org") is None
    assert set_address(world.after(hours=16), ada, "ada@example.com")


def test_r36_ten_verification_mails_a_date_go_to_one_address_from_all_members(world: World) -> None:
    for number in range(10):
        assert set_address(world, world.member(f"Member {number}"), ADDRESS if number % 2 else ADDRESS.upper())
    eve = world.member("Eve")
    with pytest.raises(RateLimited):
        set_address(world, eve)
    assert set_address(world, eve, "eve@example.org")
    assert set_address(world.after(hours=16), eve)


@pytest.mark.long  # Threads with a connection each.
def test_r36_concurrent_requests_send_no_more_than_five_mails(world: World) -> None:
    ada = world.member("Ada")

    def request(number: int) -> bool:
        try:
            return set_address(world, ada, f"ada{number}@example.org") is not None
        except Refusal:
            return False

    with ThreadPoolExecutor(12) as threads:
        sent = sum(threads.map(request, range(24)))
    assert sent == mail_reads.settings(world.table, ada.member_id).verifications_of(world.now.date())
    assert sent <= 5


def test_r43_an_address_that_bounced_is_used_no_more_by_any_member(world: World) -> None:
    ada, ben = verified_member(world, "Ada"), verified_member(world, "Ben", "ADA@example.org")
    cy = verified_member(world, "Cy", "cy@example.org")
    refuse_address(world.context, ADDRESS)
    members = (ada, ben, cy)
    # The members see it before a mail is due.
    shown = [view_notices(world.context, member.member_id).settings.refused for member in members]
    assert shown == [True, True, False]
    assert [recipient(world, member) for member in members] == [None, None, "cy@example.org"]
    # The first mail that was not sent marks the settings, so that no later one is queued.
    assert mail_reads.settings(world.table, ada.member_id).mail_address is None
    for member, proven in ((ada, ADDRESS), (cy, None)):
        with pytest.raises(InvalidRequest) as refusal:
            set_address(world, member, ADDRESS, proven)
        assert refusal.value.field == "email.address"
    assert recipient(world, cy) == "cy@example.org"
    set_address(world, ada, "new@example.org", "new@example.org")
    assert recipient(world, ada) == "new@example.org"


def test_r43_an_address_that_was_reported_is_not_verified(world: World) -> None:
    ada = world.member("Ada")
    token = set_address(world, ada)
    assert token
    refuse_address(world.context, ADDRESS)
    for use in (settings_of_verification, verify_address):
        with pytest.raises(NotFound):
            use(world.context, token)
    settings = view_notices(world.context, ada.member_id).settings
    assert (settings.verified, settings.refused) == (False, True)


def test_r43_an_address_is_accepted_again_a_year_after_its_last_bounce(world: World) -> None:
    ada = world.member("Ada")
    refuse_address(world.context, ADDRESS)
    world.after(days=364)
    with pytest.raises(InvalidRequest):
        set_address(world, ada)
    assert set_address(world.after(days=1), ada)


def test_r33_the_links_of_a_deleted_account_do_nothing(world: World) -> None:
    ada = verified_member(world, "Ada")
    key = world.settings.identity_key
    tokens = (
        verification_token(key, ada.member_id, ADDRESS, world.now),
        unsubscribe_token(key, ada.member_id, ADDRESS),
    )
    world.begin_to_leave(ada)
    for token, use in zip(tokens, (verify_address, unsubscribe), strict=True):
        with pytest.raises(NotFound):
            use(world.context, token)
    assert recipient(world, ada) is None
    with pytest.raises(Refusal):
        set_address(world, ada, "new@example.org")


def test_r33_a_link_that_is_used_during_a_deletion_stores_nothing(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    token = set_address(world, ada)
    assert token
    assert meanwhile(faults, lambda: verify_address(world.context, token), lambda: world.leave(ada)) is NotFound
    assert mail_reads.settings(world.table, ada.member_id) == NoticeSettings(member_id=ada.member_id)
