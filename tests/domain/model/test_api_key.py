"""API keys and their scopes."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.api_key import ApiKey, Scope
from tests.domain.samples import NOON

SECOND = timedelta(seconds=1)
KEY = ApiKey("key", "ada", "digest", "A script", Scope.READ, NOON)


def test_r35_a_key_has_one_of_three_scopes_with_their_names_in_the_api() -> None:
    assert {scope.name: scope.value for scope in Scope} == {"READ": "read", "WRITE": "write", "EXPORT": "export"}
    with pytest.raises(ValueError, match="admin"):
        Scope("admin")


def test_r35_a_new_key_was_never_used() -> None:
    assert KEY.last_used is None


def test_r35_a_key_holds_the_digest_of_its_secret_and_no_other_text_of_it() -> None:
    assert KEY.__struct_fields__ == (
        *("key_id", "owner_id", "digest", "name", "scope", "made_at"),
        *("last_used", "expires_at", "access"),
    )


def test_r35_a_key_is_valid_before_its_expiry_only() -> None:
    expiring = replace(KEY, expires_at=NOON)
    assert [expiring.is_valid(NOON - SECOND), expiring.is_valid(NOON)] == [True, False]
    assert KEY.is_valid(NOON + timedelta(days=10_000))


def test_r35_a_key_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        KEY.scope = Scope.WRITE  # type: ignore[misc]
