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
