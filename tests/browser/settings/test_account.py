"""The export, the sign-out and the deletion of the account, by clicking (R33)."""

import csv
import json
from typing import Any

import pytest

from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead, sign_in

# A browser takes seconds for each test.
pytestmark = pytest.mark.long


def saved_text(member: KnownMember, pattern: str, end: str) -> str:
    """Wait for a saved file that is complete up to its end, and return its content."""

    def complete_file() -> str | None:
        found = [file.read_bytes().decode() for file in member.page.downloads.glob(pattern)]
        return found[0] if found and found[0].endswith(end) else None

    content = member.page.until(complete_file, "no file")
    assert content is not None
    return content


def exported(member: KnownMember) -> dict[str, Any]:
    """Wait for the file of the export, and return its content."""

    def complete_file() -> dict[str, Any] | None:
        try:
            (file,) = member.page.downloads.glob("account-export-*.json")
            content: dict[str, Any] = json.loads(file.read_text())
        except ValueError:
            # The file is not there yet, or not complete.
            return None
        return content

    content = member.page.until(complete_file, "no file")
    assert content is not None
    return content


def test_r33_the_export_is_a_file_with_all_data_of_the_member(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.book(ahead(1, 9), 25, title="Thesis")
    ada.page.click("button", "Download my data")
    content = exported(ada)
    expected = ada.read("/v1/me/export")
    # The connection of the open page comes and goes.
    for each in (content, expected):
        each["notices"].pop("liveConnections")
        each.pop("uses")
    assert content == expected
    assert [session["title"] for session in content["sessions"]] == ["Thesis"]


def test_r33_the_sessions_are_files_for_a_calendar_and_a_spreadsheet(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.book(ahead(1, 9), 25, title="=Thesis")
    ada.page.click("button", "Sessions for a calendar")
    calendar = saved_text(ada, "sessions-*.ics", "END:VCALENDAR\r\n")
    assert ("SUMMARY:=Thesis" in calendar, calendar.count("BEGIN:VEVENT")) == (True, 1)
    ada.page.click("button", "Sessions for a spreadsheet")
    sheet = saved_text(ada, "sessions-*.csv", '"\r\n')
    # The mark of the encoding is kept, without which a spreadsheet misreads names.
    assert sheet.startswith("\ufeff")
    (row,) = csv.DictReader(sheet.removeprefix("\ufeff").splitlines())
    assert (row["title"], row["minutes"]) == ("'=Thesis", "25")


def test_r33_an_account_is_deleted_after_a_typed_word_and_another_member_signs_in(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.book(ahead(1, 9), 25, title="Thesis")
    ada.page.click("button", "Delete my account ...")
    dialog = ada.page.one("dialog", "Delete your account?")
    assert "Your sessions ahead are cancelled." in dialog.text
    # The service has no right to delete the account at the provider.
    assert "The sign-in service keeps your sign-in" in dialog.text
    ada.page.click("button", "Delete for good", dialog)
    ada.page.sees("Please type “delete”. Nothing was deleted.", "dialog")
    assert ada.read("/v1/me")["user"]["name"] == "Ada"
    ada.page.fill("To confirm, type “delete”", "Delete")
    ada.page.click("button", "Delete for good", dialog)
    ada.page.sees("Goodbye")
    ada.page.sees("Your account was deleted, and you are signed out.")
    assert ada.page.run.call("GET", "/v1/me", ada.token)[0] == 401
    # The browser is signed out at the provider too, which asks for a member again.
    ada.page.sign_in_as_new("Bea", "/settings")
    assert ada.page.one("textbox", "Name").get_attribute("value") == "Bea"
    ada.page.click("button", "Sign out everywhere in this browser")
    ada.page.sees("Work side by side")


def test_signing_out_ends_the_sign_in_of_every_tab(open_member: OpenMember) -> None:
    page = open_member()
    sign_in(page, "Ada")
    first = page.browser.current_window_handle
    page.browser.switch_to.new_window("tab")
    page.open("/settings")
    page.click("button", "Sign out everywhere in this browser")
    page.sees("Work side by side")
    page.browser.switch_to.window(first)
    page.sees("Work side by side")
    page.open("/settings")
    page.one("button", "Sign in")
