"""The reads of a view of many members (R11)."""

from chalicelib.domain.model.member import NO_RELATION
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.storage.availability_reads import members_seen
from tests.harness import World, at

NINE = at(1)
FIRST = NINE.date


def test_profiles_relations_and_days_of_many_members_are_read_together(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ada, NINE)
    world.begin_to_leave(cy)
    world.favorite(ada, ben)
    dates = FIRST, FIRST
    found = members_seen(world.table, ben.member_id, dict.fromkeys((ada.member_id, cy.member_id), dates))
    assert found.pop(cy.member_id).profile is None
    assert found == {ada.member_id: (ada, world.says(ada, ben), [world.day(ada, NINE)])}
    elsewhere = {ada.member_id: (FIRST - ONE_DAY, FIRST - ONE_DAY)}
    assert members_seen(world.table, cy.member_id, elsewhere) == {ada.member_id: (ada, NO_RELATION, [])}
