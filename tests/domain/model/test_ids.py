"""Ids, which are stable, reveal no identity and prove their owner."""

from datetime import date

import pytest

from chalicelib.domain.model.ids import (
    api_key_text,
    decoy_member_id,
    is_api_key,
    is_member_id,
    is_owned_by,
    keyed_member_id,
    lookup_id,
    member_id,
    owned_id,
    session_date,
    session_id,
    token_digest,
    unkeyed_member_id,
)

SECRET = b"the secret of a deployment"
ADA = member_id("https://issuer.example/", "ada", SECRET)
BEN = member_id("https://issuer.example/", "ben", SECRET)
DAY = date(2026, 3, 2)


def test_r34_a_member_id_depends_on_issuer_subject_and_secret_alone() -> None:
    assert member_id("https://issuer.example/", "ada", SECRET) == ADA
    assert member_id("https://other.example/", "ada", SECRET) != ADA != BEN
    assert member_id("https://issuer.example/", "ada", b"another") != ADA
    assert unkeyed_member_id("https://issuer.example/", "ada") != ADA
    # The command that moves a table knows unkeyed ids only.
    assert keyed_member_id(unkeyed_member_id("https://issuer.example/", "ada"), SECRET) == ADA
    assert is_member_id(ADA)
    assert (len(ADA), ADA.isalnum(), ADA.islower()) == (24, True, True)


def test_r11_every_text_has_a_well_formed_decoy() -> None:
    for text in ("", ADA, "#", "x" * 10_000, "\ud800", "MEMBER#1", "Ünïcödé"):
        assert is_member_id(decoy_member_id(text))
        assert decoy_member_id(text) != text


def test_r11_only_the_id_of_another_member_is_looked_up_unchanged() -> None:
    assert lookup_id(BEN, caller=ADA) == BEN
    assert lookup_id(ADA, caller=ADA) == decoy_member_id(ADA)
    assert lookup_id("#", caller=ADA) == decoy_member_id("#")


def test_r17_a_session_id_proves_its_date_and_its_owner() -> None:
    made = session_id(ADA, DAY, "0123456789abcdef")
    assert (session_date(ADA, made), len(made)) == (DAY, len("20260302-0123456789abcdef-") + 6)
    assert session_date(BEN, made) is None


def test_r17_a_changed_or_invented_id_has_no_owner() -> None:
    made = session_id(ADA, DAY, "0123456789abcdef")
    for changed in (made[:-1], made + "0", made.upper(), made.replace("2026", "2027"), "", "x", made + "\n"):
        assert session_date(ADA, changed) is None


def test_r17_an_id_with_an_impossible_date_has_no_owner() -> None:
    real = session_id(ADA, DAY, "0123456789abcdef")
    stem = "20261399-0123456789abcdef"
    assert session_date(ADA, f"{stem}-{real[-6:]}") is None


def test_r25_the_id_of_a_link_or_a_key_proves_its_owner() -> None:
    made = owned_id(ADA, "0123456789abcdef")
    assert is_owned_by(ADA, made)
    assert not is_owned_by(BEN, made)
    for changed in (made[:-1], made + "0", made.upper(), made.replace("f-", "e-"), "", "x", made + "\n"):
        assert not is_owned_by(ADA, changed)


@pytest.mark.parametrize("changed", ["", "lockstep_", "lockstep_" + "0" * 25, "lockstep_" + "0" * 27, "0" * 26])
def test_r35_an_api_key_is_recognized_by_its_prefix_and_length(changed: str) -> None:
    assert is_api_key(api_key_text("0" * 26))
    assert not is_api_key(changed)
    assert not is_api_key(api_key_text("i" * 26))


def test_r25_the_stored_hash_of_a_secret_is_its_sha_256() -> None:
    assert token_digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert token_digest("\ud800") == token_digest("?")
