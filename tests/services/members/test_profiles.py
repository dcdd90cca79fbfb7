"""Profiles of members (R31, R32)."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import NotFound, Unauthenticated
from chalicelib.domain.model.member import Account, Profile
from chalicelib.services.members.delete import delete_account, erase, job_of
from chalicelib.services.members.profiles import (
    Claims,
    change_profile,
    existing_member,
    get_or_create_member,
    own_profile,
    view_member,
    view_self,
)
from chalicelib.storage import reads
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


class AskedLater(Future[Any]):
    """The result of a call that is made once its caller waits for it."""

    def __init__(self, made: Callable[[], Any]) -> None:
        super().__init__()
        self._made = made

    def result(self, timeout: float | None = None) -> Any:  # noqa: ARG002 - the interface of a future
        """Make the call and return its result."""
        return self._made()


class Delayed(Executor):
    """An executor whose calls are made after their caller's own reads and `meanwhile`."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = meanwhile

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return the result to wait for."""

        def made() -> Any:
            self._meanwhile()
            return fn(*args, **kwargs)

        return AskedLater(made)


@pytest.mark.parametrize("known", [get_or_create_member, existing_member])
def test_r33_what_was_begun_before_a_concurrent_request_opened_the_account_again_is_read_again(
    world: World, known: Callable[..., Profile]
) -> None:
    claims = claims_of(world)
    first = get_or_create_member(world.context, claims)
    tombstone = world.begin_to_leave(first)
    later = replace(claims, signed_in_at=MONDAY + timedelta(minutes=1))
    opened: list[Profile] = []
    begun: list[Account | None] = []

    parallel = world.table.parallel

    def open_again() -> None:
        world.table.parallel = parallel
        erase(world.context, job_of(tombstone, world.now))
        opened.append(get_or_create_member(world.context, later))

    def begin(member: str) -> None:
        begun.append(reads.account(world.table, member))

    world.table.parallel = lambda _number: Delayed(open_again)
    found = known(world.context, later, begin)
    assert [found] == opened
    assert begun == [tombstone, found]
    world.after(minutes=1)
    assert known(world.context, later, begin) == found
    assert begun == [tombstone, found, found]


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
    seen_by_ada = view_member(world.context, ada, ben.member_id)
    assert (seen_by_ada.profile, seen_by_ada.completed_sessions, seen_by_ada.is_favorite) == (ben, 0, True)
    assert not view_member(world.context, ben, ada.member_id).is_favorite
    assert view_self(world.context, ada).completed_sessions == 1
    world.now = at(3).end + timedelta(days=1)
    assert view_self(world.context, ada).completed_sessions == 2


@pytest.mark.parametrize("member_id", ["0" * 24, "x", ""])
def test_an_unknown_member_is_not_found(world: World, member_id: str) -> None:
    ada = world.member("Ada")
    with pytest.raises(NotFound):
        view_member(world.context, ada, member_id)
