"""Setting and removing watches, which end with the favorite (R33, R36, R45)."""

import pytest

from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.members.export import export_account
from chalicelib.services.members.relationships import list_people
from chalicelib.services.members.watches import remove_watch, set_watch
from chalicelib.storage import watch_reads
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import World


def watched(world: World, member: Profile, favorite: Profile) -> tuple[bool, bool]:
    """Return whether each of the two copies of a watch is stored."""
    one, other = member.member_id, favorite.member_id
    return (
        watch_reads.watch(world.table, one, other) is not None,
        watch_reads.watcher(world.table, other, one) is not None,
    )


def pair(world: World) -> tuple[Profile, Profile]:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    return ada, ben


def test_r45_a_favorite_is_watched_until_the_watch_is_removed(world: World) -> None:
    ada, ben = pair(world)
    for _ in range(2):
        set_watch(world.context, ada.member_id, ben.member_id)
        assert watched(world, ada, ben) == (True, True)
    # The watch has one direction.
    assert watched(world, ben, ada) == (False, False)
    for _ in range(2):
        remove_watch(world.context, ada.member_id, ben.member_id)
        assert watched(world, ada, ben) == (False, False)


def test_r45_the_list_of_people_and_the_export_show_which_favorites_are_watched(world: World) -> None:
    ada, *others = world.members(*"ABCDE")
    world.favorite(ada, *others)
    watched_ones = [others[0], others[2]]
    for favorite in watched_ones:
        set_watch(world.context, ada.member_id, favorite.member_id)

    def shown(limit: int | None = None, after: str | None = None) -> set[str]:
        views = list_people(world.context, ada.member_id, world.now, after=after, limit=limit)
        return {view.member_id for view in views if view.watched}

    expected = {favorite.member_id for favorite in watched_ones}
    assert shown() == expected
    ids = sorted(other.member_id for other in others)
    assert shown(2) | shown(2, ids[1]) == expected
    assert shown(2) == expected & set(ids[:2])
    assert {view.member_id for view in export_account(world.context, ada).people if view.watched} == expected


def test_r45_every_member_who_is_no_favorite_gets_one_refusal(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.favorite(ben, ada)
    world.say(cy, RelationKind.BLOCK, ada)
    world.favorite(ada, dee)
    world.begin_to_leave(dee)
    for other in (ben.member_id, cy.member_id, dee.member_id, ada.member_id, "0" * 24, "no such member", ""):
        with pytest.raises(InvalidRequest) as refused:
            set_watch(world.context, ada.member_id, other)
        assert (refused.value.detail, refused.value.field) == ("userId must be one of your favorites.", "userId")
        remove_watch(world.context, ada.member_id, other)


def test_r45_a_watch_ends_with_the_favorite_and_does_not_come_back(world: World) -> None:
    ada, ben = pair(world)
    set_watch(world.context, ada.member_id, ben.member_id)
    world.take_back(ada, RelationKind.FAVORITE, ben)
    assert watched(world, ada, ben) == (False, False)
    world.favorite(ada, ben)
    assert watched(world, ada, ben) == (False, False)


def test_r45_a_favorite_that_ends_at_the_same_time_leaves_no_watch(world: World, faults: FaultProxy) -> None:
    ada, ben = pair(world)
    faults.hold_next()
    with world.context.table.parallel(1) as threads:
        setting = threads.submit(set_watch, world.context, ada.member_id, ben.member_id)
        assert faults.held.wait(60)
        # The held transaction was decided while the favorite was stored.
        world.take_back(ada, RelationKind.FAVORITE, ben)
        faults.release_held()
        with pytest.raises(InvalidRequest):
            setting.result()
    assert watched(world, ada, ben) == (False, False)


def test_r45_a_lost_response_leaves_one_watch(world: World, faults: FaultProxy) -> None:
    ada, ben = pair(world)
    faults.plan += [Fault.LOSE_RESPONSE, Fault.LOSE_RESPONSE]
    set_watch(world.context, ada.member_id, ben.member_id)
    assert watched(world, ada, ben) == (True, True)


def test_r33_a_deletion_ends_the_watches_of_the_member_and_those_by_others(world: World) -> None:
    ada, ben = pair(world)
    cy = world.member("Cy")
    for member, favorite in ((ben, ada), (cy, ada), (cy, ben)):
        world.favorite(member, favorite)
        set_watch(world.context, member.member_id, favorite.member_id)
    set_watch(world.context, ada.member_id, ben.member_id)
    world.leave(ada)
    for member, favorite in ((ada, ben), (ben, ada), (cy, ada)):
        assert watched(world, member, favorite) == (False, False)
    assert watched(world, cy, ben) == (True, True)
