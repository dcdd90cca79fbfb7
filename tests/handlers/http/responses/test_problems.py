"""Tests of problems and their headers."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.model.errors import Busy, InvalidInput, InvalidRequest, NotAvailable, RateLimited, Refusal
from chalicelib.handlers.http.responses.problems import PROBLEMS, from_refusal, headers_for, response, retry_after


def test_every_refusal_has_a_status_and_a_title() -> None:
    codes = {refusal.code for refusal in Refusal.__subclasses__()}
    assert codes == PROBLEMS.keys() - {"internal_error"}


def test_a_problem_repeats_its_detail_and_title_for_older_clients_and_names_every_input() -> None:
    refusal = InvalidRequest.of(InvalidInput("duration", "is required"), InvalidInput("title", "Send a text."))
    answer = response(from_refusal(refusal, instance="/requests/1"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert json.loads(answer.body) == {
        "type": "/problems/invalid_request",
        "title": "Invalid request",
        "status": 422,
        "detail": "duration is required. Send a text.",
        "instance": "/requests/1",
        "code": "invalid_request",
        "message": "duration is required. Send a text.",
        "error": "Invalid request",
        "field": "duration",
        "errors": [{"field": "duration", "detail": "is required"}, {"field": "title", "detail": "Send a text."}],
    }
    without_input = json.loads(response(from_refusal(NotAvailable(), instance="/requests/1")).body)
    assert not {"field", "errors"} & without_input.keys()


@pytest.mark.parametrize(("seconds", "header"), [(0.2, "1"), (0, "1"), (1.2, "2"), (3600, "3600")])
def test_retry_after_is_rounded_up_to_whole_seconds(seconds: float, header: str) -> None:
    refusal = RateLimited(retry_after=timedelta(seconds=seconds))
    assert retry_after(refusal) == {"Retry-After": header}


def test_a_response_with_several_refusals_waits_for_the_last_of_them() -> None:
    minute, hour = RateLimited(retry_after=timedelta(minutes=1)), RateLimited(retry_after=timedelta(hours=1))
    assert retry_after(minute, NotAvailable(), hour, Busy()) == {"Retry-After": "3600"}
    assert retry_after(NotAvailable(), Busy()) == {"Retry-After": "1"}
    assert retry_after(NotAvailable()) == retry_after() == {}


def test_a_status_that_time_may_end_has_the_header_without_an_instant_too() -> None:
    assert [headers_for(status) for status in (401, 409, 429, 503)] == [
        {"WWW-Authenticate": "Bearer"},
        {},
        {"Retry-After": "1"},
        {"Retry-After": "1"},
    ]
