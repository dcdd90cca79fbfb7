"""The recent uses of a credential."""

from datetime import date, timedelta

from chalicelib.domain.model.access_record import DAYS_KEPT, AccessKind, AccessRecord

TODAY = date(2026, 3, 2)


def test_r35_a_record_holds_the_kinds_of_each_date() -> None:
    record = AccessRecord().with_use(AccessKind.READ, TODAY).with_use(AccessKind.WRITE, TODAY)
    record = record.with_use(AccessKind.READ, TODAY + timedelta(days=1))
    assert record.days == {
        TODAY: frozenset({AccessKind.READ, AccessKind.WRITE}),
        TODAY + timedelta(days=1): frozenset({AccessKind.READ}),
    }
    assert record.holds(AccessKind.WRITE, TODAY)
    assert not record.holds(AccessKind.WRITE, TODAY + timedelta(days=1))


def test_r35_a_record_keeps_thirty_dates() -> None:
    record = AccessRecord()
    for days in range(100):
        record = record.with_use(AccessKind.READ, TODAY + timedelta(days=days))
    assert min(record.days) == max(record.days) - timedelta(days=DAYS_KEPT - 1)
    assert len(record.days) == DAYS_KEPT == 30


def test_r35_uses_are_shown_for_thirty_days_also_if_no_later_one_came() -> None:
    record = AccessRecord().with_use(AccessKind.READ, TODAY)
    assert record.since(TODAY + timedelta(days=29)) == record
    assert record.since(TODAY + timedelta(days=30)) == AccessRecord()


def test_a_record_has_a_hash_by_its_content() -> None:
    one, other = (AccessRecord().with_use(AccessKind.READ, TODAY) for _ in range(2))
    assert len({one, other, AccessRecord()}) == 2
