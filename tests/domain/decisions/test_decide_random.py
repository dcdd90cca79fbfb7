"""The decision of a booking for a random partner, as truth tables (R3, R6, R10, R11, R16, R18, R20, R30, R33, R36).

Each row names a fact. The comment behind it is the wrong implementation that only this row catches.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations, permutations
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_facts import BookingFacts, ExistingFacts, SecondLook
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.decide_random import decide_random
from chalicelib.domain.decisions.queue_view import QueueView
from chalicelib.domain.decisions.write_set import Decision, QueueShardsOpened, RecordedResponse
from chalicelib.domain.model.booking import ChangeKind, PartnerPreference, State
from chalicelib.domain.model.day import id_prefix
from chalicelib.domain.model.errors import (
    Busy,
    InvalidRequest,
    RateLimited,
    Refusal,
    TimeConflict,
    TooLate,
    Unauthenticated,
)
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.limits import LimitKind, VersionedLimit
from chalicelib.domain.model.member import Activity, Gender, PartnerGender, Relation, WorkStyle
from chalicelib.domain.model.slot import HORIZON, Slot
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
    Fit,
    after,
    at,
    locked_in,
    member,
    paired,
    queue_position,
    random_facts,
    shown,
    snoozed,
    terms,
    waiting,
)

QUIET = WorkStyle(Activity.DESK, quiet=True)


def decided(facts: BookingFacts, rng: Random | None = None, **changes: Any) -> Decision[Any]:
    """Return the decision of a booking that is not refused."""
    return decide_random(facts, terms(**changes), rng or Random(1))


def outcome(facts: BookingFacts, **changes: Any) -> Any:
    """Return the partner's name, "waits", "kept", the class of the refusal, or StaleRead."""
    try:
        answer = decided(facts, **changes).answer
    except (Refusal, StaleRead) as raised:
        return type(raised)
    if not answer.new:
        return "kept"
    return answer.partner.name if answer.partner else "waits"


def test_r3_a_match_is_mutual_and_takes_the_candidate_from_the_queue() -> None:
    decision = decided(random_facts(Fit(BEN), title="Thesis"))
    assert shown(decision.changes, ADA) == ("matched", BEN.member_id, "new pair")
    assert shown(decision.changes, BEN) == ("matched", ADA.member_id, "new pair")
    booking = after(decision.changes, BEN)
    assert booking is not None
    assert booking.queue_position is None
    assert booking.last_change is not None
    assert (booking.last_change.kind, booking.last_change.at) == (ChangeKind.MATCHED, NOW)
    assert (decision.answer.new, decision.answer.partner, decision.answer.booking.title) == (True, BEN, "Thesis")


def test_r20_without_a_candidate_the_booking_waits_behind_all_others() -> None:
    changes = decided(random_facts(queue=QueueView(3, 4))).changes
    booking = after(changes, ADA)
    assert booking is not None
    assert (booking.state, booking.queue_position) == (State.WAITING, queue_position(NOW))
    # The booking waits in the queue shard that was read.
    assert booking.queue_shard == 3


def test_r34_the_booking_takes_the_requested_work_style_else_the_members() -> None:
    styled = member("Ada", work_style=QUIET)
    for request, expected in (({}, QUIET), ({"activity": Activity.MOVING}, WorkStyle(Activity.MOVING, quiet=True))):
        assert decided(random_facts(booker=styled, **request)).answer.booking.work_style == expected


FITTING: dict[str, tuple[Fit, Any]] = {
    "nothing differs": (Fit(BEN), "Ben"),
    "R6 Ada blocks": (Fit(BEN, outgoing=BLOCK), "waits"),  # only the candidate's relation counts
    "R6 the candidate blocks": (Fit(BEN, incoming=BLOCK), "waits"),  # only the booker's relation counts
    "R6 Ada snoozes": (Fit(BEN, outgoing=snoozed()), "waits"),
    "R6 the candidate snoozes": (Fit(BEN, incoming=snoozed()), "waits"),
    "R6 a snooze ends now": (Fit(BEN, incoming=snoozed(0)), "Ben"),  # `<=` instead of `<`
    "R6 the candidate wants the same gender": (  # honours the booker's preference only
        Fit(member("Ben", gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)),
        "waits",
    ),
    "R18 the candidate cancelled on Ada": (  # reads the candidate's day only: see the next test
        Fit(BEN, cancelled_by=((NINE, CY.member_id[:8]),)),
        "Ben",
    ),
    "R18 Ada cancelled on the candidate": (  # pairs the two again
        Fit(BEN, cancelled_by=((NINE, ADA.member_id[:8]),)),
        "waits",
    ),
    "R18 Ada cancelled on the candidate in another slot": (
        Fit(BEN, cancelled_by=((at(5), ADA.member_id[:8]),)),
        "Ben",
    ),
    "R4 the candidate's booking is shorter": (Fit(BEN, waiting(BEN, at(1, minutes=25))), "waits"),  # compares starts
    "the candidate is matched by now": (Fit(BEN, paired(BEN, CY)), "waits"),  # believes the queue
    "R15 the candidate is locked in by now": (Fit(BEN, locked_in(BEN, CY)), "waits"),
    "the candidate cancelled by now": (Fit(BEN, replace(waiting(BEN), state=State.CANCELLED)), "waits"),
    "R3 the candidate is the booker": (Fit(ADA), "waits"),  # a pair of one
}


