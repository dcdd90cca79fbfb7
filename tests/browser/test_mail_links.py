"""The links of a mail in a browser without JavaScript, and the mailbox of the local run (R43)."""

import re

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenBrowser
from tests.browser.known_member import KnownMember

pytestmark = pytest.mark.long

ADDRESS = "ada@example.org"


def is_verified(member: KnownMember) -> bool:
    """Return whether the address for the mails of a member is verified."""
    verified: bool = member.read("/v1/me/notices")["email"]["verified"]
    return verified


def test_r43_a_person_confirms_an_address_from_the_mailbox_and_ends_the_mails(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    ada = KnownMember(run, "<b>Ada</b>")
    ada.call("PATCH", "/v1/me/notices", {"email": {"address": ADDRESS}})
    visitor = open_browser(script=False)
    visitor.open(f"{run.url}/dev/mail")
    assert ADDRESS in visitor.text("section.day .note")
    visitor.element("section.day a").click()
    assert visitor.text("h1") == "Confirm your address"
    assert not is_verified(ada)
    visitor.element("form button").click()
    visitor.until(lambda: visitor.text("h1") == "Your address is confirmed", "the address is not confirmed")
    assert is_verified(ada)
    member, _, _ = re.findall(r"/n/verify/(\w+)-(\d+)-(\w+)", visitor.browser.current_url)[0]
    assert member == ada.user_id
    visitor.open(f"{run.url}/n/unsubscribe/made-up")
    assert visitor.text("h1") == "This link does not work"
