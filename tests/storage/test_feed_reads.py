"""Tests of the reads of calendar feeds."""

from chalicelib.services.notices.calendar_feeds import make_feed, revoke_feed
from chalicelib.storage import feed_reads
from tests.harness import World


def test_r44_a_feed_is_found_by_its_digest_and_by_its_owner(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    feeds = sorted((make_feed(world.context, ada.member_id).feed for _ in range(3)), key=lambda feed: feed.feed_id)
    make_feed(world.context, ben.member_id)
    found = feed_reads.feeds_of(world.table, ada.member_id)
    assert [(feed.feed_id, feed.digest) for feed in found] == [(feed.feed_id, feed.digest) for feed in feeds]
    assert feed_reads.feeds_of(world.table, ada.member_id, after=feeds[0].feed_id, limit=1) == found[1:2]
    address = feed_reads.address(world.table, feeds[1].digest)
    assert address is not None
    assert feed_reads.feed(world.table, address.member_id, address.feed_id) == found[1]


def test_r44_a_revoked_feed_leaves_nothing(world: World) -> None:
    ada = world.member("Ada")
    feed = make_feed(world.context, ada.member_id).feed
    revoke_feed(world.context, ada.member_id, feed.feed_id)
    assert feed_reads.feed(world.table, ada.member_id, feed.feed_id) is None
    assert feed_reads.address(world.table, feed.digest) is None
