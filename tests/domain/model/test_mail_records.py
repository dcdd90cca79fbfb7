"""Tests of the records of mails."""

from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.model.mail_records import AddressRecord, SentMail

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_r43_a_claim_leases_a_mail_for_two_minutes_on_both_sides_of_a_clock_that_is_set_back() -> None:
    claim = SentMail(member_id="ada", mail_id="one", claimed_at=NOW)
    assert claim.is_leased(NOW + timedelta(seconds=119))
    assert not claim.is_leased(NOW + timedelta(seconds=120))
    assert not claim.is_leased(NOW - timedelta(seconds=120))


def test_r36_the_mails_of_another_date_do_not_count() -> None:
    record = AddressRecord(digest="d", counted_on=date(2026, 3, 2), verifications=4)
    assert record.verifications_of(date(2026, 3, 2)) == 4
    assert record.verifications_of(date(2026, 3, 3)) == 0


def test_r36_a_count_keeps_a_refusal_and_drops_an_earlier_date() -> None:
    refused = AddressRecord(version=3, digest="d", refused_at=NOW, expires=NOW + timedelta(days=365))
    counted = refused.counting(NOW, verifications=1).counting(NOW, mails=2)
    assert (counted.verifications, counted.mails, counted.refused_at) == (1, 2, NOW)
    assert (counted.version, counted.expires) == (3, refused.expires)
    later = counted.counting(NOW + timedelta(days=1), mails=1)
    assert (later.verifications, later.mails, later.refused_at) == (0, 1, NOW)
    # After a year the refusal ends, and only the count is kept.
    over = NOW + timedelta(days=365)
    ended = counted.counting(over, verifications=1)
    assert (ended.refused_at, ended.verifications, ended.expires) == (None, 1, over + timedelta(days=2))
