"""Tests of the tokens in the links of mails."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.model.mail_tokens import (
    address_digest,
    parse_token,
    unsubscribe_token,
    unsubscribes,
    verification_token,
    verifies,
)

KEY, OTHER_KEY = b"identities", b"others"
ADA, BEN = "0" * 24, "1" * 24
ADDRESS = "ada@example.org"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def verified(text: str, *, key: bytes = KEY, address: str = ADDRESS, now: datetime = NOW) -> bool:
    token = parse_token(text)
    return token is not None and verifies(token, key, address, now)


def unsubscribed(text: str, *, key: bytes = KEY, address: str = ADDRESS) -> bool:
    token = parse_token(text)
    return token is not None and unsubscribes(token, key, address)


def test_r43_a_verification_holds_for_its_address_and_for_24_hours() -> None:
    token = verification_token(KEY, ADA, ADDRESS, NOW)
    assert verified(token)
    assert verified(token, now=NOW + timedelta(hours=24, seconds=-1))
    assert not verified(token, now=NOW + timedelta(hours=24))
    assert not verified(token, address="eve@example.org")
    assert not verified(token, key=OTHER_KEY)


def test_r43_no_part_of_a_token_can_be_changed() -> None:
    member, expires_at, signature = verification_token(KEY, ADA, ADDRESS, NOW).split("-")
    assert verified("-".join([member, expires_at, signature]))
    assert not verified("-".join([BEN, expires_at, signature]))
    assert not verified("-".join([member, str(int(expires_at) + 1), signature]))
    assert not verified("-".join([member, f"0{expires_at}", signature]))
    assert not verified("-".join([member, expires_at, signature[:-1] + ("0" if signature[-1] != "0" else "1")]))
    assert len(signature) * 5 >= 128


def test_r43_a_token_serves_its_own_link_only() -> None:
    verification, unsubscription = verification_token(KEY, ADA, ADDRESS, NOW), unsubscribe_token(KEY, ADA, ADDRESS)
    assert unsubscribed(unsubscription)
    assert not unsubscribed(unsubscription.replace("-0-", "-00-"))
    assert not unsubscribed(verification)
    assert not verified(unsubscription)
    assert not unsubscribed(unsubscription, address="ada@example.com")
    assert not unsubscribed(unsubscription, key=OTHER_KEY)


@pytest.mark.parametrize(
    "text",
    ["", "-", "--", f"{ADA}-1", f"{ADA}-x-y", f"{ADA}--y", f"{ADA}-1-y-z", f"{ADA[1:]}-1-y", f"{ADA}-{'9' * 12}-y"],
)
def test_r43_a_text_of_another_form_is_no_token(text: str) -> None:
    assert parse_token(text) is None


def test_r43_a_signature_in_any_script_is_refused() -> None:
    assert not verified(f"{ADA}-9999999999-\ud800é")


def test_r43_the_digest_of_an_address_needs_the_key() -> None:
    assert address_digest(KEY, "Ada@Example.org") == address_digest(KEY, ADDRESS)
    assert address_digest(KEY, ADDRESS) != address_digest(OTHER_KEY, ADDRESS)
    assert address_digest(KEY, ADDRESS) != address_digest(KEY, "eve@example.org")
