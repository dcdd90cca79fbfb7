"""Changes by other members, seen on an open screen without a reload (R2, R13, R18, R43)."""

import pytest

from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead, sign_in

# Browsers take seconds for each test.
pytestmark = pytest.mark.long

MARK, IS_MARKED = "window.isSamePage = true", "return window.isSamePage === true"
CHANGES = "return document.querySelectorAll('.session .changes li').length"
ENTRIES = "return document.querySelectorAll('.toast').length"


def watch(member: KnownMember) -> None:
    """Show the sessions of the member, and mark the page so that a reload is noticed."""
    member.page.click("link", "Sessions")
    member.page.one("heading", "Sessions")
    member.page.browser.execute_script(MARK)


def assert_not_reloaded(*members: KnownMember) -> None:
    assert [member.page.browser.execute_script(IS_MARKED) for member in members] == [True for _ in members]


def test_r2_a_lock_by_one_shows_on_the_screen_of_the_other(open_member: OpenMember) -> None:
    ada, ben = sign_in(open_member(), "Ada"), sign_in(open_member(size=(320, 640)), "Ben")
    ada.add_favorites(ben)
    watch(ben)
    ben.page.sees("You have no sessions ahead.")
    # A booking from elsewhere, such as another device, appears as well.
    session_id = ben.book(ahead(11, 3, 30))["sessionId"]
    ben.page.sees("Waiting for a partner", "main")
    ada.page.open(f"/people/{ben.user_id}/availability")
    ada.page.click("button", "3:30...")
    ada.page.click("button", "Book...")
    ben.page.sees("Locked in", ".session .state")
    ben.page.sees("Ada", ".session .partner")
    ben.page.sees("You and Ada are locked in", ".toasts")
    assert ben.session(session_id)["state"] == "locked_in"
    assert_not_reloaded(ben)
    # The lock has a name beside the word, and Ada has one message about her own action.
    assert ben.page.browser.execute_script("return document.querySelectorAll('.session svg.lock').length") == 1
    ada.page.sees("You are locked in with Ben", ".toasts")
    assert ada.page.browser.execute_script(ENTRIES) == 1
    assert ben.page.violations() == []


def test_r13_a_member_is_displaced_and_matched_again_while_looking(open_member: OpenMember) -> None:
    ada, ben, cleo, eli = (sign_in(open_member(), name) for name in ("Ada", "Ben", "Cleo", "Eli"))
    at = ahead(11, 5, 30)
    ben.book(at)
    cleos = cleo.book(at)["sessionId"]
    cleo.await_partner(cleos, "Ben")
    watch(cleo)
    cleo.page.sees("Ben", ".session .partner")
    ada.add_favorites(ben)
    ada.book(at, partner=ben)
    cleo.page.sees("Your partner got another partner. We look for a new one", ".toasts")
    cleo.page.sees("Waiting for a partner", ".session .state")
    cleo.page.sees("Your partner got another partner. We look for a new one.", ".session .changes")
    eli.book(at)
    cleo.page.sees("You are matched with Eli now", ".toasts")
    cleo.page.sees("Eli", ".session .partner")
    cleo.page.sees("You were matched again.", ".session .changes")
    assert_not_reloaded(cleo)
    changes = cleo.session(cleos)["changes"]
    assert [change["kind"] for change in changes] == ["matched", "displaced", "matched"]


def test_r12_a_lock_pairs_both_displaced_members_who_see_it_while_looking(open_member: OpenMember) -> None:
    ada, ben, cleo, dee = (sign_in(open_member(), name) for name in ("Ada", "Ben", "Cleo", "Dee"))
    at = ahead(11, 9, 30)
    adas, dees = ada.book(at)["sessionId"], dee.book(at)["sessionId"]
    ada.await_partner(adas, "Dee")
    bens, cleos = ben.book(at)["sessionId"], cleo.book(at)["sessionId"]
    ben.await_partner(bens, "Cleo")
    for member, partner in ((cleo, "Ben"), (dee, "Ada")):
        watch(member)
        member.page.sees(partner, ".session .partner")
    ada.add_favorites(ben)
    ada.book(at, partner=ben)
    for member, session_id, partner in ((cleo, cleos, "Dee"), (dee, dees, "Cleo")):
        member.page.sees(f"Your partner got another partner. You are matched with {partner} now", ".toasts")
        member.page.sees(partner, ".session .partner")
        member.page.sees("Matched", ".session .state")
        member.page.sees("Your partner got another partner. You were matched again.", ".session .changes")
        shown = member.session(session_id)["changes"]
        assert [change["kind"] for change in shown] == ["displaced", "displaced", "matched"]
        # The loss and the new partner are one message and one line of the list.
        assert member.page.text(".toasts").count("Your partner got another partner.") == 1
        assert member.page.browser.execute_script(CHANGES) == 2
        assert "We look for a new one" not in member.page.text("body")
    assert_not_reloaded(cleo, dee)


@pytest.mark.parametrize(("canceller", "hour"), [("booker", 7), ("target", 8)])
def test_r18_a_cancel_shows_on_the_screen_of_the_partner(open_member: OpenMember, canceller: str, hour: int) -> None:
    ada, ben = sign_in(open_member(), "Ada"), sign_in(open_member(), "Ben")
    ada.add_favorites(ben)
    at = ahead(11, hour, 30)
    bens = ben.book(at)["sessionId"]
    adas = ada.book(at, partner=ben)["sessionId"]
    leaver, partner = (ada, ben) if canceller == "booker" else (ben, ada)
    for member in (leaver, partner):
        watch(member)
        member.page.sees("Locked in", ".session .state")
    leaver.page.click("button", "Cancel")
    name = "Ben" if leaver is ada else "Ada"
    leaver.page.sees(f"We will match {name} with a new partner.", "dialog")
    leaver.page.click("button", "Cancel the session")
    leaver.page.sees("Your session is cancelled.", ".toasts")
    leaver.page.sees("Cancelled", ".session .state")
    partner.page.sees("Your partner cancelled. We look for a new one", ".toasts")
    partner.page.sees("Waiting for a partner", ".session .state")
    assert_not_reloaded(leaver, partner)
    left, kept = (adas, bens) if leaver is ada else (bens, adas)
    assert leaver.session(left)["state"] == "cancelled"
    assert partner.session(kept)["state"] == "waiting"
