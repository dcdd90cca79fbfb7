"""Tests of problems and their headers."""

import json
from datetime import timedelta

import pytest

from chalicelib.domain.model.errors import Busy, InvalidRequest, NotAvailable, RateLimited, Refusal
from chalicelib.handlers.http.problems import PROBLEMS, from_refusal, headers_for, response, retry_after


def test_every_refusal_has_a_status_and_a_title() -> None:
    codes = {refusal.code for refusal in Refusal.__subclasses__()}
    assert codes == PROBLEMS.keys() - {"internal_error"}


def test_a_problem_repeats_its_title_for_older_clients_and_names_the_field() -> None:
    answer = response(from_refusal(InvalidRequest("Send a number.", field="duration"), instance="/requests/1"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert json.loads(answer.body) == {
        "type": "/problems/invalid_request",
        "title": "Invalid request",
        "status": 422,
        "detail": "Send a number.",
        "instance": "/requests/1",
        "code": "invalid_request",
        "message": "Invalid request",
        "error": "Invalid request",
        "field": "duration",
    }
    assert "field" not in json.loads(response(from_refusal(NotAvailable(), instance="/requests/1")).body)


@pytest.mark.parametrize(("seconds", "header"), [(0.2, "1"), (0, "1"), (1.2, "2"), (3600, "3600")])
def test_retry_after_is_rounded_up_to_whole_seconds(seconds: float, header: str) -> None:
    refusal = RateLimited(retry_after=timedelta(seconds=seconds))
    assert retry_after(refusal) == {"Retry-After": header}


def test_a_refusal_without_an_instant_has_only_the_headers_of_its_status() -> None:
    assert retry_after(Busy()) == {}
    assert [headers_for(status) for status in (401, 409, 429, 503)] == [
        {"WWW-Authenticate": "Bearer"},
        {},
        {"Retry-After": "1"},
        {"Retry-After": "1"},
    ]
