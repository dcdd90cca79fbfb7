"""The stored hours of demand around an account (R46)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bench.account_sizes import ORDINARY, START, AccountSize
from chalicelib.domain.decisions.demand_view import MOST_JUDGED
from chalicelib.domain.model.demand import KEPT_IN_HOUR, HourOfDemand, WaitingMember
from chalicelib.domain.model.ids import encode
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.slot import slots_between


def hours_of_demand(size: AccountSize) -> Iterator[HourOfDemand]:
    """Yield the demand of each hour from the first one on."""
    return (_hour_of_demand(size, START + timedelta(hours=n)) for n in range(size.hours_of_demand))


def _hour_of_demand(size: AccountSize, hour: datetime) -> HourOfDemand:
    """Return the demand of an hour, with one waiting member or, for the worst account, as many as the view can read.

    A view reads no further than to `MOST_JUDGED` members. One fewer fill the first hours, until they have no booking
    left (R36). The hours of the last week are full of others.
    """
    slots = list(slots_between(hour - timedelta(minutes=1), hour + timedelta(minutes=59)))
    known = HourOfDemand(hour=hour, version=1)
    number = (hour - START) // timedelta(hours=1)
    if size.hours_of_demand <= ORDINARY.hours_of_demand:
        return known.counting({slots[0]: (WaitingMember(encode(f"wait{number:011}".encode(), 24)),)})
    few, last_week = MOST_JUDGED - 1, number >= size.hours_of_demand - 7 * 24
    if number >= few * MemberLimits().bookings // KEPT_IN_HOUR and not last_week:
        return known
    found = range(number * KEPT_IN_HOUR, (number + 1) * KEPT_IN_HOUR)
    names = (f"late{n:011}" if last_week else f"wait{n % few:011}" for n in found)
    waiting = [WaitingMember(encode(name.encode(), 24)) for name in names]
    a_slot = KEPT_IN_HOUR // len(slots)
    return known.counting({slot: tuple(waiting[n * a_slot : (n + 1) * a_slot]) for n, slot in enumerate(slots)})
