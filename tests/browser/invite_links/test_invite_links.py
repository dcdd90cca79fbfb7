"""Invite links, made and revoked by clicking, and used by a guest in another browser (R25-R29)."""

from datetime import timedelta

import pytest

from tests.browser.conftest import OpenMember
from tests.browser.known_member import ahead, sign_in
from tests.browser.visitor import Visitor

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

TOMORROW = ahead(1, 9)


def open_link(guest: Visitor, address: str) -> None:
    """Open the page of a link."""
    guest.open(address)
    guest.visible("h1")


def test_r25_r29_a_link_is_made_copied_used_by_a_guest_and_revoked(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/invite-links")
    ada.page.command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    session_id = ada.book(TOMORROW, title="Thesis")["sessionId"]
    ada.page.sees("A session booked through your invite link is locked-in")
    ada.page.fill("Number of bookings", "2")
    ada.page.click("button", "Make a link")
    address = ada.page.one("textbox", "Address of the link").get_attribute("value") or ""
    ada.page.click("button", "Copy")
    ada.page.sees("Copied.", "dialog")
    copied = ada.page.browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == address
    ada.page.click("button", "Done")
    assert address not in ada.page.browser.page_source
    ada.page.sees("Used 0 times. It works for 2 bookings.")

    other = open_member()
    guest = Visitor(other.browser, other.run, other.downloads)
    open_link(guest, address)
    guest.visible("button.slot").click()
    guest.sign_in("Ben")
    guest.book()
    guest.until(lambda: ada.session(session_id)["state"] == "locked_in", "not locked in")

    ada.page.browser.refresh()
    ada.page.sees("Used 1 time. It works for 2 bookings.")
    ada.page.click("button", "Revoke the link for: All my available times")
    dialog = ada.page.one("dialog", "Revoke this invite link?")
    ada.page.click("button", "Cancel", dialog)
    assert len(ada.read("/v1/invite-links")["inviteLinks"]) == 1
    ada.page.click("button", "Revoke the link for: All my available times")
    ada.page.click("button", "Revoke", ada.page.one("dialog", "Revoke this invite link?"))
    ada.page.sees("You have no invite links.")
    # The session stays, and the link is gone.
    assert ada.session(session_id)["state"] == "locked_in"
    assert ada.page.run.call("GET", address.removeprefix(ada.page.run.url))[0] == 404


def test_r25_a_link_for_one_session_with_an_end_offers_that_session_alone(open_member: OpenMember) -> None:
    page = open_member(size=(320, 640))
    ada = sign_in(page, "Ada", "/sessions")
    session_id = ada.book(TOMORROW, title="Thesis")["sessionId"]
    ada.book(TOMORROW + timedelta(hours=2), title="Letters")
    page.open("/invite-links")
    options = page.one("combobox", "What the link offers").find_elements("tag name", "option")
    (thesis,) = [option.text for option in options if "Thesis" in option.text]
    ada.page.select("What the link offers", thesis)
    ada.page.select("Works until", "In 1 week")
    page.click("button", "Make a link")
    address = page.one("textbox", "Address of the link").get_attribute("value") or ""
    assert page.violations() == []
    page.click("button", "Done")
    (link,) = ada.read("/v1/invite-links")["inviteLinks"]
    assert (link["sessionId"], link["maxUses"]) == (session_id, None)
    offered = page.run.call("GET", address.removeprefix(page.run.url))[1]["slots"]
    assert [slot["startTime"] for slot in offered] == [TOMORROW.isoformat()]
    ada.call("DELETE", f"/v1/sessions/{session_id}")
    page.browser.refresh()
    page.sees("The session is over or was cancelled, so the link offers nothing more.")
    assert page.violations() == []


def test_r25_a_refused_link_says_which_field_is_at_fault(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada", "/invite-links")
    for uses in ("0", "many"):
        ada.page.fill("Number of bookings", uses)
        ada.page.click("button", "Make a link")
        ada.page.sees("Please write a whole number from 1 on, or leave it empty.")
        assert ada.page.browser.switch_to.active_element.get_attribute("name") == "maxUses"
    assert ada.read("/v1/invite-links")["inviteLinks"] == []
