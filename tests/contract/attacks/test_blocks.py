"""Attacks with blocks, on the blocked member and on the operator (R1, R36)."""

from datetime import datetime
from typing import Any

import pytest

from tests.contract.client import Runner
from tests.contract.shapes import check_problem

# The default limit of changes of blocks on one UTC date.
BLOCK_CHANGES = 100
A_DAY = 24 * 60 * 60


def without_ids(session: dict[str, Any]) -> dict[str, Any]:
    """Return a session without its id, its owner, and the instants of its own start and changes."""
    changes = [{**change, "at": type(datetime.fromisoformat(change["at"]))} for change in session["changes"]]
    own = {"sessionId", "users", "startTime", "endTime", "slotId"}
    kept = {name: value for name, value in session.items() if name not in own}
    return kept | {"changes": changes, "lastChange": {**session["lastChange"], "at": changes[0]["at"]}}


def test_r1_a_block_looks_like_a_cancel_to_the_blocked_member(api: Runner) -> None:
    """A member looks for a word, state or field in the session that only a block makes."""
    seen = []
    for leave in ("cancel", "block"):
        leaver, left = api.sign_in_all("Leaver", "Left")
        slot = api.slots.near()
        session = leaver.book(slot)
        left.book(slot)
        leaver.lock(left, slot)
        if leave == "cancel":
            leaver.cancel(session["sessionId"])
        else:
            leaver.set_relation("block", left)
        seen.append(without_ids(left.in_slot(slot)))
    assert seen[1] == seen[0]
    assert seen[1]["lastChange"]["kind"] == "partner_cancelled"


@pytest.mark.long
def test_r36_blocking_and_unblocking_has_a_limit_of_changes_a_day(api: Runner) -> None:
    """A member blocks and unblocks another one without end, to make the operator pay."""
    ada, ben, cy = api.sign_in_all("Ada", "Ben", "Cy")
    path = f"/v1/people/{ben.user_id}/block"
    changes = [(ada.put if number % 2 == 0 else ada.delete)(path).status for number in range(BLOCK_CHANGES)]
    assert changes == [204] * BLOCK_CHANGES
    refused = ada.put(path)
    check_problem(refused, 429, "rate_limited", ...)
    assert 0 < int(refused.headers["Retry-After"]) <= A_DAY
    assert "tomorrow" in refused.json["detail"]
    # Only changes of blocks are counted, and only the member's own.
    ada.set_relation("favorite", ben)
    ben.set_relation("block", cy)


@pytest.mark.long
def test_r36_repeating_a_block_at_once_counts_as_a_change(api: Runner) -> None:
    """A member with sessions on many dates repeats one block without end, and each time all these days are written."""
    ada, ben = api.sign_in_all("Ada", "Ben")
    path = f"/v1/people/{ben.user_id}/block"
    assert [ada.put(path).status for _ in range(BLOCK_CHANGES)] == [204] * BLOCK_CHANGES
    check_problem(ada.put(path), 429, "rate_limited", ...)
    assert [each["userId"] for each in ada.get("/v1/people").json["blocked"]] == [ben.user_id]


def test_r36_a_relation_to_no_member_is_not_stored(api: Runner) -> None:
    """A member snoozes and blocks ids that no member has, to fill the table."""
    ada = api.sign_in("Ada")
    for unknown in ("0" * 24, "a" * 24):
        check_problem(ada.put(f"/v1/people/{unknown}/block"), 404, "not_found", ...)
        until = {"until": "2099-01-01T00:00:00Z"}
        check_problem(ada.put(f"/v1/people/{unknown}/snooze", until), 404, "not_found", ...)
    assert ada.get("/v1/people").json == {"favorites": [], "snoozed": [], "blocked": []}
