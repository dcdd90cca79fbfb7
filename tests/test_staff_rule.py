"""The claim by which a token is that of staff (R47)."""

from typing import Any

import pytest

from chalicelib.staff_rule import NO_STAFF, StaffRule


@pytest.mark.parametrize(
    ("claim", "is_staff"),
    [
        ("staff", True),
        (["members", "staff"], True),
        ([], False),
        (["Staff"], False),
        ("staff members", False),
        ({"staff": True}, False),
        (True, False),
        (None, False),
    ],
)
def test_r47_a_claim_is_the_value_or_a_list_that_contains_it(claim: Any, is_staff: bool) -> None:
    assert StaffRule("groups").admits({"groups": claim}) is is_staff
    assert not StaffRule("groups").admits({"roles": claim})
    assert not NO_STAFF.admits({"": claim, "groups": claim})


def test_r47_an_empty_value_admits_no_token() -> None:
    assert not StaffRule("groups", "").admits({"groups": ""})
    assert not StaffRule("groups", "").admits({"groups": [""]})
