"""The headers of limits that are near (draft-ietf-httpapi-ratelimit-headers)."""

from collections.abc import Iterator

import pytest

from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots

HEADERS = ("RateLimit-Policy", "RateLimit")


@pytest.fixture(scope="module")
def limited() -> Iterator[Runner]:
    """A runner with low limits."""
    runner = Runner(LOCKSTEP_MOST_BOOKINGS="5", LOCKSTEP_MOST_BLOCK_CHANGES="2")
    yield runner
    assert runner.stop() == 0


def test_far_from_every_limit_there_are_no_headers(ada: Client, slots: Slots) -> None:
    response = ada.post("/v1/sessions", slots.far().body())
    assert [name in response.headers for name in HEADERS] == [False, False]


@pytest.mark.long
def test_a_client_sees_how_many_bookings_are_left_and_when_there_are_more(limited: Runner) -> None:
    """A script that books a month finds out in the middle that it may not."""
    ada = limited.sign_in("Ada")
    found = [ada.post("/v1/sessions", limited.slots.far().body()) for _ in range(6)]
    assert [response.status for response in found] == [201] * 5 + [429]
    policies = [response.headers.get("RateLimit-Policy") for response in found]
    left = [response.headers.get("RateLimit", "").partition(";t=")[0] for response in found]
    assert policies == [None, *['"bookings";q=5'] * 5]
    assert left == ["", *[f'"bookings";r={count}' for count in (3, 2, 1, 0, 0)]]
    check_problem(found[5], 429, "rate_limited")
    assert found[5].headers["RateLimit"] == f'"bookings";r=0;t={found[5].headers["Retry-After"]}'


@pytest.mark.long
def test_a_batch_shows_what_is_left_after_its_last_booking(limited: Runner) -> None:
    ada = limited.sign_in("Ada")
    items = [limited.slots.far().body() for _ in range(3)]
    response = ada.post("/v1/sessions/batch", {"sessions": items})
    assert [result["status"] for result in response.json["results"]] == [201] * 3
    assert response.headers["RateLimit"].partition(";t=")[0] == '"bookings";r=2'


@pytest.mark.long
def test_a_batch_with_a_refused_item_says_when_to_retry(limited: Runner) -> None:
    """A client that looks for `Retry-After` sends the refused items of a 200 again at once."""
    ada = limited.sign_in("Ada")
    items = [limited.slots.far().body() for _ in range(7)]
    response = ada.post("/v1/sessions/batch", {"sessions": items})
    assert [result["status"] for result in response.json["results"]] == [201] * 5 + [429] * 2
    left, _, seconds = response.headers["RateLimit"].partition(";t=")
    assert left == '"bookings";r=0'
    # The header is computed after the items, which take seconds on a busy machine.
    assert 0 <= int(seconds) - int(response.headers["Retry-After"]) < 10
    # No time helps after any other refusal.
    without = ada.post("/v1/sessions/batch", {"sessions": [items[0] | {"duration": 1}, items[0]]})
    assert [result["status"] for result in without.json["results"]] == [422, 200]
    assert "Retry-After" not in without.headers


@pytest.mark.long
def test_a_limit_of_a_date_has_its_window(limited: Runner) -> None:
    ada, ben = limited.sign_in_all("Ada", "Ben")
    block = f"/v1/people/{ben.user_id}/block"
    found = [ada.put(block), ada.delete(block), ada.put(block)]
    assert [response.status for response in found] == [204, 204, 429]
    assert [response.headers["RateLimit-Policy"] for response in found] == ['"block-changes";q=2;w=86400'] * 3
    assert [response.headers["RateLimit"].partition(";t=")[0] for response in found] == [
        f'"block-changes";r={count}' for count in (1, 0, 0)
    ]


@pytest.mark.long
def test_r11_the_headers_of_a_refused_lock_say_nothing_about_the_target(limited: Runner) -> None:
    ada, ben = limited.sign_in_all("Ada", "Ben")
    for _ in range(4):
        ada.book(limited.slots.far())
    slot = limited.slots.near()
    for partner in (ben.user_id, "unknown"):
        response = ada.post("/v1/sessions", slot.body(partnerId=partner))
        check_problem(response, 409, "not_available")
        assert [name in response.headers for name in HEADERS] == [False, False]
