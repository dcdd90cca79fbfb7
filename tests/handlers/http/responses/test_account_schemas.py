"""Tests of the public schemas of invite links, API keys and the data export."""

from chalicelib.handlers.http.responses import account_schemas
from chalicelib.handlers.http.responses.schemas import Schema


def fields(schema: type[Schema]) -> set[str]:
    return set(schema.__struct_fields__)


def test_r25_r35_only_a_new_link_or_key_contains_its_secret() -> None:
    assert fields(account_schemas.NewInviteLink) - fields(account_schemas.InviteLink) == {"url"}
    assert fields(account_schemas.NewApiKey) - fields(account_schemas.ApiKey) == {"key"}


def test_r27_an_invite_shows_only_the_public_name_and_picture_of_its_owner() -> None:
    assert fields(account_schemas.Host) == {"name", "photo_url"}
    assert fields(account_schemas.Invite) == {"host", "slots", "sessions"}
