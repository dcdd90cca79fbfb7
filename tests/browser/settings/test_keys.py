"""API keys and calendar feeds in the settings, whose secrets are shown once (R35, R44)."""

from datetime import UTC, datetime, timedelta

import pytest
import urllib3

from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead, sign_in

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

http = urllib3.PoolManager(retries=False)


def status_with_key(member: KnownMember, key: str, path: str = "/v1/me") -> int:
    """Return the status of a read with an API key."""
    return http.request("GET", member.page.run.url + path, headers={"X-API-KEY": key}).status


def is_on_page(member: KnownMember, secret: str) -> bool:
    """Return whether the page or its storage contains a secret."""
    everything = (
        "return document.documentElement.outerHTML + [...document.querySelectorAll('input')].map(i => i.value)"
        " + location.href + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
    )
    return secret in member.page.browser.execute_script(everything)


def test_r35_a_key_is_shown_once_copied_used_and_revoked(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.page.command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    ada.page.sees("You have no API keys.", "#keys")
    ada.page.fill("Name of the key", "Backup")
    ada.page.click("radio", "Read and export...")
    ada.page.select("Works until", "In 30 days")
    ada.page.save("keys", "Make a key")
    key = ada.page.one("textbox", "Key").get_attribute("value") or ""
    ada.page.click("button", "Copy")
    ada.page.sees("Copied.", "dialog")
    copied = ada.page.browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == key
    assert status_with_key(ada, key, "/v1/me/export") == 200
    ada.page.click("button", "Done")
    ada.page.sees("Backup", "#keys li")
    assert not is_on_page(ada, key)
    (made,) = ada.read("/v1/api-keys")["apiKeys"]
    assert (made["name"], made["scope"]) == ("Backup", "export")
    left = datetime.fromisoformat(made["expiresAt"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    ada.page.browser.refresh()
    ada.page.sees("Last used on", "#keys")
    ada.page.sees("API key “Backup”", "#access")
    ada.page.click("button", "Revoke the key Backup")
    ada.page.click("button", "Revoke", ada.page.one("dialog", "Revoke the key “Backup”?"))
    ada.page.sees("You have no API keys.", "#keys")
    assert status_with_key(ada, key) == 401


def test_r35_a_key_without_a_name_or_with_an_end_in_the_past_is_not_made(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.page.select("Works until", "Another time ...")
    ada.page.save("keys", "Make a key")
    # An unfinished date would otherwise be a key without an end.
    ada.page.sees("Please choose a time in the future.", "#keys")
    ada.page.browser.execute_script(
        "arguments[0].value = '2020-01-01T09:00'; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        ada.page.browser.find_element("css selector", "#keys input[type=datetime-local]"),
    )
    ada.page.save("keys", "Make a key")
    ada.page.sees("Please write a name of 1 to 80 visible characters.", "#keys")
    assert ada.page.faults("keys") == {
        "name": "Please write a name of 1 to 80 visible characters.",
        "expiresAt": "Please choose a time in the future.",
    }
    assert ada.read("/v1/api-keys")["apiKeys"] == []


def test_r44_a_calendar_feed_is_made_read_by_a_program_and_revoked(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.book(ahead(1, 9), 25, title="Thesis")
    ada.page.click("button", "Make a calendar feed")
    url = ada.page.one("textbox", "Address of the feed").get_attribute("value") or ""
    feed = http.request("GET", url)
    assert (feed.status, feed.headers["Content-Type"].split(";")[0]) == (200, "text/calendar")
    assert "SUMMARY:Thesis" in feed.data.decode()
    ada.page.click("button", "Done")
    assert not is_on_page(ada, url)
    ada.page.click("button", "Revoke: Feed made on...")
    ada.page.click("button", "Revoke", ada.page.one("dialog", "Revoke this calendar feed?"))
    ada.page.sees("You have no calendar feed.", "#feeds")
    assert http.request("GET", url).status == 404
    # The entry with the focus is gone, so the focus is on the heading of its section.
    assert ada.page.browser.switch_to.active_element.text == "Calendar feed"
