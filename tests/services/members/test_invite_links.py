"""Invite links (R24 to R29)."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bench.request_units import RequestUnitLedger
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.errors import (
    InvalidRequest,
    InviteUnavailable,
    NotAvailable,
    NotFound,
    Refusal,
    TimeConflict,
    TooLate,
)
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.member import Availability, Gender, PartnerGender, Profile, RelationKind
from chalicelib.domain.model.slot import Slot
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.members.invite_links import list_invites, revoke_invite, view_invite
from chalicelib.storage.keys import VERSIONED_LIMIT
from tests.fault_proxy import Fault, FaultProxy, meanwhile
from tests.harness import MONDAY, TABLE, World, at
from tests.table_snapshot import read_whole_table

NINE = at(1)
TOMORROW = at(25)


def uses(world: World, owner: Profile) -> int:
    """Return the use count of the only link of a member."""
    (link,) = world.links(owner)
    return link.uses


def refusal(world: World, guest: Profile, token: str, **booking_request: Any) -> type[Refusal]:
    """Return the type of the refusal when the guest books at nine."""
    with pytest.raises(Refusal) as raised:
        world.accept(guest, token, NINE, **booking_request)
    return type(raised.value)


def test_r24_a_booking_by_a_link_is_locked_in(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    session = world.accept(ben, world.invite(ada), NINE)
    assert (session["state"], session["locked"], session["users"][1]["name"]) == ("locked_in", True, "Ada")
    assert world.state(ada, NINE) == ("locked_in", "Ben")
    assert uses(world, ada) == 1


def test_r26_a_random_match_of_the_owner_is_displaced_and_matched_again_with_another(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    world.book(ada, NINE)
    before = world.book(ben, NINE)
    world.accept(cy, world.invite(ada), NINE)
    displaced = world.seen(ben, NINE)
    assert (displaced["sessionId"], displaced["lastChange"]["kind"]) == (before["sessionId"], "displaced")
    world.book(dee, NINE)
    world.deliver()
    assert world.state(ada, NINE) == ("locked_in", "Cy")
    assert world.state(ben, NINE) == ("matched", "Dee")


def test_r12_the_random_partners_of_guest_and_owner_are_paired_in_the_same_write(world: World) -> None:
    ada, ben, cy, dee = world.members("Ada", "Ben", "Cy", "Dee")
    for member in (ada, ben, cy, dee):
        world.book(member, NINE)
    world.accept(cy, world.invite(ada), NINE)
    assert world.state(ben, NINE) == ("matched", "Dee")


OVERRIDDEN: dict[str, Callable[[World, Profile, Profile], Any]] = {
    "no_one": lambda world, owner, _: world.set(owner, availability=Availability.NO_ONE),
    "favorites": lambda world, owner, _: world.set(owner, availability=Availability.FAVORITES),
    "gender": lambda world, owner, _: world.set(owner, gender=Gender.WOMAN, partner_gender=PartnerGender.SAME),
    "the guest's snooze": lambda world, owner, guest: world.say(
        guest, RelationKind.SNOOZE, owner, until=MONDAY + timedelta(days=1)
    ),
}


@pytest.mark.parametrize("setting", OVERRIDDEN)
def test_r26_a_link_overrides_settings_favorites_and_the_guests_own_snooze(world: World, setting: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    OVERRIDDEN[setting](world, ada, ben)
    world.book(ada, NINE)
    world.accept(ben, world.invite(ada), NINE)
    assert world.state(ada, NINE) == ("locked_in", "Ben")


def expired(world: World, owner: Profile, _: Profile) -> str:
    token = world.invite(owner, expires_at=world.now + timedelta(seconds=1))
    world.after(seconds=1)
    return token


def used_up(world: World, owner: Profile, _: Profile) -> str:
    world.book(owner, TOMORROW)
    token = world.invite(owner, max_uses=1)
    world.accept(world.member("Eve"), token, TOMORROW)
    return token


def revoked(world: World, owner: Profile, _: Profile) -> str:
    token = world.invite(owner)
    world.revoke(owner)
    return token


def blocked_by_owner(world: World, owner: Profile, guest: Profile) -> str:
    world.say(owner, RelationKind.BLOCK, guest)
    return world.invite(owner)


def blocked_by_guest(world: World, owner: Profile, guest: Profile) -> str:
    world.say(guest, RelationKind.BLOCK, owner)
    return world.invite(owner)


def snoozed_by_owner(world: World, owner: Profile, guest: Profile) -> str:
    world.say(owner, RelationKind.SNOOZE, guest, until=MONDAY + timedelta(days=1))
    return world.invite(owner)


def owner_gone(world: World, owner: Profile, _: Profile) -> str:
    token = world.invite(owner)
    world.begin_to_leave(owner)
    return token


BAD: dict[str, Callable[[World, Profile, Profile], str]] = {
    "unknown": lambda *_: "0123456789abcdefghjkmnpqrs",
    "malformed": lambda *_: "\ud800 \N{GRINNING FACE}",
    "expired": expired,
    "used up": used_up,
    "revoked": revoked,
    "owner gone": owner_gone,
}


REFUSED: dict[str, Callable[[World, Profile, Profile], str]] = {
    "blocked by its owner": blocked_by_owner,
    "blocked by the guest": blocked_by_guest,
    "snoozed by its owner": snoozed_by_owner,
}


@pytest.mark.parametrize("reason", REFUSED)
def test_r28_a_block_or_snooze_is_refused_like_a_slot_that_was_just_taken(world: World, reason: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ada, TOMORROW)
    token = REFUSED[reason](world, ada, ben)
    locked_with_another(world, ada)
    before = read_whole_table(world.table)
    refused, taken = (attempt(world, ben, token, slot) for slot in (TOMORROW, NINE))
    assert refused == taken
    # The first three are sent in parallel. The second look reads the owner's day and the link again.
    assert (refused[0], sorted(refused[2][:3])) == (NotAvailable, [("GetItem", 1), ("GetItem", 1), ("Query", 1)])
    assert refused[2][3:] == [("BatchGetItem", 1), ("BatchGetItem", 5), ("BatchGetItem", 1), ("GetItem", 1)]
    assert read_whole_table(world.table) == before


def attempt(
    world: World, guest: Profile, token: str, slot: Slot
) -> tuple[type[Refusal], str, list[tuple[str, int]], float, float]:
    """Return the refusal of a lock by a link, its text, its requests, and its read and write units."""
    listening = RequestUnitLedger(world.table.connection.client)
    with listening as ledger, ledger.entry("guest") as entry, pytest.raises(Refusal) as raised:
        world.accept(guest, token, slot)
    shapes = [request.shape for request in ledger.requests]
    shapes[:3] = sorted(shapes[:3])
    return type(raised.value), raised.value.detail, shapes, entry.read_units, entry.write_units


@pytest.mark.parametrize("reason", REFUSED)
def test_r28_a_blocked_guests_own_reasons_come_first(world: World, reason: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = REFUSED[reason](world, ada, ben)
    world.book(ben, at(1.5))
    assert refusal(world, ben, token) is TimeConflict
    with pytest.raises(TooLate):
        world.accept(ben, token, at(-1))


def test_r36_refused_guests_of_an_open_link_do_not_count_as_failed_attempts(world: World) -> None:
    world.allow(tries=1)
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = blocked_by_owner(world, ada, ben)
    assert [refusal(world, ben, token) for _ in range(3)] == [NotAvailable] * 3


@pytest.mark.parametrize("reason", BAD)
def test_r28_every_reason_gives_one_response_after_the_same_requests_and_is_counted(world: World, reason: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = BAD[reason](world, ada, ben)
    before = read_whole_table(world.table).items()
    with RequestUnitLedger(world.table.connection.client) as ledger, pytest.raises(InviteUnavailable) as raised:
        world.accept(ben, token, NINE)
    assert (raised.value.detail, raised.value.field) == (InviteUnavailable.default_detail, None)
    shapes = [request.shape for request in ledger.requests]
    # The first three are sent in parallel.
    assert sorted(shapes[:3]) == [("GetItem", 1), ("GetItem", 1), ("Query", 1)]
    assert shapes[3:] == [("BatchGetItem", 1), ("BatchGetItem", 5), ("TransactWriteItems", 1)]
    after = read_whole_table(world.table).items()
    assert [one for one in after if not one[0].sk.startswith(VERSIONED_LIMIT)] == [
        one for one in before if not one[0].sk.startswith(VERSIONED_LIMIT)
    ]


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("reason", BAD)
def test_r28_an_unusable_link_gives_the_same_response_with_any_other_error(world: World, reason: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, at(1.5))
    token = BAD[reason](world, ada, ben)
    assert refusal(world, ben, token) is InviteUnavailable
    for slot in (at(-1), at(1.1), at(24 * 7 * 14), at(3)):
        with pytest.raises(InviteUnavailable):
            world.accept(ben, token, slot)


def test_r28_a_good_link_is_refused_for_the_guests_own_reasons_first(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    token = world.invite(ada)
    world.book(ben, at(1.5))
    assert refusal(world, ben, token) is TimeConflict
    with pytest.raises(TooLate):
        world.accept(ben, token, at(-1))
    with pytest.raises(InvalidRequest):
        world.accept(ben, token, at(1.1))
    assert uses(world, ada) == 0


def test_r16_a_guest_may_replace_own_bookings_in_the_same_write(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    own = world.book(ben, at(1.5))
    world.accept(ben, world.invite(ada), NINE, replace=True)
    assert world.session(ben, own)["state"] == "cancelled"
    assert world.state(ben, NINE) == ("locked_in", "Ada")


def test_r27_the_owners_own_link_refuses_the_owner(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    assert refusal(world, ada, world.invite(ada)) is NotAvailable


def locked_with_another(world: World, owner: Profile) -> None:
    cy = world.member("Cy")
    world.favorite(cy, owner)
    world.lock(cy, owner, NINE)


def final_match(world: World, owner: Profile) -> None:
    world.book(world.member("Cy"), NINE)
    world.now = NINE.start - world.cut_off_locks()


NOT_OFFERED: dict[str, Callable[[World, Profile], Any]] = {
    "no booking": lambda world, owner: world.cancel(owner, world.seen(owner, NINE)),
    "locked in with another": locked_with_another,
    "final": final_match,
}


@pytest.mark.parametrize("reason", NOT_OFFERED)
def test_r26_a_slot_that_a_good_link_does_not_offer_is_not_available(world: World, reason: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada)
    assert view_invite(world.context, token).slots == [NINE]
    NOT_OFFERED[reason](world, ada)
    assert view_invite(world.context, token).slots == []
    assert refusal(world, ben, token) is NotAvailable
    assert uses(world, ada) == 0


def test_r25_a_link_for_one_booking_offers_that_one_only(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    session = world.book(ada, TOMORROW)
    token = world.invite(ada, session_id=session["sessionId"])
    assert view_invite(world.context, token).slots == [TOMORROW]
    assert refusal(world, ben, token) is NotAvailable
    assert world.accept(ben, token, TOMORROW)["state"] == "locked_in"


def test_r8_a_link_offers_slots_of_the_next_two_weeks_by_start(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for slot in (TOMORROW, NINE, at(14 * 24), at(14 * 24 + 2)):
        world.book(ada, slot)
    token = world.invite(ada)
    assert view_invite(world.context, token).slots == [NINE, TOMORROW, at(14 * 24)]
    with pytest.raises(NotAvailable):
        world.accept(ben, token, at(14 * 24 + 2))
    world.after(hours=1)
    assert view_invite(world.context, token).slots == [TOMORROW, at(14 * 24)]


@pytest.mark.parametrize(("seconds", "guests"), [(0, 1), (0, 2), (60, 0)])
def test_r25_expiry_and_number_of_uses_both_limit_a_link(world: World, seconds: int, guests: int) -> None:
    """Two guests may use the link within a minute. Later uses are refused."""
    ada, ben = world.members("Ada", "Ben")
    for hour in (2, 4, 6):
        world.book(ada, at(hour))
    token = world.invite(ada, expires_at=world.now + timedelta(minutes=1), max_uses=2)
    for n in range(guests):
        world.accept(world.member(f"Guest {n}"), token, at(2 + 2 * n))
    world.after(seconds=seconds)
    if seconds or guests == 2:
        for call in (lambda: world.accept(ben, token, at(6)), lambda: view_invite(world.context, token)):
            with pytest.raises(InviteUnavailable):
                call()
    else:
        world.accept(ben, token, at(6))
    assert uses(world, ada) == (guests if seconds or guests == 2 else guests + 1)


def test_r25_a_link_is_listed_with_its_limits_until_it_is_revoked(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)
    until = world.now + timedelta(hours=1, microseconds=5)
    world.invite(ada, session_id=session["sessionId"], expires_at=until, max_uses=3)
    (link,) = world.links(ada)
    assert (link.session_id, link.expires_at, link.max_uses, link.uses, link.made_at) == (
        session["sessionId"],
        until.replace(microsecond=0),
        3,
        0,
        world.now,
    )
    with pytest.raises(NotFound):
        revoke_invite(world.context, ben.member_id, link.link_id)
    assert world.links(ada) == [link]
    for _ in range(2):
        revoke_invite(world.context, ada.member_id, link.link_id)
    assert world.links(ada) == []


def test_links_are_listed_in_pages(world: World) -> None:
    ada = world.member("Ada")
    for _ in range(5):
        world.invite(ada)
    whole = world.links(ada)
    first = list_invites(world.context, ada.member_id, after=None, limit=2)
    rest = list_invites(world.context, ada.member_id, after=first.more_after, limit=None)
    assert (first.items, rest.items) == (whole[:2], whole[2:])
    assert (rest.more_after, list_invites(world.context, ada.member_id, after=None, limit=5).more_after) == (
        None,
        None,
    )


def test_a_link_that_is_revoked_while_it_is_listed_hides_no_other(world: World, faults: FaultProxy) -> None:
    ada = world.member("Ada")
    for _ in range(4):
        world.invite(ada)
    whole = world.links(ada)
    found: list[Any] = []
    faults.hold_next("BatchGetItem", number=1)
    reading = threading.Thread(
        target=lambda: found.append(list_invites(world.context, ada.member_id, after=None, limit=2))
    )
    reading.start()
    assert faults.held.wait(60)
    revoke_invite(world.context, ada.member_id, whole[1].link_id)
    faults.release_held()
    reading.join()
    assert (found[0].items, found[0].more_after) == (whole[:1], whole[1].link_id)


def test_r11_the_owners_own_errors_come_before_the_refusal_of_the_own_link(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    token = world.invite(ada)
    past, odd = at(-1), Slot(NINE.start + timedelta(minutes=1), 50)
    for slot, refusal in ((past, TooLate), (odd, InvalidRequest), (NINE, NotAvailable)):
        with pytest.raises(refusal):
            world.accept(ada, token, slot)


def test_r25_a_link_is_for_an_own_session_ahead(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    session = world.book(ada, NINE)["sessionId"]
    with pytest.raises(NotFound):
        world.invite(ben, session_id=session)
    with pytest.raises(NotFound):
        world.invite(ben, session_id="nothing")
    with pytest.raises(InvalidRequest) as raised:
        world.invite(ada, expires_at=world.now)
    assert raised.value.field == "expiresAt"
    world.after(hours=1)
    with pytest.raises(TooLate):
        world.invite(ada, session_id=session)
    later = world.book(ada, TOMORROW)
    world.cancel(ada, later)
    with pytest.raises(TooLate):
        world.invite(ada, session_id=later["sessionId"])
    assert world.links(ada) == []


def test_r29_a_guest_already_locked_in_with_the_owner_spends_no_use(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada, max_uses=2)
    booking_request = BookingRequest(NINE, invite=token_digest(token))
    assert [world.reply(ben, booking_request).status for _ in range(3)] == [201, 200, 200]
    assert uses(world, ada) == 1


def test_r29_a_replayed_idempotency_key_spends_no_use(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada, max_uses=1)
    booking_request, keyed = BookingRequest(NINE, invite=token_digest(token)), KeyedRequest("key", "digest")
    first = world.reply(ben, booking_request, keyed)
    world.cancel(ben, world.seen(ben, NINE))
    assert (first.status, world.reply(ben, booking_request, keyed)) == (201, first)
    assert uses(world, ada) == 1


def outcome_with(world: World, faults: FaultProxy, guest: Profile, token: str, other: Callable[[], Any]) -> Any:
    """Return the state or refusal of a guest when `other` runs between the reads and the write."""
    return meanwhile(faults, lambda: world.accept(guest, token, NINE)["state"], other)


def test_r29_a_last_use_spent_on_another_day_during_the_request_is_refused(world: World, faults: FaultProxy) -> None:
    """The two locks share no day, so only the condition on the link can conflict."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for slot in (NINE, TOMORROW):
        world.book(ada, slot)
    token = world.invite(ada, max_uses=1)
    answer = outcome_with(world, faults, ben, token, lambda: world.accept(cy, token, TOMORROW))
    assert answer is InviteUnavailable
    assert (world.state(ada, NINE), world.state(ben, NINE)) == (("waiting", None), ("none", None))
    assert uses(world, ada) == 1


