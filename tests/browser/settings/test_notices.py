"""Mails, push messages and webhooks in the settings (R43)."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, sign_in

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

HOOK = "https://hooks.example/lockstep"


@pytest.fixture(autouse=True)
def working_sink(run: LocalRun) -> Iterator[None]:
    """The sink of the run, which answers 204 again after the test."""
    yield
    run.call("PUT", "/dev/sink", payload={"status": 204})


def confirm_address(member: KnownMember, address: str) -> None:
    """Open the link of the mail to an address in another tab, and press its button."""
    page, own = member.page, member.page.browser.current_window_handle
    mails: list[dict[str, Any]] = page.run.call("GET", "/dev/mail")[1]["mails"]
    (link,) = [link for mail in mails if mail["to"] == address for link in mail["links"]]
    page.browser.switch_to.new_window("tab")
    page.browser.get(link)
    page.browser.find_element("css selector", "form button").click()
    page.sees("Your address is confirmed")
    page.browser.close()
    page.browser.switch_to.window(own)


def test_r43_an_address_is_confirmed_by_its_mail_and_kinds_are_chosen(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    address = f"{ada.user_id}@example.org"
    ada.page.fill("E-mail address", "ada@@example")
    ada.page.save("notices")
    ada.page.sees("Please give an e-mail address that works, such as ada@example.org.", "#notices")
    ada.page.fill("E-mail address", address)
    ada.page.click("checkbox", "I booked a session", ada.page.section("notices"))
    ada.page.save("notices")
    ada.page.sees(f"We sent a mail to {address}.", "#notices")
    email = ada.read("/v1/me/notices")["email"]
    assert (email["address"], email["verified"]) == (address, False)
    assert "session.booked" not in email["kinds"]
    assert "session.matched" in email["kinds"]
    confirm_address(ada, address)
    ada.page.sees(f"{address} is confirmed.", "#notices")
    ada.page.empty("E-mail address")
    ada.page.save("notices")
    ada.page.sees_no_more(f"{address} is confirmed.", "#notices")
    assert ada.read("/v1/me/notices")["email"]["address"] is None


def test_r43_the_kinds_of_push_messages_are_chosen_apart_from_those_of_mails(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    before = ada.read("/v1/me/notices")
    group = ada.page.browser.find_elements("css selector", "#notices fieldset")[1]
    ada.page.click("checkbox", "A session starts in 10 minutes", group)
    ada.page.click("button", "Save", group.find_element("xpath", "ancestor::form"))
    ada.page.sees("Saved.", "#notices form:last-of-type [role=status]")
    after = ada.read("/v1/me/notices")
    assert set(before["push"]["kinds"]) - set(after["push"]["kinds"]) == {"session.starting"}
    assert after["email"] == before["email"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("denied", "This browser does not allow messages of this page."),
        ("granted", "The browser could not reach its message service."),
    ],
)
def test_r43_a_browser_without_push_says_why(open_member: OpenMember, setting: str, words: str) -> None:
    page = open_member()
    page.command("Browser.setPermission", permission={"name": "notifications"}, setting=setting, origin=page.run.url)
    page.allowed_messages.append("push_worker.js")
    ada = sign_in(page, "Ada")
    page.sees("No browser of yours gets messages yet.", "#notices")
    page.click("button", "Enable messages in this browser")
    page.sees(words, "#notices")
    assert ada.read("/v1/push-subscriptions")["pushSubscriptions"] == []


def test_r43_another_browser_is_listed_and_removed(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    key = "BIH4nvUh8RjOWwOY_E6VgrTvh_k3GOe-aQ_UgCxmV8hDngvOsDAq-OJ5hSkv-Pz2FPcP_qKQUSntN9Pn5oJ10bw"
    endpoint = "https://updates.push.services.mozilla.com/wpush/v2/abc"
    subscription = {"endpoint": endpoint, "keys": {"p256dh": key, "auth": "AAAAAAAAAAAAAAAAAAAAAA"}}
    ada.call("POST", "/v1/push-subscriptions", subscription)
    ada.page.browser.refresh()
    ada.page.sees("Firefox", "#notices li")
    ada.page.click("button", "Remove: Firefox")
    ada.page.sees("No browser of yours gets messages yet.", "#notices")
    assert ada.read("/v1/push-subscriptions")["pushSubscriptions"] == []


def test_r43_a_webhook_is_added_tested_switched_and_deleted(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    hook = f"{HOOK}/{ada.user_id}"
    ada.page.fill("Address", "http://10.0.0.1/")
    ada.page.save("webhooks", "Add a webhook")
    ada.page.sees("Please give an https address of a public server, without a #.", "#webhooks")
    ada.page.fill("Address", hook)
    ada.page.click("checkbox", "A session changed...", ada.page.section("webhooks"))
    ada.page.save("webhooks", "Add a webhook")
    secret = ada.page.one("textbox", "Secret").get_attribute("value") or ""
    assert secret.startswith("whsec_")
    ada.page.click("button", "Done")
    ada.page.sees("10 kinds of events. It is on.", "#webhooks")
    (made,) = ada.read("/v1/webhooks")["webhooks"]
    assert "session.changed" not in made["kinds"]
    ada.page.click("button", f"Send a test to {hook}")
    ada.page.sees("Delivered.", ".deliveries li")
    posts = ada.page.run.call("GET", "/dev/sink")[1]["posts"]
    assert [post["status"] for post in posts if post["url"] == hook] == [204]
    ada.page.click("button", f"Switch off {hook}")
    ada.page.sees("It has been off since", "#webhooks li")
    assert ada.read("/v1/webhooks")["webhooks"][0]["enabled"] is False
    ada.page.click("button", f"Switch on {hook}")
    ada.page.sees("It is on.", "#webhooks li")
    ada.page.click("button", f"Delete {hook}")
    ada.page.click("button", "Delete", ada.page.one("dialog", "Delete this webhook?"))
    ada.page.sees("You have no webhooks.", "#webhooks")
    assert ada.read("/v1/webhooks")["webhooks"] == []


def test_r43_a_failed_delivery_says_why_and_is_sent_again(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    hook = f"{HOOK}/{ada.user_id}"
    ada.call("POST", "/v1/webhooks", {"url": hook})
    ada.page.run.call("PUT", "/dev/sink", payload={"status": 500})
    ada.page.browser.refresh()
    ada.page.click("button", f"Send a test to {hook}")
    ada.page.sees("It is on its way.", ".toasts")
    ada.page.sees("The receiver answered with the status 500.", ".deliveries li")
    ada.page.run.call("PUT", "/dev/sink", payload={"status": 204})
    ada.page.click("button", "Send again: Test...")
    ada.page.sees("Delivered.", ".deliveries li")
    statuses = [post["status"] for post in ada.page.run.call("GET", "/dev/sink")[1]["posts"] if post["url"] == hook]
    assert statuses == [204, 500]
