"""Ids: stable, telling nothing, and bound to whom they were made for."""

from datetime import date

from chalicelib.domain.model.ids import decoy_member_id, is_member_id, member_id, session_date, session_id

ADA = member_id("https://issuer.example/", "ada")
BEN = member_id("https://issuer.example/", "ben")
DAY = date(2026, 3, 2)


def test_a_member_id_depends_on_issuer_and_subject_alone() -> None:
    assert member_id("https://issuer.example/", "ada") == ADA
    assert member_id("https://other.example/", "ada") != ADA != BEN
    assert is_member_id(ADA)


def test_r11_any_text_is_looked_up_as_an_id_of_the_same_shape() -> None:
    for text in ("", ADA, "#", "x" * 10_000, "\ud800", "MEMBER#1", "Ünïcödé"):
        assert is_member_id(decoy_member_id(text))
        assert decoy_member_id(text) != text


def test_r17_a_session_id_tells_its_date_and_its_owner() -> None:
    made = session_id(ADA, DAY, "0123456789abcdef")
    assert session_date(ADA, made) == DAY
    assert session_date(BEN, made) is None


def test_r17_an_id_that_was_changed_or_made_up_is_nobodys() -> None:
    made = session_id(ADA, DAY, "0123456789abcdef")
    for changed in (made[:-1], made + "0", made.upper(), made.replace("2026", "2027"), "", "x", made + "\n"):
        assert session_date(ADA, changed) is None


def test_an_id_of_a_day_that_is_no_day_is_nobodys() -> None:
    real = session_id(ADA, DAY, "0123456789abcdef")
    stem = "20261399-0123456789abcdef"
    assert session_date(ADA, f"{stem}-{real[-6:]}") is None
