"""The judgement of a request by the booker's own facts (R11, R14, R28, R33, R36)."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booker_judgement import BookerJudgement, judge_booker, keep_booking, new_booking
from chalicelib.domain.decisions.booking_facts import ExistingFacts, SecondLook
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.errors import RateLimited, TimeConflict
from chalicelib.domain.model.ids import session_date, session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from tests.domain.decisions.booking_cases import (
    ADA,
    BEN,
    LIMITS,
    NINE,
    NOW,
    OPERATION,
    after,
    at,
    days_of,
    lock_facts,
    locked_in,
    random_facts,
    terms,
    waiting,
)

LINK = InviteLink("link", BEN.member_id, "digest", NOW)
SPENT = VersionedLimit(ADA.member_id, "tries", LIMITS.tries)

# Whether the judgement stands without any fact of the target; only then nothing of the target is read.
COMPLETE: dict[str, tuple[dict[str, Any], bool]] = {
    "a refusal": ({"own": [waiting(ADA, at(1.5))]}, True),
    "a refusal, with a link": ({"own": [waiting(ADA, at(1.5))], "link": LINK}, False),  # hides InviteUnavailable (R28)
    "a lock that exists": ({"own": [locked_in(ADA, BEN)]}, True),
    "a lock that exists, with a link": ({"own": [locked_in(ADA, BEN)], "link": LINK}, False),
    "too many failed links": (
        {"link": LINK, "booker_facts": {"failed_links": SPENT}},
        True,
    ),  # reads on for every attempt
    "no reason of the booker": ({}, False),
}


@pytest.mark.parametrize(("facts", "expected"), COMPLETE.values(), ids=COMPLETE)
def test_r11_and_r28_the_judgement_says_if_facts_of_the_target_matter(facts: dict[str, Any], expected: bool) -> None:
    assert judge_booker(lock_facts(**facts), terms()).stands_alone is expected


def test_r36_too_many_failed_links_are_refused_before_the_bookers_other_reasons() -> None:
    facts = lock_facts(link=LINK, booker_facts={"failed_links": SPENT}, own=[waiting(ADA, at(1.5))])
    assert isinstance(judge_booker(facts, terms()).refusal, RateLimited)
    facts = lock_facts(
        link=LINK, booker_facts={"failed_links": replace(SPENT, version=49)}, own=[waiting(ADA, at(1.5))]
    )
    assert isinstance(judge_booker(facts, terms()).refusal, TimeConflict)


def test_an_operation_that_the_slots_day_remembers_made_the_booking() -> None:
    own = waiting(ADA)
    facts = random_facts(own=[own])
    day = replace(facts.booker.days[ADA.member_id, NINE.date], operations=("another", OPERATION))
    facts = replace(facts, booker=replace(facts.booker, days=facts.booker.days | type(facts.booker.days)([day])))
    assert judge_booker(facts, terms()) == BookerJudgement(existing=own, made=True, stands_alone=True)
    # The request is not applied again: a later edit stays.
    facts = replace(facts, request=replace(facts.request, title="Thesis"))
    kept = keep_booking(facts, judge_booker(facts, terms()), ExistingFacts(), terms())
    assert (kept.answer.booking, kept.changes.days) == (own, ())


@pytest.mark.parametrize("makes", [True, False])
def test_an_operation_that_only_changed_a_booking_did_not_make_it(makes: bool) -> None:
    """A response that was lost is repeated with its status, 201 for a new session and 200 for a changed one."""
    made_id = session_id(ADA.member_id, NINE.date, terms().booking_token)
    own = replace(waiting(ADA), booking_id=made_id) if makes else waiting(ADA)
    facts = random_facts(own=[own])
    day = replace(facts.booker.days[ADA.member_id, NINE.date], operations=(OPERATION,))
    facts = replace(facts, booker=replace(facts.booker, days=facts.booker.days | type(facts.booker.days)([day])))
    kept = keep_booking(facts, judge_booker(facts, terms()), ExistingFacts(), terms())
    assert kept.answer.new is makes


def test_an_operation_that_reused_a_booking_answers_with_the_latest_booking_of_the_slot() -> None:
    """The first booking of the slot was cancelled, and this operation locked the second one in (R16)."""
    cancelled = replace(waiting(ADA).cancelled(NOW), booking_id="cancelled")
    own = locked_in(ADA, BEN)
    facts = lock_facts(own=[cancelled, own], today={"operations": (OPERATION,)})
    assert judge_booker(facts, terms()).existing == own


def test_a_booking_is_not_kept_if_a_concurrent_request_with_its_key_was_answered_meanwhile() -> None:
    facts = random_facts(own=[waiting(ADA)])
    recorded = RecordedResponse("key", "digest", waiting(ADA), True, False, NOW, NOW + timedelta(days=1))
    facts = replace(facts, key="key", second_look=SecondLook(recorded=recorded))
    with pytest.raises(StaleRead):
        keep_booking(facts, judge_booker(facts, terms()), ExistingFacts(), terms())


def test_r14_the_title_of_a_second_lock_counts_and_the_partners_day_follows_the_work_style() -> None:
    own, theirs = locked_in(ADA, BEN), locked_in(BEN, ADA)
    facts = lock_facts(own=[own], theirs=theirs, title="Together", quiet=True)
    kept = keep_booking(facts, judge_booker(facts, terms()), ExistingFacts(days_of(BEN, [theirs]), BEN), terms())
    assert (kept.answer.booking.title, kept.answer.new) == ("Together", False)
    changed = after(kept.changes, BEN)
    assert changed is not None
    assert changed.partner is not None
    assert changed.partner.work_style.quiet


@pytest.mark.parametrize("request_changes", [{}, {"slot": at(2), "lock_with": BEN.member_id}])
def test_r36_at_the_limit_of_cancelled_matches_every_new_booking_is_refused(request_changes: dict[str, Any]) -> None:
    today = NOW.date()
    for count, on, refused in ((19, today, False), (20, today, True), (20, today - timedelta(days=1), False)):
        facts = random_facts(today={"cancelled_matches": count, "cancelled_on": on}, **request_changes)
        refusal = judge_booker(facts, terms()).refusal
        assert isinstance(refusal, RateLimited) is refused
    # A booking that exists is kept, and makes nothing new.
    held = random_facts(own=[waiting(ADA)], today={"cancelled_matches": 20, "cancelled_on": today})
    assert judge_booker(held, terms()).refusal is None


def test_a_new_booking_has_an_id_of_its_owner_and_date_that_every_attempt_makes_again() -> None:
    facts = random_facts(title="Thesis")
    one, other = new_booking(facts, terms()), new_booking(facts, terms(operation="another"))
    assert one == other
    assert session_date(ADA.member_id, one.booking_id) == NINE.date
    assert (one.slot, one.title, one.requested_at) == (NINE, "Thesis", NOW)
