"""Looks at the table: every item once, however many, and as it came."""

import pytest

from chalicelib.domain.changes import Chore, ChoreKind, LanesOpened
from chalicelib.storage import looks
from chalicelib.storage.encoding import chore_item, lanes_item
from chalicelib.storage.keys import Key, chore, lanes
from tests.snapshot import look_at_everything
from tests.tampering import put
from tests.world import World, at

SLOT = at(1)


@pytest.mark.parametrize("read", [looks.at, looks.at_one_instant])
def test_as_many_items_are_read_as_are_asked_for(world: World, read: type) -> None:
    """More than one request takes; of what is not there nothing comes."""
    put(world.table, *(lanes_item(LanesOpened(SLOT, 1, 4), lane).serialize() for lane in range(150)))
    there = look_at_everything(world.table)
    assert len(there) == 150
    assert read(world.table, {*there, lanes(SLOT, 150)}) == there
    assert read(world.table, set()) == {}
    world.clear()


def test_chores_are_read_to_the_last(world: World) -> None:
    """Here each is a third of what one request reads."""
    put(world.table, *(chore_item(Chore(f"{n}", ChoreKind.PARTING, "a" * 350_000, "b")).serialize() for n in range(12)))
    world.member("Ada")
    assert set(looks.work_left(world.table)) == {chore(f"{n}") for n in range(12)}


def test_a_page_begins_behind_the_one_before(world: World) -> None:
    world.members("Ada", "Ben", "Cy")
    seen: list[Key] = []
    for segment in range(looks.SEGMENTS):
        after = None
        while True:
            page, after = looks.page(world.table, 1, segment, after)
            assert len(page) <= 1
            seen += page
            if after is None:
                break
    assert len(seen) == 3
    assert set(seen) == set(look_at_everything(world.table))
