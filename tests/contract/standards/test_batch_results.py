"""The status of each result of a batch, and the sizes of bodies that clients of others send."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.client import Client
from tests.contract.shapes import check_problem
from tests.contract.slots import Slots, SlotStart
from tests.contract.test_batch import BATCH, results


def test_an_item_that_the_caller_holds_already_has_status_200(ada: Client, slots: Slots) -> None:
    item = slots.far().body(title="Thesis")
    first, repeated = results(ada, [item, item])
    (later,) = results(ada, [item])
    assert (first["status"], repeated["status"], later["status"]) == (201, 200, 200)
    assert first["session"] == repeated["session"] == later["session"]


# Escaping makes 6 bytes of a Cyrillic letter, and 12 of an emoji.
LONGEST_TITLES = ["\N{CYRILLIC CAPITAL LETTER ZHE}" * 200, "\N{GRINNING FACE}" * 200]


@pytest.mark.parametrize("escaped", [True, False])
def test_30_items_with_the_longest_titles_fit_in_a_body_in_any_script(ada: Client, slots: Slots, escaped: bool) -> None:
    titles = LONGEST_TITLES * 15
    items = [
        slot.body(25, title=title, activityType="anything", quietMode=True)
        for slot, title in zip(slots.several(30), titles, strict=True)
    ]
    body = json.dumps({"sessions": items}, ensure_ascii=escaped, indent=2).encode()
    response = ada.request("POST", BATCH, body=body)
    assert response.status == 200, response
    assert [result["status"] for result in response.json["results"]] == [201] * 30
    booked = [result["session"]["title"] for result in response.json["results"]]
    assert booked == titles


def test_the_body_of_a_batch_has_at_most_256_kib_and_that_of_a_booking_16(ada: Client, slots: Slots) -> None:
    item = slots.far().body()
    for path, body, kib in (("/v1/sessions", item, 16), (BATCH, {"sessions": [item]}, 256)):
        largest = json.dumps(body).encode().ljust(kib * 1024)
        check_problem(ada.request("POST", path, body=largest + b" "), 413, "too_large")
        assert ada.request("POST", path, body=largest).status in (200, 201)


@pytest.mark.long
def test_30_items_of_a_member_with_170_long_titled_sessions_reach_the_limit_of_200(ada: Client) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=30, second=0, microsecond=0) + timedelta(days=1)
    starts = [SlotStart(midnight + timedelta(days=place % 80, hours=place // 80)) for place in range(200)]
    items = [start.body(25, title=LONGEST_TITLES[0]) for start in starts]
    for first in range(0, 170, 30):
        assert {result["status"] for result in results(ada, items[first : min(first + 30, 170)])} == {201}
    assert {result["status"] for result in results(ada, items[170:])} == {201}