def test_r28_a_link_used_up_between_two_reads_is_unavailable(world: World) -> None:
    """Another guest uses the link up between the guest's reads of the link and of the owner's day."""
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ada, NINE)
    token = world.invite(ada, max_uses=1)
    events, event = world.table.connection.client.meta.events, "before-call.dynamodb.BatchGetItem"

    def use_up(**_: Any) -> None:
        events.unregister(event, use_up)
        world.accept(cy, token, NINE)

    events.register(event, use_up)
    assert refusal(world, ben, token) is InviteUnavailable
    assert world.state(ada, NINE) == ("locked_in", "Cy")


def test_two_concurrent_equal_requests_by_a_link_with_one_use_get_the_same_response(world: World) -> None:
    """The second request reads no recorded response, and then reads the link after its only use."""
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada, max_uses=1)
    booking_request, keyed = BookingRequest(NINE, invite=token_digest(token)), KeyedRequest("key", "digest")
    events, event = world.table.connection.client.meta.events, "before-call.dynamodb.GetItem"
    answers, reads = [], iter(range(9))

    def run_the_first(**_: Any) -> None:
        # The second request gets the recorded response, the failed uses, and then the link.
        if next(reads) == 2:
            events.unregister(event, run_the_first)
            answers.append(world.reply(ben, booking_request, keyed))

    events.register(event, run_the_first)
    answers.append(world.reply(ben, booking_request, keyed))
    assert answers[0] == answers[1]
    assert (answers[0].status, world.state(ben, NINE), uses(world, ada)) == (201, ("locked_in", "Ada"), 1)


