"""The shape of a week, by which the simulation of a large community spreads starts and visits over five time zones.

The numbers are assumptions. Members work together, so most sessions start in the hours of work, fewer at the weekend.
Calendars offer full hours first, so seven of ten sessions start there and most others at half hours. Members visit the
calendar in the same hours in which they meet. The five time zones overlap for a few hours, which makes the peak.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bench.plan import FIRST_DAY, SATURDAY

# The share of the members in each zone. Full hours in Kolkata are half hours in UTC.
ZONES = {
    "America/Los_Angeles": 0.15,
    "America/New_York": 0.30,
    "Europe/London": 0.20,
    "Europe/Berlin": 0.25,
    "Asia/Kolkata": 0.10,
}
# The weight of each local hour from midnight on a weekday.
HOURS = (0.2, 0.2, 0.2, 0.2, 0.2, 0.5, 2, 4, 8, 12, 11, 9, 6, 8, 9, 8, 7, 5, 3, 3, 3, 2, 1, 0.5)
WEEKEND_WEIGHT = 0.45
# The weight of each quarter hour of an hour.
MINUTES = {0: 0.70, 15: 0.05, 30: 0.20, 45: 0.05}
WEEK = timedelta(days=7)


def starts_of_week() -> Mapping[datetime, float]:
    """Return the share of a week's sessions that start at each instant."""
    weights: Counter[datetime] = Counter()
    for hour, weight in visits_of_week().items():
        for minute, share in MINUTES.items():
            weights[_in_week(hour + timedelta(minutes=minute))] += weight * share
    return weights


def visits_of_week() -> Mapping[datetime, float]:
    """Return the share of a week's visits in each hour of a zone, which begins at a full or half hour in UTC."""
    weights: Counter[datetime] = Counter()
    for zone, members in ZONES.items():
        for day in range(7):
            weekday = WEEKEND_WEIGHT if day >= SATURDAY else 1
            for hour, weight in enumerate(HOURS):
                local = (FIRST_DAY + timedelta(days=day, hours=hour)).replace(tzinfo=ZoneInfo(zone))
                weights[_in_week(local.astimezone(FIRST_DAY.tzinfo))] += members * weekday * weight
    whole = sum(weights.values())
    return {hour: weight / whole for hour, weight in sorted(weights.items())}


def busiest_visits() -> tuple[datetime, float]:
    """Return the half hour with the most visits, and their share of a week's visits in each second."""
    rates: Counter[datetime] = Counter()
    for hour, weight in visits_of_week().items():
        for half in (timedelta(0), timedelta(minutes=30)):
            rates[_in_week(hour + half)] += weight / timedelta(hours=1).total_seconds()
    return max(rates.items(), key=lambda one: one[1])


def busiest_start() -> tuple[datetime, float]:
    """Return the instant at which the most sessions start, and their share of a week's sessions."""
    return max(starts_of_week().items(), key=lambda one: one[1])


def _in_week(instant: datetime) -> datetime:
    """Return the instant of the first week at the same time and weekday."""
    return FIRST_DAY + (instant - FIRST_DAY) % WEEK