@pytest.mark.parametrize(("fit", "expected"), FITTING.values(), ids=FITTING)
def test_r6_and_r18_decide_whether_a_candidate_fits(fit: Fit, expected: Any) -> None:
    facts = random_facts(fit) if fit.owner != ADA else replace(
        random_facts(), waiting_members=replace(random_facts().waiting_members, relations=[fit.relations])
    )  # fmt: skip
    assert outcome(facts) == expected


def test_r18_a_candidate_who_cancelled_on_the_booker_does_not_fit() -> None:
    facts = random_facts(Fit(BEN), today={"cancelled_by": ((NINE, BEN.member_id[:8]),)})
    assert outcome(facts) == "waits"


def test_r6_the_bookers_gender_preference_counts_too() -> None:
    picky = member("Ada", gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    for gender, expected in ((Gender.MAN, "waits"), (None, "waits"), (Gender.WOMAN, "Ben")):
        fit = Fit(member("Ben", gender=gender))
        fit.relations = replace(fit.relations, member=picky)
        assert outcome(random_facts(fit, booker=picky)) == expected


# The order of preference: each row's first candidate is preferred to its second, which waits longer.
PREFERENCES: dict[str, tuple[Fit, Fit, dict[str, Any]]] = {
    "displaced": (  # by name first
        Fit(BEN, waiting(BEN, minutes=1, displaced=True)),
        Fit(CY, waiting(CY, minutes=30)),
        {"preference": PartnerPreference(named=CY.member_id)},
    ),
    "asked for by name (R10)": (  # favorites first
        Fit(BEN, waiting(BEN, minutes=1)),
        Fit(CY, waiting(CY, minutes=30), outgoing=FAVORITE),
        {"preference": PartnerPreference(favorites=True, named=BEN.member_id)},
    ),
    "asks for the booker by name": (  # only the booker's preference counts
        Fit(BEN, waiting(BEN, minutes=1, preference=PartnerPreference(named=ADA.member_id))),
        Fit(CY, waiting(CY, minutes=30)),
        {},
    ),
    "a favorite, if favorites are asked for": (  # work style first
        Fit(BEN, waiting(BEN, minutes=1, work_style=QUIET), outgoing=FAVORITE),
        Fit(CY, waiting(CY, minutes=30)),
        {"preference": PartnerPreference(favorites=True)},
    ),
    "has the booker as a favorite and asks for favorites": (
        Fit(BEN, waiting(BEN, minutes=1, preference=PartnerPreference(favorites=True)), incoming=FAVORITE),
        Fit(CY, waiting(CY, minutes=30)),
        {},
    ),
    "favorites are not asked for": (  # favorites always come first
        Fit(BEN, waiting(BEN, minutes=30)),
        Fit(CY, waiting(CY, minutes=1), outgoing=FAVORITE, incoming=FAVORITE),
        {},
    ),
    "the same quiet mode": (  # the longest wait first
        Fit(BEN, waiting(BEN, minutes=1, work_style=WorkStyle(quiet=True))),
        Fit(CY, waiting(CY, minutes=30)),
        {"quiet": True},
    ),
    "the same activity": (
        Fit(BEN, waiting(BEN, minutes=1, work_style=WorkStyle(Activity.DESK))),
        Fit(CY, waiting(CY, minutes=30, work_style=WorkStyle(Activity.MOVING))),
        {"activity": Activity.DESK},
    ),
    "work style before a recent meeting": (
        Fit(BEN, waiting(BEN, minutes=1, work_style=QUIET), met={id_prefix(ADA.member_id): 3}),
        Fit(CY, waiting(CY, minutes=30)),
        {"quiet": True, "activity": Activity.DESK},
    ),
    "not met in the last 7 days": (  # the longest wait first
        Fit(BEN, waiting(BEN, minutes=1)),
        Fit(CY, waiting(CY, minutes=30), met={id_prefix(ADA.member_id): 3}),
        {},
    ),
    "the longest wait": (Fit(BEN, waiting(BEN, minutes=30)), Fit(CY, waiting(CY, minutes=29)), {}),  # the newest first
}


@pytest.mark.parametrize(("better", "worse", "request_changes"), PREFERENCES.values(), ids=PREFERENCES)
def test_r20_the_preferred_candidate_is_chosen_in_any_order(
    better: Fit, worse: Fit, request_changes: dict[str, Any]
) -> None:
    for fits in permutations((better, worse)):
        assert outcome(random_facts(*fits, **request_changes)) == better.owner.name


@pytest.mark.parametrize(("days_ago", "expected"), [(7, "Cy"), (8, "Ben")])
def test_r20_a_pair_of_the_bookers_last_7_days_counts(days_ago: int, expected: str) -> None:
    earlier = paired(ADA, BEN, at(1 - 24 * days_ago))
    fits = Fit(BEN, waiting(BEN, minutes=30)), Fit(CY, waiting(CY, minutes=1))
    assert outcome(random_facts(*fits, own=[earlier])) == expected


def test_r20_ties_are_broken_at_random() -> None:
    rng = Random(20)
    fits = [Fit(one) for one in (BEN, CY, DEE)]
    chosen = Counter(decided(random_facts(*fits), rng).answer.partner.name for _ in range(300))
    assert set(chosen) == {"Ben", "Cy", "Dee"}
    assert min(chosen.values()) > 60


def test_r34_the_outcome_shows_the_chosen_partner_and_whether_a_favorite() -> None:
    for relation, expected in ((FAVORITE, True), (Relation(), False)):
        answer = decided(random_facts(Fit(CY, outgoing=BLOCK), Fit(BEN, outgoing=relation))).answer
        assert (answer.partner, answer.is_favorite) == (BEN, expected)


CONFLICTS: dict[str, tuple[dict[str, Any], Any]] = {
    "the same start, another length": ({"own": [waiting(ADA, at(1, minutes=25))]}, TimeConflict),
    "an overlapping footprint": (
        {"own": [waiting(ADA, at(1.75))]},
        TimeConflict,
    ),  # compares ends without the footprint
    "a footprint that only touches": ({"own": [waiting(ADA, at(2))]}, "waits"),
    "overlapping, replaced": ({"own": [waiting(ADA, at(1.5))], "replace": True}, "waits"),
    "overlapping and locked in, replaced": ({"own": [locked_in(ADA, BEN, at(1.5))], "replace": True}, TimeConflict),
    "a locked-in booking of this slot": ({"own": [locked_in(ADA, BEN)]}, "kept"),  # TimeConflict
    "another work style than the booking has": ({"own": [waiting(ADA)], "quiet": True}, TimeConflict),
    "reached by the day before": ({"today": {"overnight_until": NINE.start + timedelta(minutes=1)}}, TimeConflict),
    "reached by a booking that the day before does not show": (
        {"today": {"overnight_until": NINE.start + timedelta(minutes=1)}, "replace": True},
        StaleRead,
    ),
}


@pytest.mark.parametrize(("facts", "expected"), CONFLICTS.values(), ids=CONFLICTS)
def test_r3_and_r16_overlapping_bookings_conflict_unless_they_are_replaced(
    facts: dict[str, Any], expected: Any
) -> None:
    assert outcome(random_facts(existing_facts=ExistingFacts(), **facts)) == expected


def test_r16_the_replaced_booking_is_cancelled_in_the_same_write_and_its_partner_waits() -> None:
    own, theirs = paired(ADA, CY, at(1.5)), paired(CY, ADA, at(1.5))
    changes = decided(random_facts(Fit(BEN), own=[own], others=[theirs], replace=True)).changes
    assert shown(changes, ADA, at(1.5)) == ("none", None, None)
    assert shown(changes, CY, at(1.5)) == ("waiting", None, None)
    assert shown(changes, ADA) == ("matched", BEN.member_id, "new pair")


def test_r16_a_repeated_request_keeps_the_booking_and_writes_nothing() -> None:
    own = paired(ADA, BEN)
    decision = decided(random_facts(Fit(CY), own=[own], existing_facts=ExistingFacts(partner=BEN, is_favorite=True)))
    answer = decision.answer
    assert (answer.booking, answer.new, answer.partner, answer.is_favorite) == (own, False, BEN, True)
    assert not decision.changes.days


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NINE.start - timedelta(microseconds=1), "waits"),
        (NINE.start, TooLate),
        (NINE.start - HORIZON, "waits"),
        (NINE.start - HORIZON - timedelta(microseconds=1), InvalidRequest),
    ],
)
def test_r30_a_slot_can_be_booked_from_13_weeks_before_to_its_start(now: Any, expected: Any) -> None:
    assert outcome(random_facts(), now=now) == expected