def test_r29_two_concurrent_uses_of_a_link_are_both_counted(world: World, faults: FaultProxy) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    for slot in (NINE, TOMORROW):
        world.book(ada, slot)
    token = world.invite(ada, max_uses=5)
    assert outcome_with(world, faults, ben, token, lambda: world.accept(cy, token, TOMORROW)) == "locked_in"
    assert uses(world, ada) == 2


def test_r25_a_link_revoked_during_the_request_locks_no_member_and_stays_revoked(
    world: World, faults: FaultProxy
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada)
    assert outcome_with(world, faults, ben, token, lambda: world.revoke(ada)) is InviteUnavailable
    assert world.state(ada, NINE) == ("waiting", None)
    assert world.links(ada) == []


def test_r1_a_block_during_the_request_refuses_the_link(world: World, faults: FaultProxy) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada)
    assert outcome_with(world, faults, ben, token, lambda: world.say(ada, RelationKind.BLOCK, ben)) is NotAvailable
    assert (world.state(ada, NINE), uses(world, ada)) == (("waiting", None), 0)


@pytest.mark.parametrize("lost", [1, 4])
def test_r29_a_use_with_lost_responses_is_spent_once_and_reported_as_created(
    world: World, faults: FaultProxy, lost: int
) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada, max_uses=1)
    faults.plan += [Fault.LOSE_RESPONSE] * lost
    assert world.reply(ben, BookingRequest(NINE, invite=token_digest(token))).status == 201
    assert (world.state(ada, NINE), uses(world, ada)) == (("locked_in", "Ben"), 1)


