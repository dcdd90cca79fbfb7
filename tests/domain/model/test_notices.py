"""The address to which a member's mails go."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.notices import NoticeSettings

SETTINGS = NoticeSettings(member_id="ada", address="ada@example.org", verified=True)


@pytest.mark.parametrize(
    ("changes", "address"),
    [({}, "ada@example.org"), ({"verified": False}, None), ({"refused": True}, None), ({"address": None}, None)],
)
def test_r43_only_a_verified_address_that_nothing_refused_is_used(
    changes: dict[str, object], address: str | None
) -> None:
    assert replace(SETTINGS, **changes).mail_address == address
