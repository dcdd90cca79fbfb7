"""The links of a mail in a browser without JavaScript, and the mailbox of the local run (R43)."""

import re
from typing import Any

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenBrowser

pytestmark = pytest.mark.long

ADDRESS = "ada@example.org"


def email_of(run: LocalRun, token: str) -> dict[str, Any]:
    """Return the settings of a member's mails."""
    status, settings = run.call("GET", "/v1/me/notices", token)
    assert status == 200
    found: dict[str, Any] = settings["email"]
    return found


def test_r43_a_person_confirms_an_address_from_the_mailbox_and_ends_the_mails(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    token = run.call("POST", "/dev/sign-in", payload={"name": "<b>Ada</b>"})[1]["token"]
    run.call("PATCH", "/v1/me/notices", token, {"email": {"address": ADDRESS}})
    visitor = open_browser(script=False)
    visitor.open(f"{run.url}/dev/mail")
    assert ADDRESS in visitor.text("section.day .note")
    visitor.element("section.day a").click()
    assert visitor.text("h1") == "Confirm your address"
    assert email_of(run, token)["verified"] is False
    visitor.element("form button").click()
    visitor.until(lambda: visitor.text("h1") == "Your address is confirmed", "the address is not confirmed")
    assert email_of(run, token)["verified"] is True
    member, _, _ = re.findall(r"/n/verify/(\w+)-(\d+)-(\w+)", visitor.browser.current_url)[0]
    assert member == run.call("GET", "/v1/me", token)[1]["user"]["userId"]
    visitor.open(f"{run.url}/n/unsubscribe/made-up")
    assert visitor.text("h1") == "This link does not work"
