"""Each read returns what its access pattern names, in the order and the range that it promises."""

from datetime import timedelta

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.booking import State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import NO_RELATION, PairRelations, Profile, RelationKind
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.storage import erasure_reads, keys, reads
from tests.harness import World, at

NINE, TOMORROW, LATER = at(1), at(25), at(73)
FIRST, LAST = NINE.date, TOMORROW.date


def ids(*members: Profile) -> list[str]:
    return [member.member_id for member in members]


def test_an_account_is_a_profile_or_a_tombstone_or_none(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    tombstone = world.begin_to_leave(ben)
    assert reads.account(world.table, ada.member_id) == reads.profile(world.table, ada.member_id) == ada
    assert reads.account(world.table, ben.member_id) == tombstone
    assert reads.profile(world.table, ben.member_id) is None
    assert reads.account(world.table, "missing") is None
    assert list(reads.profiles(world.table, [*ids(ada, ben), "missing"])) == [ada]


def test_a_day_without_an_item_is_empty_and_has_version_0(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    wanted = [(ada.member_id, FIRST), (ada.member_id, LAST)]
    found = reads.days(world.table, wanted)
    assert {day.key for day in found} == set(wanted)
    assert found[wanted[0]].version > 0
    assert found[wanted[1]] == Day(*wanted[1])


def test_days_between_two_dates_are_read_in_either_order(world: World) -> None:
    ada = world.member("Ada")
    for slot in (NINE, TOMORROW, LATER):
        world.book(ada, slot)
    found = reads.days_between(world.table, ada.member_id, FIRST, LAST)
    assert [day.date for day in found] == [FIRST, LAST]
    newest_first = reads.days_between(world.table, ada.member_id, FIRST, LATER.date, newest_first=True)
    assert [day.date for day in newest_first] == [LATER.date, LAST, FIRST]
    whole = reads.days_of(world.table, ada.member_id, FIRST - timedelta(days=1), LAST)
    assert [(day.date, day.version > 0) for day in whole] == [
        (FIRST - timedelta(days=1), False),
        (FIRST, True),
        (LAST, True),
    ]


def test_r36_days_and_the_limit_of_bookings_are_read_in_one_query(world: World) -> None:
    ada = world.member("Ada")
    for slot in (NINE, LATER):
        world.book(ada, slot)
    found = reads.days_and_limit(world.table, ada.member_id, FIRST, LAST)
    assert {day.date: day.version > 0 for day in found.days} == {FIRST: True, LAST: False, LATER.date: True}
    assert not found.has_limit
    world.allow(bookings=3)
    world.book(ada, TOMORROW)
    assert reads.days_and_limit(world.table, ada.member_id, FIRST, LAST).has_limit


def test_r36_a_versioned_limit_without_an_item_is_the_unused_one(world: World) -> None:
    ada = world.member("Ada")
    unused = versioned_limit_of(ada.member_id, LimitKind.LINKS)
    assert reads.versioned_limit(world.table, unused) == unused
    world.invite(ada)
    assert reads.versioned_limit(world.table, unused) == unused.passed()


def test_relations_are_read_in_both_directions(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben)
    world.say(cy, RelationKind.BLOCK, ada)
    favorite, block = world.says(ada, ben), world.says(cy, ada)
    assert (favorite.favorite, block.blocked, reads.relation(world.table, *ids(ben, ada))) == (True, True, NO_RELATION)
    assert reads.pairs_relations(world.table, [(ada.member_id, ben.member_id), (ada.member_id, cy.member_id)]) == [
        PairRelations(ada, ben, favorite, NO_RELATION),
        PairRelations(ada, cy, NO_RELATION, block),
    ]
    assert reads.pair_relations(world.table, ben.member_id, "missing") == PairRelations(ben, None)
    shown = reads.profiles_and_relations(world.table, ada.member_id, ids(ben, cy))
    assert shown == {ben.member_id: (ben, favorite), cy.member_id: (cy, NO_RELATION)}
    assert reads.relations_to(world.table, ada.member_id, ids(ben, cy)) == {
        ben.member_id: NO_RELATION,
        cy.member_id: block,
    }
    known, _ = reads.members_with_relations(world.table, [ada.member_id, "missing", cy.member_id])
    assert known.profile == ada
    assert known.outgoing == {ben.member_id: favorite}


def test_r32_favorites_are_read_without_other_relations_and_followers(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.favorite(ada, ben, cy)
    world.favorite(ben, ada)
    world.take_back(ada, RelationKind.FAVORITE, cy)
    world.say(ada, RelationKind.BLOCK, cy)
    assert reads.favorites_of(world.table, ada.member_id) == {ben.member_id: world.says(ada, ben)}


def test_relations_are_read_by_id_after_the_given_one(world: World) -> None:
    ada, *others = world.members("Ada", "Ben", "Cy", "Dee")
    world.favorite(ada, *others)
    ordered = sorted(ids(*others))
    assert [other for other, _ in reads.relations(world.table, ada.member_id)] == ordered
    assert [other for other, _ in reads.relations(world.table, ada.member_id, after=ordered[0])] == ordered[1:]


def test_a_recorded_response_is_read_by_its_idempotency_key(world: World) -> None:
    ada = world.member("Ada")
    world.reply(ada, BookingRequest(NINE), KeyedRequest("key", "digest"))
    found = reads.recorded_response(world.table, ada.member_id, "key")
    assert found is not None
    assert (found.key, found.request_digest, found.booking.state) == ("key", "digest", State.WAITING)
    assert reads.recorded_response(world.table, ada.member_id, "another") is None
    assert list(reads.answered_bookings(world.table, ada.member_id)) == [found.booking]
    (digest,) = erasure_reads.response_digests(world.table, ada.member_id)
    assert keys.recorded_response_of(ada.member_id, digest) == keys.recorded_response(ada.member_id, "key")


def test_r25_invite_links_are_listed_by_id_page_by_page(world: World) -> None:
    ada = world.member("Ada")
    tokens = [world.invite(ada) for _ in range(3)]
    listed = reads.invites_of(world.table, ada.member_id)
    assert [link_id for link_id, _ in listed] == sorted(link_id for link_id, _ in listed)
    assert {link.digest for _, link in listed if link} == set(map(token_digest, tokens))
    page = reads.invites_of(world.table, ada.member_id, limit=2)
    assert page == listed[:2]
    assert reads.invites_of(world.table, ada.member_id, after=page[-1][0], limit=2) == listed[2:]
    link_id, link = listed[0]
    assert link is not None
    assert reads.invite_digest(world.table, ada.member_id, link_id) == link.digest
    assert reads.invite(world.table, link.digest) == link
    world.revoke(ada)
    assert reads.invites_of(world.table, ada.member_id) == []
    assert reads.invite_digest(world.table, ada.member_id, link_id) is None
    assert reads.invite(world.table, link.digest) is None


def test_r35_api_keys_are_listed_by_id_page_by_page(world: World) -> None:
    ada = world.member("Ada")
    for _ in range(3):
        world.api_key(ada, Scope.READ)
    listed = reads.api_keys_of(world.table, ada.member_id)
    assert [key.key_id for _, key in listed if key] == sorted(key_id for key_id, _ in listed)
    page = reads.api_keys_of(world.table, ada.member_id, limit=1)
    assert page == listed[:1]
    assert reads.api_keys_of(world.table, ada.member_id, after=page[-1][0]) == listed[1:]
    key_id, key = listed[0]
    assert key is not None
    assert reads.api_key_digest(world.table, ada.member_id, key_id) == key.digest
    assert reads.api_key(world.table, key.digest) == key
    assert reads.api_key(world.table, "missing") is None
    assert reads.api_key_digest(world.table, ada.member_id, "missing") is None


def test_r36_the_entries_of_a_list_are_counted_without_reading_the_items(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.invite(ben)
    for _ in range(3):
        world.invite(ada)
    world.api_key(ada, Scope.READ)
    assert reads.number_listed(world.table, ada.member_id, keys.LINK) == 3
    assert reads.number_listed(world.table, ada.member_id, keys.KEY) == 1
