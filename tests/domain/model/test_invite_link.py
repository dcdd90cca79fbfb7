"""Invite links and their validity."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.invite_link import InviteLink
from tests.domain.samples import INSTANT, NOON, waiting

LINK = InviteLink("link", "ada", "digest", NOON - timedelta(days=1))
WAITS = waiting("ada")


@pytest.mark.parametrize(
    ("link", "is_open"),
    [
        (LINK, True),
        (replace(LINK, uses=9), True),
        (replace(LINK, expires_at=NOON + INSTANT), True),
        (replace(LINK, expires_at=NOON), False),
        (replace(LINK, max_uses=2, uses=1), True),
        (replace(LINK, max_uses=2, uses=2), False),
        (replace(LINK, expires_at=NOON, max_uses=2, uses=1), False),
        (replace(LINK, expires_at=NOON + INSTANT, max_uses=2, uses=2), False),
    ],
)
def test_r25_a_link_is_open_before_its_expiry_and_its_last_use(link: InviteLink, is_open: bool) -> None:
    assert link.is_open(NOON) is is_open


def test_r25_a_link_offers_all_bookings_of_its_owner_or_the_one_that_it_names() -> None:
    other = replace(WAITS, booking_id="another booking")
    for_one = replace(LINK, session_id=WAITS.booking_id)
    assert [LINK.offers(booking) for booking in (WAITS, other, waiting("ben"))] == [True, True, False]
    assert [for_one.offers(booking) for booking in (WAITS, other)] == [True, False]
    assert not for_one.offers(replace(WAITS, member_id="ben"))


def test_r29_a_use_is_counted_by_one() -> None:
    assert replace(LINK, max_uses=3).used() == replace(LINK, max_uses=3, uses=1)
