"""The hours of demand of the worst accounts, which the limits of the product permit (R36)."""

from collections import Counter

import pytest

from bench.account_sizes import DENSEST, ORDINARY, WORST, AccountSize
from bench.stored_demand import hours_of_demand
from chalicelib.domain.decisions.demand_view import MOST_JUDGED, nearest_hours
from chalicelib.domain.model.demand import KEPT_CANCELS, KEPT_IN_HOUR
from chalicelib.domain.model.limits import MemberLimits


@pytest.mark.parametrize("size", [WORST, DENSEST])
def test_r36_a_view_of_the_worst_demand_reads_all_that_its_members_may_book(size: AccountSize) -> None:
    hours = list(hours_of_demand(size))
    assert len(list(nearest_hours(hour.waiting for hour in hours))) == size.hours_of_few + 1
    read = hours[: size.hours_of_few]
    booked = Counter(one.member_id for hour in read for slot in hour.waiting.values() for one in slot)
    assert list(booked.values()) == [MemberLimits().bookings] * (MOST_JUDGED - 1)


@pytest.mark.parametrize("size", [WORST, DENSEST])
def test_r36_each_hour_of_the_worst_demand_keeps_nearly_all_cancels_that_it_can(size: AccountSize) -> None:
    members = [[one for slot in hour.waiting.values() for one in slot] for hour in hours_of_demand(size)]
    assert {len(of_hour) for of_hour in members[size.hours_of_few :]} == {KEPT_IN_HOUR}
    cancels = Counter(sum(len(one.cancelled_by) for one in of_hour) for of_hour in members)
    assert cancels[KEPT_CANCELS] >= len(members) - 1


def test_an_hour_of_the_ordinary_demand_has_one_waiting_member() -> None:
    hours = list(hours_of_demand(ORDINARY))
    assert len({hour.hour for hour in hours}) == ORDINARY.hours_of_demand
    assert {sum(map(len, hour.waiting.values())) for hour in hours} == {1}