@pytest.mark.parametrize("lost", [1, 4])
def test_r25_a_link_with_lost_responses_is_made_once(world: World, faults: FaultProxy, lost: int) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    faults.plan += [Fault.LOSE_RESPONSE] * lost
    world.accept(ben, world.invite(ada), NINE)
    assert uses(world, ada) == 1


def test_r25_the_token_is_nowhere_in_the_table_and_in_no_log_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.book(ada, NINE)
    with caplog.at_level(logging.DEBUG):
        token = world.invite(ada, max_uses=1)
        view_invite(world.context, token)
        world.reply(ben, BookingRequest(NINE, invite=token_digest(token)), KeyedRequest("key", "digest"))
        assert refusal(world, cy, token) is InviteUnavailable
    stored = json.dumps(world.table.connection.client.scan(TableName=TABLE)["Items"], default=str)
    assert token_digest(token) in stored
    assert token not in stored
    assert caplog.records
    assert token not in caplog.text
    assert len(token) >= 26


def shown(world: World, token: str, guest: Profile) -> list[Slot] | None:
    """Return the slots of the guest's own sessions on the page of a link, None if the link is unavailable."""
    try:
        view = view_invite(world.context, token, guest)
    except InviteUnavailable:
        return None
    assert view.host.name == "Ada"
    return [session.booking.slot for session in view.sessions or []]


