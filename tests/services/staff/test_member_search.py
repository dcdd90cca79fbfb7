"""The search of members by staff (R47)."""

from chalicelib.domain.model.member import Account, Tombstone
from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.metrics import collect_metrics
from chalicelib.services.staff import member_search
from chalicelib.services.staff.member_search import SEARCH_UNITS, search_members
from chalicelib.services.staff.staff_log import list_acts
from tests.harness import World, at
from tests.staff_acts import SOL


def search(world: World, query: str, limit: int | None = None) -> list[Account]:
    """Return all pages of a search."""
    found: list[Account] = []
    page = search_members(world.context, SOL, query, after=None, limit=limit)
    while True:
        found += page.items
        if page.more_after is None:
            return found
        page = search_members(world.context, SOL, query, after=page.more_after, limit=limit)


def test_r47_a_name_is_found_by_a_part_in_any_case_and_a_deleted_member_by_the_id_only(world: World) -> None:
    ada, adam, ben = world.members("Ada", "ADAM Straße", "Ben")
    world.book(ben, at(1))
    world.book(ada, at(1))
    assert {one.member_id for one in search(world, "ada")} == {ada.member_id, adam.member_id}
    assert search(world, "STRASSE") == [adam]
    assert search(world, ben.member_id) == [ben]
    world.leave(ben)
    assert search(world, "Ben") == []
    (gone,) = search(world, ben.member_id)
    assert isinstance(gone, Tombstone)
    assert search(world, "1" * 24) == []


def test_r47_pages_have_each_member_once(world: World) -> None:
    members = world.members(*(f"Ada {number}" for number in range(7)))
    found = search(world, "ada", limit=2)
    assert sorted(one.member_id for one in found) == sorted(one.member_id for one in members)


def test_r47_the_line_of_a_search_names_a_member_and_no_text(world: World) -> None:
    ada = world.member("Ada")
    search(world, "a private name")
    world.after(seconds=1)
    search(world, ada.member_id)
    lines = list_acts(world.context, after=None, limit=None).items
    assert [(line.act, line.user_id, line.reason) for line in lines] == [
        (StaffAct.MEMBERS_SEARCHED, ada.member_id, None),
        (StaffAct.MEMBERS_SEARCHED, None, None),
    ]


def test_r36_a_search_ends_at_its_units_and_goes_on_with_the_next_page(world: World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    world.members(*(f"Ada {number}" for number in range(5)))
    monkeypatch.setattr(member_search.staff_reads, "SCANNED_ITEMS", 2)
    monkeypatch.setattr(member_search, "SEARCH_UNITS", 0.5)
    with collect_metrics() as metrics:
        page = search_members(world.context, SOL, "ada", after=None, limit=None)
    assert page.more_after is not None
    assert len(page.items) < 5
    assert metrics.units < SEARCH_UNITS
    assert len(search(world, "ada")) == 5
