"""Locks through an invite link, and the slots that a link shows (R26 to R28)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.invite_rules import check_invite, offered_slots
from chalicelib.domain.model.booking import Booking, State
from chalicelib.domain.model.errors import InviteUnavailable, Suspended
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import Slot
from chalicelib.domain.model.suspension import Suspension
from tests.domain.samples import CUTOFF, INSTANT, NOON, SLOT, pair, profile, waiting

LINK = InviteLink("link", "ada", "digest", NOON - timedelta(days=1))
OWNER = profile("ada")
WAITS = waiting("ada")


def later(hours: int) -> Booking:
    slot = Slot(SLOT.start + timedelta(hours=hours), 25)
    return replace(waiting("ada", slot), booking_id=f"booking {hours}")


def test_r28_an_open_link_passes_every_guest() -> None:
    assert check_invite(LINK, "ben", OWNER, NOON) == LINK


@pytest.mark.parametrize("link", [None, replace(LINK, expires_at=NOON), replace(LINK, max_uses=1, uses=1)])
@pytest.mark.parametrize(("guest_id", "owner"), [("ben", OWNER), ("ada", OWNER), ("ada", None)])
def test_r28_a_missing_or_closed_link_is_unavailable_to_guest_and_owner(
    link: InviteLink | None, guest_id: str, owner: Profile | None
) -> None:
    with pytest.raises(InviteUnavailable):
        check_invite(link, guest_id, owner, NOON)


def test_r28_an_open_link_of_a_deleted_owner_is_unavailable() -> None:
    with pytest.raises(InviteUnavailable):
        check_invite(LINK, "ben", None, NOON)


def test_r11_an_open_link_passes_its_owner_whose_own_errors_come_first() -> None:
    """The owner is looked up under a decoy id, so no profile is found."""
    assert check_invite(LINK, "ada", None, NOON) == LINK


def test_r26_a_link_shows_the_lockable_slots_that_it_offers_by_start() -> None:
    last, first = later(4), later(2)
    locked_in, _ = pair(later(3), waiting("cy"), State.LOCKED_IN)
    bookings = [last, locked_in, first, later(5).cancelled(NOON), later(14 * 24), later(-1), waiting("ben")]
    assert offered_slots(LINK, bookings, NOON, CUTOFF) == [first.slot, last.slot]
    assert offered_slots(replace(LINK, session_id=last.booking_id), bookings, NOON, CUTOFF) == [last.slot]
    matched, _ = pair(WAITS, waiting("cy"))
    assert offered_slots(LINK, [matched], SLOT.start - CUTOFF - INSTANT, CUTOFF) == [SLOT]
    assert offered_slots(LINK, [matched], SLOT.start - CUTOFF, CUTOFF) == []


def test_r47_a_link_of_a_suspended_member_is_refused_after_the_reasons_of_the_link() -> None:
    suspended = replace(OWNER, suspension=Suspension(NOON, "Rude", "sol"))
    with pytest.raises(Suspended) as refused:
        check_invite(LINK, "ben", suspended, NOON)
    assert "Rude" not in refused.value.detail
    with pytest.raises(InviteUnavailable):
        check_invite(replace(LINK, expires_at=NOON), "ben", suspended, NOON)
