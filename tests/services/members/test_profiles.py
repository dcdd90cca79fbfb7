"""Profiles of members (R31, R32)."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import NotFound, Unauthenticated
from chalicelib.domain.model.member import Profile
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import (
    Claims,
    change_profile,
    existing_member,
    get_or_create_member,
    own_profile,
    view_member,
    view_self,
)
from tests.fault_proxy import FaultProxy
from tests.harness import MONDAY, World, at

PICTURE = "https://pictures.example/eve"
NINE = at(1)


def claims_of(world: World) -> Claims:
    """Return the claims of a token of a new bearer."""
    return Claims(world.settings.issuer, f"Eve {world.ids.random()}", "Eve", PICTURE, "Europe/Vienna", MONDAY)


def test_r31_the_first_call_creates_the_profile_from_the_claims(world: World) -> None:
    claims = claims_of(world)
    profile = get_or_create_member(world.context, claims)
    assert (profile.name, profile.photo_url, profile.time_zone) == ("Eve", PICTURE, "Europe/Vienna")
    assert (profile.member_since, profile.deleted_at) == (MONDAY, None)
    world.after(days=1)
    assert get_or_create_member(world.context, replace(claims, name="Another name")) == profile


def test_r31_a_token_that_may_create_no_account_finds_only_an_existing_one(world: World) -> None:
    claims = claims_of(world)
    world.records()
    with pytest.raises(Unauthenticated):
        existing_member(world.context, claims)
    assert world.records() == []
    profile = get_or_create_member(world.context, claims)
    assert existing_member(world.context, claims) == profile


def test_r33_a_token_that_may_create_no_account_restores_none(world: World) -> None:
    claims = claims_of(world)
    profile = get_or_create_member(world.context, claims)
    delete_account(world.context, profile.member_id, deleted_at=MONDAY)
    later = replace(claims, signed_in_at=MONDAY + timedelta(minutes=1))
    for refused in (claims, later):
        with pytest.raises(Unauthenticated):
            existing_member(world.context, refused)
    again = get_or_create_member(world.context, later)
    assert existing_member(world.context, later) == again
    with pytest.raises(Unauthenticated):
        existing_member(world.context, claims)


def test_r31_two_concurrent_first_calls_create_one_profile(world: World, faults: FaultProxy) -> None:
    claims = claims_of(world)
    found: list[Profile] = []
    faults.hold_next()
    thread = threading.Thread(target=lambda: found.append(get_or_create_member(world.context, claims)))
    thread.start()
    assert faults.held.wait(60)
    other = get_or_create_member(world.context, claims)
    faults.release_held()
    thread.join()
    assert found == [other]


def test_r32_a_change_is_stored_and_an_equal_profile_writes_nothing(world: World) -> None:
    ada = world.member("Ada")
    after = change_profile(world.context, ada.member_id, lambda profile: replace(profile, name="Ada L."))
    assert (after.name, own_profile(world.context, ada.member_id)) == ("Ada L.", after)
    world.records()
    assert change_profile(world.context, ada.member_id, lambda profile: replace(profile, name="Ada L.")) == after
    assert world.records() == []


@pytest.mark.parametrize(
    "call",
    [
        lambda world, ada: own_profile(world.context, ada.member_id),
        lambda world, ada: change_profile(world.context, ada.member_id, lambda profile: profile),
    ],
)
def test_r33_a_deleted_account_has_no_profile(world: World, call: Callable[[World, Profile], object]) -> None:
    ada = world.member("Ada")
    world.leave(ada)
    with pytest.raises(Unauthenticated):
        call(world, ada)


def test_r31_a_member_is_shown_with_completed_sessions_and_the_callers_favorite(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    for slot in (NINE, at(3)):
        world.book(ada, slot)
        world.book(ben, slot)
    world.now = NINE.end
    seen_by_ada = view_member(world.context, ada.member_id, ben.member_id)
    assert (seen_by_ada.profile, seen_by_ada.completed_sessions, seen_by_ada.is_favorite) == (ben, 0, True)
    assert not view_member(world.context, ben.member_id, ada.member_id).is_favorite
    assert view_self(world.context, ada).completed_sessions == 1
    world.now = at(3).end + timedelta(days=1)
    assert view_self(world.context, ada).completed_sessions == 2


@pytest.mark.parametrize("member_id", ["0" * 24, "x", ""])
def test_an_unknown_member_is_not_found(world: World, member_id: str) -> None:
    ada = world.member("Ada")
    with pytest.raises(NotFound):
        view_member(world.context, ada.member_id, member_id)
