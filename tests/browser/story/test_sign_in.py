"""The first page and the sign-in of the web app."""

import pytest

from tests.browser.conftest import OpenMember

# A browser takes seconds for each test.
pytestmark = pytest.mark.long


def test_a_new_member_signs_in_and_out_by_clicking(open_member: OpenMember) -> None:
    ada = open_member()
    ada.sign_in_as_new("Ada")
    assert ada.violations() == []
    ada.click("button", "Sign out")
    ada.sees("Work side by side")


def test_a_response_that_the_tab_did_not_ask_for_ends_no_sign_in(open_member: OpenMember) -> None:
    ada = open_member()
    ada.sign_in_as_new("Ada")
    ada.open("/sign-in?code=abc&state=xyz")
    ada.sees("A sign-in that did not begin in this tab was not used. You are signed in as before.")
    ada.one("heading", "Calendar")
    ada.sees("Signed in as Ada")


def test_a_token_leaves_the_address_of_an_open_page(open_member: OpenMember) -> None:
    ada = open_member()
    ada.sign_in_as_new("Ada", "/people")
    ada.open("/people#id_token=one&access_token=two")
    ada.until(lambda: ada.browser.current_url == f"{ada.run.url}/people", "the token stays in the address")
    ada.sees("Signed in as Ada")
