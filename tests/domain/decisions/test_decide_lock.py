"""The decision of a lock, as truth tables (R1, R3, R5 to R8, R11 to R16, R18, R22, R24 to R29, R33, R36).

Each row names a fact that differs from a lock that is possible. The comment behind it is the wrong implementation that
only this row catches.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_facts import BookingFacts, ExistingFacts, SecondLook
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.decide_lock import decide_lock
from chalicelib.domain.decisions.write_set import Decision, InviteUse, RecordedRefusal, RecordedResponse
from chalicelib.domain.model.booking import ChangeKind, State
from chalicelib.domain.model.errors import (
    Busy,
    InvalidRequest,
    InviteUnavailable,
    NotAvailable,
    RateLimited,
    Refusal,
    TimeConflict,
    TooLate,
)
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, VersionedLimit
from chalicelib.domain.model.member import Availability, Gender, PairRelations, PartnerGender, Relation
from chalicelib.domain.model.slot import Slot
from tests.domain.decisions.booking_cases import (
    ADA,
    BEN,
    BLOCK,
    CY,
    DEE,
    FAVORITE,
    LIMITS,
    NINE,
    NOW,
    OPERATION,
    TODAY,
    after,
    at,
    lock_facts,
    locked_in,
    member,
    paired,
    shown,
    snoozed,
    terms,
    waiting,
)
from tests.domain.samples import FINAL, INSTANT

LOCKED = "locked"
LINK = InviteLink("link", BEN.member_id, "digest", NOW)
TRIES = VersionedLimit(ADA.member_id, "tries", 3)
BEFORE_FINAL = NINE.start - FINAL - INSTANT
AT_FINAL = NINE.start - FINAL
LAST_MOMENT = NINE.start - INSTANT
SAME = {"gender": Gender.WOMAN, "partner_gender": PartnerGender.SAME}


def outcome(facts: BookingFacts, **changes: Any) -> Any:
    """Return LOCKED, "kept", the class of the refusal, or StaleRead."""
    try:
        decision = decide_lock(facts, terms(**changes))
    except (Refusal, StaleRead) as raised:
        return type(raised)
    if isinstance(decision, RecordedRefusal):
        return type(decision.refusal)
    return LOCKED if decision.answer.new else "kept"


def decided(facts: BookingFacts, **changes: Any) -> Decision[Any]:
    """Return the decision of a lock that is not refused."""
    decision = decide_lock(facts, terms(**changes))
    assert isinstance(decision, Decision)
    return decision


PERMISSION = {
    "nothing differs": ({}, LOCKED),  # refuses always
    "R5 everyone": ({"target": member("Ben", availability=Availability.EVERYONE)}, LOCKED),
    "R5 no_one": ({"target": member("Ben", availability=Availability.NO_ONE)}, NotAvailable),  # ignores the setting
    "R5 no_one, though the booker is a favorite": (  # `no_one` read as `favorites`
        {"target": member("Ben", availability=Availability.NO_ONE), "incoming": FAVORITE},
        NotAvailable,
    ),
    "R5 favorites, the booker is none": (  # asks the booker's favorites instead of the target's
        {"target": member("Ben", availability=Availability.FAVORITES)},
        NotAvailable,
    ),
    "R5 favorites, the booker is one": (
        {"target": member("Ben", availability=Availability.FAVORITES), "incoming": FAVORITE},
        LOCKED,
    ),
    "R6 the target blocks": ({"incoming": BLOCK}, NotAvailable),  # only the booker's relation counts
    "R6 the booker blocks": ({"outgoing": replace(BLOCK, favorite=True)}, NotAvailable),  # only the target's counts
    "R6 the target snoozes": ({"incoming": snoozed()}, NotAvailable),  # only blocks count
    "R6 the booker snoozes": ({"outgoing": snoozed()}, NotAvailable),  # only the target's snooze counts
    "R6 a snooze ends a moment later": ({"outgoing": snoozed(1e-6)}, NotAvailable),  # compares whole seconds
    "R6 a snooze ends now": ({"outgoing": snoozed(0)}, LOCKED),  # `<=` instead of `<`
    "R6 the target wants the same gender, the booker gives none": (  # a missing gender matches
        {"target": member("Ben", **SAME)},
        NotAvailable,
    ),
    "R6 the target wants the same gender, the booker has it": (
        {"target": member("Ben", **SAME), "booker": member("Ada", gender=Gender.WOMAN)},
        LOCKED,
    ),
    "R6 the target wants the same gender of a favorite": (  # being a favorite outranks gender for `everyone` too
        {"target": member("Ben", **SAME), "incoming": FAVORITE},
        NotAvailable,
    ),
    "R6 `favorites` outranks gender": (  # gender first
        {"target": member("Ben", availability=Availability.FAVORITES, **SAME), "incoming": FAVORITE},
        LOCKED,
    ),
    "R6 the booker wants the same gender": (
        {"booker": member("Ada", **SAME)},
        LOCKED,
    ),  # may_be_random_pair instead of may_lock
    "R7 the target is no favorite": ({"outgoing": Relation(), "incoming": FAVORITE}, NotAvailable),  # either way counts
    "R8 the target has no booking": ({"theirs": None}, NotAvailable),  # books alone and waits
    "R8 the target's booking is longer": (  # compares starts only
        {"theirs": waiting(BEN, at(1, minutes=75))},
        NotAvailable,
    ),
    "R15 the target is locked in": ({"theirs": locked_in(BEN, CY)}, NotAvailable),  # displaces a locked-in pair
    "R33 the target's account is deleted": ({"target": None}, NotAvailable),  # assumes a profile
    "R11 the target is the booker": ({"target": ADA}, NotAvailable),  # a pair of one (R3)
}


@pytest.mark.parametrize(("facts", "expected"), PERMISSION.values(), ids=PERMISSION)
def test_r5_to_r8_and_r15_decide_who_may_lock_what(facts: dict[str, Any], expected: Any) -> None:
    assert outcome(lock_facts(**facts)) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [(timedelta(days=14), LOCKED), (timedelta(days=14, minutes=15), NotAvailable)],  # dates instead of 24-hour days
)
def test_r8_a_booking_can_be_locked_14_days_ahead(start: timedelta, expected: Any) -> None:
    slot = Slot(NOW + start, 50)
    assert outcome(lock_facts(slot=slot, theirs=waiting(BEN, slot))) == expected


FINALITY = {
    "a random match, just before it is final": ({"theirs": paired(BEN, CY)}, BEFORE_FINAL, LOCKED),  # `>` for `>=`
    "a random match, from then on": ({"theirs": paired(BEN, CY)}, AT_FINAL, NotAvailable),  # the setting is ignored
    "a waiting booking, in the last moment": ({}, LAST_MOMENT, LOCKED),  # everything becomes final
    "the booker's own random match": ({"own": [paired(ADA, CY)]}, AT_FINAL, NotAvailable),  # only the target's counts
    "the own match, just before": ({"own": [paired(ADA, CY)], "others": [paired(CY, ADA)]}, BEFORE_FINAL, LOCKED),
    "the slot has started": ({}, NINE.start, TooLate),  # NotAvailable, for a reason of the booker's
}


@pytest.mark.parametrize(("facts", "now", "expected"), FINALITY.values(), ids=FINALITY)
def test_r22_a_final_match_is_left_by_neither(facts: dict[str, Any], now: Any, expected: Any) -> None:
    if facts.get("theirs"):
        facts = {**facts, "others": [paired(CY, BEN)]}
    assert outcome(lock_facts(**facts), now=now) == expected


def test_r22_with_the_setting_at_zero_no_match_is_final_before_the_start() -> None:
    facts = lock_facts(theirs=paired(BEN, CY), others=[paired(CY, BEN)])
    assert outcome(facts, now=LAST_MOMENT, final=timedelta(0)) == LOCKED


def test_r3_and_r12_a_lock_makes_a_mutual_pair_and_takes_the_target_from_the_queue() -> None:
    changes = decided(lock_facts()).changes
    assert shown(changes, ADA) == ("locked_in", BEN.member_id, "new pair")
    assert shown(changes, BEN) == ("locked_in", ADA.member_id, "new pair")
    assert after(changes, BEN) == replace(
        waiting(BEN), state=State.LOCKED_IN, queue_position=None, partner=after(changes, BEN).partner,  # type: ignore[union-attr]
        last_change=after(changes, BEN).last_change,  # type: ignore[union-attr]
    )  # fmt: skip
    # The booker asked for the lock, which counts if it is cancelled (R36); the target did not.
    assert [after(changes, one).lock_requested for one in (ADA, BEN)] == [True, False]  # type: ignore[union-attr]
    assert decided(lock_facts()).answer.partner == BEN
    assert decided(lock_facts()).answer.is_favorite


CY_AND_DEE = PairRelations(CY, DEE)
DISPLACED = {
    "the target's partner waits": (  # leaves half a pair
        {"theirs": paired(BEN, CY), "others": [paired(CY, BEN)]},
        {CY: ("waiting", None, None)},
    ),
    "the booker's partner waits": (  # displaces the target's partner only
        {"own": [paired(ADA, CY)], "others": [paired(CY, ADA)]},
        {CY: ("waiting", None, None)},
    ),
    "both are paired with each other": (  # lets them wait for the stream
        {"own": [paired(ADA, CY, pair_id="one")], "theirs": paired(BEN, DEE), "displaced": CY_AND_DEE,
         "others": [paired(CY, ADA, pair_id="one"), paired(DEE, BEN)]},
        {CY: ("matched", DEE.member_id, "other pair"), DEE: ("matched", CY.member_id, "other pair")},
    ),
    "both wait, since one snoozes the other": (  # pairs them unasked
        {"own": [paired(ADA, CY, pair_id="one")], "theirs": paired(BEN, DEE),
         "displaced": replace(CY_AND_DEE, incoming=snoozed()),
         "others": [paired(CY, ADA, pair_id="one"), paired(DEE, BEN)]},
        {CY: ("waiting", None, None), DEE: ("waiting", None, None)},
    ),
    "both wait, since one cancelled on the other (R18)": (  # may_be_random_pair instead of may_pair
        {"own": [paired(ADA, CY, pair_id="one")], "theirs": paired(BEN, DEE), "displaced": CY_AND_DEE,
         "others": [paired(CY, ADA, pair_id="one"), paired(DEE, BEN)],
         "cancelled_by": {NINE: frozenset([CY.member_id])}},
        {CY: ("waiting", None, None), DEE: ("waiting", None, None)},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), DISPLACED.values(), ids=DISPLACED)
def test_r12_and_r13_random_partners_of_both_are_displaced(facts: dict[str, Any], expected: dict[Any, Any]) -> None:
    changes = decided(lock_facts(**facts)).changes
    assert shown(changes, ADA) == ("locked_in", BEN.member_id, "new pair")
    for partner, state in expected.items():
        assert shown(changes, partner) == state
        booking = after(changes, partner)
        assert booking is not None
        assert booking.last_change is not None
        assert booking.last_change.kind is ChangeKind.DISPLACED
        if booking.queue_position:
            assert booking.queue_position.displaced
            assert booking.queue_position.since == NOW


def test_r12_a_matched_pair_turns_locked_in_and_keeps_its_room() -> None:
    changes = decided(lock_facts(own=[paired(ADA, BEN)], theirs=paired(BEN, ADA))).changes
    assert shown(changes, ADA) == ("locked_in", BEN.member_id, "pair")
    assert len(changes.days) == 2


STALE = {
    "the target's day shows a pair that the own day does not": {"theirs": paired(BEN, ADA)},  # a second room
    "the days show different pairs": {"own": [paired(ADA, BEN, pair_id="old")], "theirs": paired(BEN, ADA)},
    "the days show different states": {"own": [paired(ADA, BEN)], "theirs": locked_in(BEN, ADA)},
    "the target's booking is new on the second look": {  # refuses for relations that came later
        "incoming": snoozed(), "second_look": SecondLook(paired(BEN, ADA)),
    },
    "the target's booking is gone on the second look": {"incoming": snoozed(), "second_look": SecondLook(None)},
    "the target's partner names no member": {"theirs": paired(BEN, CY), "others": [waiting(CY)]},  # half a pair
}  # fmt: skip


@pytest.mark.parametrize("facts", STALE.values(), ids=STALE)
def test_r14_contradictory_reads_are_read_again(facts: dict[str, Any]) -> None:
    assert outcome(lock_facts(**facts)) is StaleRead


@pytest.mark.parametrize(
    ("own", "request_changes", "new", "title"),
    [
        (locked_in(ADA, BEN), {}, False, None),  # TimeConflict with the own lock
        (locked_in(ADA, BEN), {"title": "Together"}, False, "Together"),  # drops the title of the second lock
    ],
)
def test_r14_two_members_who_lock_each_other_both_succeed(
    own: Any, request_changes: dict[str, Any], new: bool, title: str | None
) -> None:
    facts = lock_facts(own=[own], theirs=locked_in(BEN, ADA), **request_changes)
    facts = replace(facts, target=None, second_look=None, existing_facts=ExistingFacts(facts.target.days, BEN))  # type: ignore[union-attr]
    decision = decided(facts)
    assert (decision.answer.new, decision.answer.booking.title) == (new, title)
    assert bool(decision.changes.days) is (title is not None)
    assert decision.answer.partner == BEN


EARLIER = paired(ADA, CY, at(1.5))
CONFLICTS = {
    "an overlapping booking": ({"own": [waiting(ADA, at(1.5))]}, TimeConflict),  # compares starts
    "a footprint that only touches": ({"own": [waiting(ADA, at(2))]}, LOCKED),  # `<=` instead of `<`
    "an overlapping booking, replaced": ({"own": [waiting(ADA, at(1.5))], "replace": True}, LOCKED),
    "locked in there, replaced": ({"own": [locked_in(ADA, CY, at(1.5))], "replace": True}, TimeConflict),  # cancels it
    "locked in with a third in this slot": ({"own": [locked_in(ADA, CY)], "replace": True}, TimeConflict),
    "reached by the day before": (  # only the day's own bookings count (R3)
        {"today": {"overnight_until": NINE.start + timedelta(minutes=15)}}, TimeConflict,
    ),
    "reached by the day before, exactly": ({"today": {"overnight_until": NINE.start}}, LOCKED),
    "reached by a booking that the day before does not show": (
        {"today": {"overnight_until": NINE.start + timedelta(minutes=15)}, "replace": True}, StaleRead,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), CONFLICTS.values(), ids=CONFLICTS)
def test_r3_and_r16_overlapping_bookings_conflict_unless_they_are_replaced(
    facts: dict[str, Any], expected: Any
) -> None:
    assert outcome(lock_facts(**facts)) == expected


def test_r16_a_booking_that_has_started_is_not_replaced() -> None:
    slot = at(0.25, minutes=25)
    facts = lock_facts(own=[waiting(ADA, at(0))], slot=slot, theirs=waiting(BEN, slot), replace=True)
    assert outcome(facts, now=NOW - timedelta(microseconds=1)) == LOCKED
    assert outcome(facts) is TimeConflict


def test_r16_the_replaced_booking_is_cancelled_in_the_same_write_and_its_partner_waits() -> None:
    facts = lock_facts(own=[EARLIER], others=[paired(CY, ADA, at(1.5))], replace=True)
    changes = decided(facts).changes
    assert shown(changes, ADA, at(1.5)) == ("none", None, None)
    assert shown(changes, CY, at(1.5)) == ("waiting", None, None)
    assert shown(changes, ADA) == ("locked_in", BEN.member_id, "new pair")


def test_r16_a_lock_reuses_the_bookers_booking_of_the_slot() -> None:
    own = waiting(ADA, title="Thesis")
    reused = decided(lock_facts(own=[own])).answer.booking
    assert (reused.booking_id, reused.title) == (own.booking_id, "Thesis")
    made = decided(lock_facts()).answer.booking
    assert made.booking_id != own.booking_id


# Reasons in the order in which they are given. Every earlier one hides every later one.
ORDER: list[tuple[type[Refusal], Callable[[dict[str, Any]], Any]]] = [
    (RateLimited, lambda case: case.update(booker_facts={"failed_links": replace(TRIES, version=LIMITS.tries)})),
    (InviteUnavailable, lambda case: case.update(link=replace(LINK, expires_at=NOW))),
    (InvalidRequest, lambda case: case.update(slot=Slot(NINE.start + timedelta(minutes=1), 50))),
    (TimeConflict, lambda case: case.update(own=[waiting(ADA, at(1.5))])),
    (
        RateLimited,
        lambda case: case.update(today={"cancelled_locks": {BEN.member_id[:8]: 5}, "cancelled_locks_on": TODAY}),
    ),
    (NotAvailable, lambda case: case.update(theirs=None)),
]


@pytest.mark.parametrize(("first", "second"), list(combinations(range(len(ORDER)), 2)))
def test_r11_and_r28_of_two_reasons_the_first_is_given(first: int, second: int) -> None:
    for numbers in ((first,), (second,), (first, second)):
        case: dict[str, Any] = {"link": LINK, "booker_facts": {"failed_links": TRIES}}
        for number in numbers:
            ORDER[number][1](case)
        today = case.pop("today", {})
        assert outcome(lock_facts(**case, today=today)) is ORDER[numbers[0]][0]


def test_r11_own_reasons_are_given_without_any_fact_of_the_target() -> None:
    facts = replace(lock_facts(own=[waiting(ADA, at(1.5))]), target=None, second_look=None)
    assert outcome(facts) is TimeConflict


def test_r11_every_refusal_of_the_target_is_the_same() -> None:
    details = set()
    for facts, expected in PERMISSION.values():
        if expected is NotAvailable:
            with pytest.raises(NotAvailable) as refusal:
                decide_lock(lock_facts(**facts), terms())
            details.add((refusal.value.detail, refusal.value.field, refusal.value.retry_after))
    assert len(details) == 1


CONSENT = {
    "the link": ({}, LOCKED),
    "R26 outranks no_one": ({"target": member("Ben", availability=Availability.NO_ONE)}, LOCKED),
    "R26 outranks favorites and gender": ({"target": member("Ben", **SAME), "outgoing": Relation()}, LOCKED),
    "R26 the guest's own snooze does not count": ({"outgoing": snoozed()}, LOCKED),  # may_lock's snooze
    "R28 not above the owner's snooze": ({"incoming": snoozed()}, NotAvailable),  # an answer of its own
    "R28 not above the owner's block": ({"incoming": BLOCK}, NotAvailable),
    "R28 not above the guest's block": ({"outgoing": BLOCK}, NotAvailable),
    "R28 a closed link of a blocker": ({"incoming": BLOCK, "link": replace(LINK, expires_at=NOW)}, InviteUnavailable),
    "R28 a time conflict at a blocker's": ({"incoming": BLOCK, "own": [waiting(ADA, at(1.5))]}, TimeConflict),
    "R26 the owner is locked in": ({"theirs": locked_in(BEN, CY)}, NotAvailable),  # offers a locked-in booking
    "R25 another booking of the owner": ({"link": replace(LINK, session_id="another")}, NotAvailable),
    "R25 this booking of the owner": ({"link": replace(LINK, session_id=waiting(BEN).booking_id)}, LOCKED),
    "R28 expires now": ({"link": replace(LINK, expires_at=NOW)}, InviteUnavailable),  # `>` instead of `>=`
    "R28 expires later": ({"link": replace(LINK, expires_at=NOW + timedelta(microseconds=1))}, LOCKED),
    "R28 used up": ({"link": replace(LINK, max_uses=2, uses=2)}, InviteUnavailable),
    "R28 one use left": ({"link": replace(LINK, max_uses=2, uses=1)}, LOCKED),  # off by one
    "R28 used up, though not expired": (  # only one limit holds
        {"link": replace(LINK, max_uses=1, uses=1, expires_at=NOW + timedelta(days=1))}, InviteUnavailable,
    ),
    "R28 the owner's account is deleted": ({"target": None}, InviteUnavailable),
    "R27 the guest's own link": ({"link": replace(LINK, owner_id=ADA.member_id), "target": None}, NotAvailable),
    "R28 used up on the second look": (  # the use that locked the owner in was the last
        {
            "theirs": locked_in(BEN, CY),
            "second_look": SecondLook(locked_in(BEN, CY), replace(LINK, max_uses=1, uses=1)),
        },
        InviteUnavailable,
    ),
    "R28 revoked on the second look": (
        {"theirs": locked_in(BEN, CY), "second_look": SecondLook(locked_in(BEN, CY), None)}, InviteUnavailable,
    ),
    "R26 the owner is matched at random": ({"theirs": paired(BEN, CY)}, LOCKED),  # offers waiting bookings only
}  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), CONSENT.values(), ids=CONSENT)
def test_r24_to_r28_a_link_is_its_owners_consent(facts: dict[str, Any], expected: Any) -> None:
    case = {"link": LINK, "booker_facts": {"failed_links": TRIES}, "others": [paired(CY, BEN)], **facts}
    assert outcome(lock_facts(**case)) == expected


def test_r22_a_link_does_not_outrank_a_final_match() -> None:
    facts = lock_facts(link=LINK, theirs=paired(BEN, CY), others=[paired(CY, BEN)])
    assert outcome(facts, now=BEFORE_FINAL) == LOCKED
    assert outcome(facts, now=AT_FINAL) is NotAvailable


def test_r28_an_unknown_link_cannot_be_used() -> None:
    facts = lock_facts(invite="digest", target=None, theirs=None, booker_facts={"failed_links": TRIES})
    decision = decide_lock(facts, terms())
    assert isinstance(decision, RecordedRefusal)
    assert isinstance(decision.refusal, InviteUnavailable)


def test_r29_a_use_is_counted_in_the_write_that_locks_and_nowhere_else() -> None:
    changes = decided(lock_facts(link=LINK, booker_facts={"failed_links": TRIES})).changes
    assert changes.invite == InviteUse(LINK, replace(LINK, uses=1))
    # A link that books is no failed attempt (R36).
    assert changes.versioned_limit is None
    assert decided(lock_facts()).changes.invite is None
    kept = lock_facts(link=LINK, own=[locked_in(ADA, BEN)], theirs=locked_in(BEN, ADA))
    assert (outcome(kept), decided(kept).changes.invite, decided(kept).answer.partner) == ("kept", None, BEN)


def test_r36_a_link_that_cannot_be_used_counts_as_a_failed_attempt_and_changes_nothing_else() -> None:
    facts = lock_facts(link=replace(LINK, expires_at=NOW), booker_facts={"failed_links": TRIES})
    decision = decide_lock(facts, terms())
    assert isinstance(decision, RecordedRefusal)
    assert decision.changes.versioned_limit == TRIES
    assert not decision.changes.days


LIMIT_ROWS = {
    "one below the number of bookings": ({"own": [waiting(ADA, at(5))]}, {"bookings": 2}, LOCKED),
    "at the number of bookings": ({"own": [waiting(ADA, at(5)), waiting(ADA, at(24))]}, {"bookings": 2}, RateLimited),
    "at it, with one replaced": (  # counts the booking that goes
        {"own": [waiting(ADA, at(1.5)), waiting(ADA, at(24))], "replace": True}, {"bookings": 2}, LOCKED,
    ),
    "at it, with the own booking reused": (  # counts a booking that is there already
        {"own": [waiting(ADA), waiting(ADA, at(24))]}, {"bookings": 2}, LOCKED,
    ),
    "4 cancelled locks of the target": (
        {"today": {"cancelled_locks": {BEN.member_id[:8]: 4}, "cancelled_locks_on": TODAY}}, {}, LOCKED,
    ),
    "5 cancelled locks of another": (  # counts across targets
        {"today": {"cancelled_locks": {CY.member_id[:8]: 5}, "cancelled_locks_on": TODAY}}, {}, LOCKED,
    ),
    "5 cancelled locks of the target, yesterday": (
        {"today": {"cancelled_locks": {BEN.member_id[:8]: 5}, "cancelled_locks_on": TODAY - timedelta(days=1)}},
        {}, LOCKED,
    ),
    "50 cancelled locks in all": (
        {"today": {"cancelled_locks": {CY.member_id[:8]: 50}, "cancelled_locks_on": TODAY}}, {}, RateLimited,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "limits", "expected"), LIMIT_ROWS.values(), ids=LIMIT_ROWS)
def test_r36_limits_hold_for_the_booker(facts: dict[str, Any], limits: dict[str, int], expected: Any) -> None:
    assert outcome(lock_facts(**facts), limits=replace(LIMITS, **limits)) == expected


def test_r36_near_the_limit_a_lock_increments_the_versioned_limit() -> None:
    limit = VersionedLimit(ADA.member_id, LimitKind.BOOKINGS, 4)
    assert decided(lock_facts(booker_facts={"limit": limit})).changes.versioned_limit == limit


def test_an_earlier_attempt_that_committed_is_found_again_also_if_its_booking_was_cancelled_since() -> None:
    for made in (locked_in(ADA, BEN), replace(waiting(ADA), state=State.CANCELLED, queue_position=None)):
        facts = lock_facts(own=[made], today=None, theirs=None)
        day = replace(facts.booker.days[ADA.member_id, TODAY], operations=(OPERATION,))
        booker = replace(facts.booker, days=type(facts.booker.days)([day]))
        facts = replace(facts, booker=booker, target=None, second_look=None, existing_facts=ExistingFacts(partner=BEN))
        assert decided(facts).answer.booking == made
        assert outcome(facts) == LOCKED
        assert not decided(facts).changes.days


def test_an_earlier_attempt_whose_booking_is_dropped_is_busy() -> None:
    facts = replace(lock_facts(today={"operations": (OPERATION,)}), target=None)
    assert outcome(facts) is Busy


@pytest.mark.parametrize("facts", [{"theirs": None}, {"own": [waiting(ADA, at(1.5))]}])
def test_a_refusal_is_not_given_if_the_same_request_got_a_response_meanwhile(facts: dict[str, Any]) -> None:
    response = RecordedResponse("key", "digest", waiting(ADA), True, False, NOW, NOW + timedelta(days=1))
    case = replace(lock_facts(**facts), key="key")
    assert outcome(replace(case, second_look=replace(case.second_look, recorded=response))) is StaleRead
    assert outcome(case) in (NotAvailable, TimeConflict)