ORDER: list[tuple[type[Refusal], Callable[[dict[str, Any]], Any]]] = [
    (InvalidRequest, lambda case: case.update(slot=Slot(NINE.start + timedelta(minutes=1), 50))),
    (TimeConflict, lambda case: case["own"].append(waiting(ADA, at(1.5)))),
    (RateLimited, lambda case: case["own"].extend([waiting(ADA, at(24)), waiting(ADA, at(48))])),
    (Unauthenticated, lambda case: case.update(account=None)),
]


@pytest.mark.parametrize(("first", "second"), list(combinations(range(len(ORDER)), 2)))
def test_r11_of_two_reasons_the_first_is_given(first: int, second: int) -> None:
    for numbers in ((first,), (second,), (first, second)):
        case: dict[str, Any] = {"own": []}
        for number in numbers:
            ORDER[number][1](case)
        assert outcome(random_facts(**case), limits=replace(LIMITS, bookings=2)) is ORDER[numbers[0]][0]


def test_r33_a_deleted_account_books_nothing_but_a_candidates_relations_show_it_too() -> None:
    assert outcome(random_facts(account=None)) is Unauthenticated
    gone = Fit(BEN)
    gone.relations = replace(gone.relations, member=None)
    assert outcome(random_facts(gone, account=None)) is Unauthenticated
    # A candidate who fits proves that the account exists.
    assert outcome(random_facts(Fit(BEN), account=None)) == "Ben"
    # A booking that exists is shown without a write, so the account is not read.
    for key in (None, "key"):
        assert outcome(random_facts(own=[waiting(ADA)], key=key, existing_facts=ExistingFacts())) == "kept"


