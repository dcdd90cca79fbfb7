"""Refusals, which carry what an answer needs."""

from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.domain.model import errors
from chalicelib.domain.model.errors import InvalidInput, InvalidRequest, RateLimited, Refusal, TimeConflict, TooLate

REFUSALS = [refusal for refusal in Refusal.__subclasses__() if refusal.__module__ == errors.__name__]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_every_refusal_has_a_code_of_its_own_and_a_default_detail(refusal: type[Refusal]) -> None:
    assert Counter(other.code for other in REFUSALS)[refusal.code] == 1
    raised = refusal()
    assert (raised.detail, raised.field, raised.retry_after) == (refusal.default_detail, None, None)
    assert str(raised) == refusal.default_detail


def test_a_refusal_carries_its_detail_field_and_time_to_retry() -> None:
    limited = RateLimited("Cancel one.", retry_after=timedelta(hours=1))
    assert (str(limited), limited.detail, limited.retry_after) == ("Cancel one.", "Cancel one.", timedelta(hours=1))
    conflict = TimeConflict(field="startTime")
    assert (conflict.field, conflict.detail) == ("startTime", TimeConflict.default_detail)
    assert conflict.inputs == (InvalidInput("startTime", TimeConflict.default_detail),)


def test_an_invalid_request_has_one_sentence_for_each_input() -> None:
    one = InvalidRequest("is required", field="duration")
    assert (one.field, one.detail, str(one)) == ("duration", "duration is required.", "duration is required.")
    many = InvalidRequest.of(*one.inputs, InvalidInput("favorites", "Remove one first."))
    assert (many.field, many.detail, str(many)) == ("duration", *["duration is required. Remove one first."] * 2)
    assert [invalid.field for invalid in many.inputs] == ["duration", "favorites"]


def test_a_refusal_of_several_inputs_has_their_sentences_as_its_detail() -> None:
    late = TooLate.of(InvalidInput("quietMode", "can't change now"), InvalidInput("activityType", "can't change now"))
    assert (late.code, late.field) == ("too_late", "quietMode")
    assert late.detail == str(late) == "quietMode can't change now. activityType can't change now."
