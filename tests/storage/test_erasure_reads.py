"""The reads of a deletion on a real engine, page by page (R33)."""

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.limits import LimitKind
from chalicelib.domain.model.member import RelationKind
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.storage import erasure_reads
from tests.harness import World, at


def test_r33_followers_are_read_page_by_page(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    for follower in (ben, cy, dee):
        world.favorite(follower, ada)
    world.favorite(ada, ben)
    followers = {ben.member_id, cy.member_id, dee.member_id}
    for page in (1, 2, 5):
        assert set(erasure_reads.mirrored_members(world.table, ada.member_id, page)) == followers
    world.take_back(cy, RelationKind.FAVORITE, ada)
    assert cy.member_id not in set(erasure_reads.mirrored_members(world.table, ada.member_id, 1))


def test_r33_the_names_of_all_versioned_limits_are_read(world: World) -> None:
    ada = world.member("Ada")
    assert list(erasure_reads.versioned_limits(world.table, ada.member_id)) == []
    world.invite(ada)
    assert list(erasure_reads.versioned_limits(world.table, ada.member_id)) == [LimitKind.LINKS]


def test_r33_recorded_responses_are_read_page_by_page(world: World) -> None:
    ada = world.member("Ada")
    for number in range(3):
        world.reply(ada, BookingRequest(at(30 + number)), KeyedRequest(f"key {number}", "digest"))
    for page in (1, 2, None):
        assert len(set(erasure_reads.response_digests(world.table, ada.member_id, page=page))) == 3