def test_r36_near_the_limit_a_new_booking_increments_the_versioned_limit() -> None:
    limit = VersionedLimit(ADA.member_id, LimitKind.BOOKINGS, 4)
    assert decided(random_facts(booker_facts={"limit": limit})).changes.versioned_limit == limit
    kept = random_facts(own=[waiting(ADA)], existing_facts=ExistingFacts(), booker_facts={"limit": limit})
    assert decided(kept).changes.versioned_limit is None


def test_r36_cancelled_locks_do_not_limit_random_bookings() -> None:
    today = {"cancelled_locks": {BEN.member_id[:8]: 50}, "cancelled_on": TODAY}
    assert outcome(random_facts(Fit(BEN), today=today)) == "Ben"


def test_a_booking_opens_the_queue_shards_that_the_crowd_needs() -> None:
    for queue, contended, expected in (
        (QueueView(0, 1), True, QueueShardsOpened(NINE, 1, 4)),
        (QueueView(0, 1), False, None),
        (QueueView(0, 4), True, None),
    ):
        opened = decided(random_facts(queue=queue, contended=contended)).changes.queue_shards
        assert opened == ((expected,) if expected else ())


def test_an_earlier_attempt_that_committed_is_found_again() -> None:
    made = replace(paired(ADA, BEN), booking_id=session_id(ADA.member_id, TODAY, terms().booking_token))
    facts = random_facts(own=[made], existing_facts=ExistingFacts(partner=BEN))
    day = replace(facts.booker.days[ADA.member_id, TODAY], operations=(OPERATION,))
    facts = replace(facts, booker=replace(facts.booker, days=facts.booker.days | type(facts.booker.days)([day])))
    decision = decided(facts, now=NINE.start)
    assert (decision.answer.booking, decision.answer.new, decision.changes.days) == (made, True, ())
    assert outcome(random_facts(today={"operations": (OPERATION,)})) is Busy


def test_a_refusal_is_not_given_if_the_same_request_got_a_response_meanwhile() -> None:
    response = RecordedResponse("key", "digest", waiting(ADA), True, False, NOW, NOW + timedelta(days=1))
    own = [waiting(ADA, at(1.5))]
    assert outcome(random_facts(own=own, key="key", second_look=SecondLook(recorded=response))) is StaleRead
    assert outcome(random_facts(own=own, key="key", second_look=SecondLook())) is TimeConflict