def test_r28_a_guest_sees_the_own_sessions_with_the_owner_until_they_end(world: World) -> None:
    ada, ben, cy, eve = world.members("Ada", "Ben", "Cy", "Eve")
    for slot in (NINE, TOMORROW, at(3)):
        world.book(ada, slot)
    world.book(cy, at(5))
    world.accept(ben, world.invite(cy), at(5))
    token = world.invite(ada, max_uses=3)
    assert (shown(world, token, ben), shown(world, token, ada)) == ([], [])
    cancelled = world.accept(ben, token, at(3))
    world.accept(ben, token, TOMORROW)
    world.accept(ben, token, NINE)
    assert shown(world, token, ben) == [NINE, at(3), TOMORROW]
    world.cancel(ben, cancelled)
    assert shown(world, token, ben) == [NINE, TOMORROW]
    # The link is used up, so only the guest can still see it.
    assert [shown(world, token, other) for other in (ada, cy, eve)] == [None, None, None]
    assert view_invite(world.context, token, ben).slots == []
    with pytest.raises(InviteUnavailable):
        view_invite(world.context, token)
    world.now = NINE.end - timedelta(seconds=1)
    assert shown(world, token, ben) == [NINE, TOMORROW]
    world.now = NINE.end
    assert shown(world, token, ben) == [TOMORROW]
    world.now = TOMORROW.end
    assert shown(world, token, ben) is None


