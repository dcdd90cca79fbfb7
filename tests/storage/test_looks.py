"""Looks at the table: every item once, however many, and as it came."""

import pytest

from chalicelib.domain.changes import LanesOpened
from chalicelib.storage import looks
from chalicelib.storage.encoding import lanes_item
from chalicelib.storage.keys import lanes
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
