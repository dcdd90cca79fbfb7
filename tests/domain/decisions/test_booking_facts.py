"""The checks of facts that were read twice (R33)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_facts import SecondLook, check_account, check_still_unanswered
from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.errors import Suspended, Unauthenticated
from chalicelib.domain.model.suspension import Suspension
from tests.domain.decisions.booking_cases import ADA, NOW, random_facts, waiting
from tests.domain.samples import profile

OLD = RecordedResponse("key", "digest", waiting(ADA), True, False, NOW - timedelta(days=2), NOW - timedelta(days=1))


def test_a_response_that_was_recorded_meanwhile_is_repeated_instead_of_a_refusal() -> None:
    for before, now, fresh in ((None, None, True), (None, OLD, False), (OLD, OLD, True), (OLD, None, False)):
        facts = random_facts(key="key", booker_facts={"recorded": before}, second_look=SecondLook(recorded=now))
        if fresh:
            check_still_unanswered(facts)
        else:
            with pytest.raises(StaleRead):
                check_still_unanswered(facts)


def test_without_a_key_or_a_second_look_no_response_is_compared() -> None:
    check_still_unanswered(random_facts(second_look=SecondLook(recorded=OLD)))
    check_still_unanswered(random_facts(key="key", booker_facts={"recorded": OLD}))


def test_r33_a_deleted_account_is_unauthenticated() -> None:
    check_account(ADA)
    with pytest.raises(Unauthenticated):
        check_account(None)


def test_r47_a_suspended_booker_is_refused() -> None:
    with pytest.raises(Suspended):
        check_account(replace(profile("ada"), suspension=Suspension(NOW, "Rude", "sol")))