def test_r28_a_random_match_with_the_owner_is_not_shown(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, NINE)
    assert world.state(ben, NINE) == ("matched", "Ada")
    assert shown(world, world.invite(ada), ben) == []


def test_r28_a_session_that_reaches_over_midnight_is_shown_until_it_ends(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    late = at(15.5, minutes=75)
    assert late.start.date() < late.end.date()
    world.book(ada, late)
    token = world.invite(ada, max_uses=1)
    world.accept(ben, token, late)
    world.now = late.end - timedelta(seconds=1)
    assert shown(world, token, ben) == [late]


def test_r28_a_guest_who_uses_the_link_up_while_it_is_read_sees_the_session(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    token = world.invite(ada, max_uses=1)
    events, first = world.table.connection.client.meta.events, iter([True])

    def use(**_call: Any) -> None:
        """Use the link up just before it is read."""
        if next(first, False):
            world.accept(ben, token, NINE)

    events.register("before-call.dynamodb.GetItem", use)
    try:
        assert shown(world, token, ben) == [NINE]
    finally:
        events.unregister("before-call.dynamodb.GetItem", use)


def unknown(_world: World, _owner: Profile, _guest: Profile) -> str:
    return "unknown"


def malformed(_world: World, _owner: Profile, _guest: Profile) -> str:
    return "\0 \U0001f600" * 100


def owner_is_leaving(world: World, owner: Profile, _guest: Profile) -> str:
    token = world.invite(owner)
    world.begin_to_leave(owner)
    return token


@pytest.mark.parametrize("is_guest", [False, True])
def test_r28_the_view_of_every_unavailable_link_makes_the_same_requests(world: World, *, is_guest: bool) -> None:
    found = []
    for reason in (unknown, malformed, expired, used_up, revoked, owner_is_leaving):
        world.clear()
        world.now = MONDAY
        ada, ben = world.members("Ada", "Ben")
        token = reason(world, ada, ben)
        with (
            RequestUnitLedger(world.table.connection.client) as ledger,
            ledger.entry("view") as entry,
            pytest.raises(InviteUnavailable),
        ):
            view_invite(world.context, token, ben if is_guest else None)
        # In any order, since some are in parallel.
        found.append(sorted((request.shape, request.read_units) for request in entry.requests))
    assert found == [found[0]] * len(found)
