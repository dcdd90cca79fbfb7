"""The content of a trace, drawn from one seed. It has the settings of the members and the slots that they book."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec.structs import replace

from chalicelib.domain.model.member import Activity, Availability, Gender, PartnerGender, Profile, WorkStyle
from chalicelib.domain.model.slot import Slot

# A Monday.
FIRST_DAY = datetime(2026, 11, 30, tzinfo=UTC)

# The weights of the starts, which are minutes after midnight.
PEAKS = {9 * 60: 30, 10 * 60: 20, 14 * 60: 25, 17 * 60: 15}
QUIET_HOURS = {hour * 60: 0.3 for hour in (6, 8, 11, 12, 13, 15, 16, 19, 20, 22)}
OVER_MIDNIGHT = {23 * 60 + 30: 4}
STARTS: dict[int, float] = {**PEAKS, **QUIET_HOURS, **OVER_MIDNIGHT}
LENGTHS = {50: 80, 25: 14, 75: 6}
SATURDAY = 5
WEEKEND_WEIGHT = 0.3
LEAST_AHEAD = timedelta(minutes=20)
MOST_AHEAD = timedelta(days=7)
USUALLY_AHEAD = timedelta(hours=30)


@dataclass(frozen=True, slots=True)
class TraceOptions:
    """The size of a trace, and the seed of all its random choices."""

    members: int = 1000
    days: int = 14
    bookings: int = 8_000
    seed: int = 1


@dataclass(frozen=True, slots=True, order=True)
class PlannedBooking:
    """An instant at which a member books a slot."""

    at: datetime
    slot: Slot


def draw_bookings(options: TraceOptions, rng: Random) -> list[PlannedBooking]:
    """Return all bookings of a trace by their instants."""
    dates = [FIRST_DAY + timedelta(days=n) for n in range(options.days)]
    weights = [WEEKEND_WEIGHT if date.weekday() >= SATURDAY else 1 for date in dates]
    bookings = []
    for date in rng.choices(dates, weights, k=options.bookings):
        (minute,) = rng.choices(list(STARTS), list(STARTS.values()))
        (length,) = rng.choices(list(LENGTHS), list(LENGTHS.values()))
        slot = Slot(date + timedelta(minutes=minute), length)
        ahead = min(MOST_AHEAD, LEAST_AHEAD + USUALLY_AHEAD * rng.expovariate(1))
        bookings.append(PlannedBooking(slot.start - ahead, slot))
    return sorted(bookings)


def draw_settings(profile: Profile, rng: Random) -> Profile:
    """Draw the settings of a member. Most keep the defaults."""
    gender = rng.choice([Gender.WOMAN, Gender.WOMAN, Gender.MAN, Gender.MAN, Gender.NONBINARY, None])
    particular = gender in (Gender.WOMAN, Gender.MAN) and rng.random() < 0.08
    (availability,) = rng.choices(list(Availability), [80, 15, 5])
    (activity,) = rng.choices(list(Activity), [30, 5, 65])
    return replace(
        profile,
        gender=gender,
        partner_gender=PartnerGender.SAME if particular else PartnerGender.ANY,
        availability=availability,
        work_style=WorkStyle(activity, quiet=rng.random() < 0.2),
    )
