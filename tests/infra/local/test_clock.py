from datetime import UTC, datetime, timedelta

from infra.local.clock import MovableClock, real_time

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


class ManualTime:
    def __init__(self) -> None:
        self.now = NEW_YEAR

    def __call__(self) -> datetime:
        return self.now


def test_the_clock_shows_real_time_until_it_is_set() -> None:
    before = real_time()
    assert before <= MovableClock()() <= real_time()


def test_the_clock_runs_on_from_the_instant_it_was_set_to() -> None:
    real = ManualTime()
    clock = MovableClock(real)

    clock.set(NEW_YEAR - timedelta(days=30))
    real.now += timedelta(seconds=90)

    assert clock() == NEW_YEAR - timedelta(days=30) + timedelta(seconds=90)


def test_the_clock_goes_back_to_real_time() -> None:
    clock = MovableClock(ManualTime())
    clock.set(NEW_YEAR + timedelta(days=30))
    clock.set(None)
    assert clock() == NEW_YEAR


def test_r42_a_record_is_dated_by_the_clock_of_its_second() -> None:
    """The stream may deliver it after the clock was set once more."""
    real = ManualTime()
    clock = MovableClock(real)
    ahead, back = NEW_YEAR + timedelta(days=30), NEW_YEAR - timedelta(days=1)
    real.now = NEW_YEAR + timedelta(seconds=10.4)
    clock.set(ahead)
    real.now = NEW_YEAR + timedelta(seconds=20.4)
    clock.set(back)
    real.now = NEW_YEAR + timedelta(seconds=30.4)
    clock.set(None)
    seconds = (9, 10, 19, 20, 29, 30, 40)
    assert [clock.instant_of(NEW_YEAR + timedelta(seconds=second)) for second in seconds] == [
        NEW_YEAR + timedelta(seconds=9),
        ahead,
        ahead + timedelta(seconds=8.6),
        back,
        back + timedelta(seconds=8.6),
        NEW_YEAR + timedelta(seconds=30.4),
        NEW_YEAR + timedelta(seconds=40),
    ]
