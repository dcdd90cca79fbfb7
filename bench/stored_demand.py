"""The stored hours of demand around an account (R46)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from bench.account_sizes import START, AccountSize
from chalicelib.domain.decisions.demand_view import MOST_JUDGED
from chalicelib.domain.model.day import KEPT_CANCELLED_BY, id_prefix
from chalicelib.domain.model.demand import KEPT_IN_HOUR, HourOfDemand, WaitingMember
from chalicelib.domain.model.ids import encode
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.slot import slots_between

# One member fewer than those at which a view reads no further hour.
FEW = MOST_JUDGED - 1
# The members for each of the 12 slots of an hour: one with five cancels costs as much as five with one each.
AT_LEAST = 12
# As many cancels as a member can have. An hour keeps its share of them.
CANCELLED_BY = tuple(id_prefix(encode(f"{n:08}".encode(), 24)) for n in range(KEPT_CANCELLED_BY))


def hours_of_demand(size: AccountSize) -> Iterator[HourOfDemand]:
    """Yield the demand of each hour from the first one on, in an ordinary account with one waiting member each.

    For a worst account the same few members wait in the first hours, as often as their limit of bookings permits
    (R36). Different members fill each later hour.
    """
    bookings = FEW * MemberLimits().bookings
    for number in range(size.hours_of_demand):
        if number < size.hours_of_few:
            later = AT_LEAST * (size.hours_of_few - number - 1)
            of_hour = min(KEPT_IN_HOUR, bookings - later)
            bookings -= of_hour
            yield _hour(number, (f"wait{(bookings + n) % FEW:011}" for n in range(of_hour)), CANCELLED_BY)
        elif size.hours_of_few:
            first = number * KEPT_IN_HOUR
            yield _hour(number, (f"late{n:011}" for n in range(first, first + KEPT_IN_HOUR)), CANCELLED_BY)
        else:
            yield _hour(number, [f"wait{number:011}"], ())


def _hour(number: int, names: Iterable[str], cancelled_by: tuple[str, ...]) -> HourOfDemand:
    """Return the demand of an hour, with its members in all slots in turn."""
    hour = START + timedelta(hours=number)
    slots = list(slots_between(hour - timedelta(minutes=1), hour + timedelta(minutes=59)))
    members = [WaitingMember(encode(name.encode(), 24), cancelled_by) for name in names]
    waiting = {slot: tuple(members[n :: len(slots)]) for n, slot in enumerate(slots)}
    return HourOfDemand(hour=hour, version=1).counting(waiting)
