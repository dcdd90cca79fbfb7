"""The route of reports (R47)."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.model.member import RelationKind
from chalicelib.domain.model.report import ReportReason
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import own_profile
from tests.handlers.conftest import Send, SignIn
from tests.harness import World, at
from tests.staff_acts import suspend

REPORTS = "/v1/reports"
NINE = {"startTime": at(1).start.isoformat(), "duration": 3000000}


def paired(sign_in: SignIn) -> tuple[Send, str, str, str]:
    """Match Ada with Ben, and return Ada's requests, her session's id and the ids of the two."""
    ada, ben = sign_in("Ada"), sign_in("Ben")
    ids = [send("GET", "/v1/me").json_body["user"]["userId"] for send in (ada, ben)]
    ben("POST", "/v1/sessions", NINE)
    session = ada("POST", "/v1/sessions", NINE).json_body["session"]
    assert session["state"] == "matched"
    return ada, session["sessionId"], *ids


@pytest.mark.parametrize("reason", ReportReason)
def test_r47_a_report_is_accepted_with_its_id_for_each_reason(sign_in: SignIn, reason: str) -> None:
    ada, session, _, _ = paired(sign_in)
    answer = ada("POST", REPORTS, {"sessionId": session, "reason": reason})
    assert answer.status_code == 202
    assert answer.json_body.keys() == {"report"}
    assert answer.json_body["report"].keys() == {"reportId"}


WAYS = ("present", "cancelled", "blocked", "deleted", "deleted and erased", "suspended")


@pytest.mark.long  # Six pairs, each lost in another way.
def test_r1_r47_the_answer_says_nothing_about_what_the_partner_did(sign_in: SignIn, world: World) -> None:
    """A block, a deletion and a suspension of the partner look like a cancel, also by the answer to a report."""
    found: dict[str, Any] = {}
    for hours, way in enumerate(WAYS, 1):
        slot = at(3 * hours)
        body = {"startTime": slot.start.isoformat(), "duration": 3000000}
        ada, partner = sign_in("Ada"), sign_in(f"Partner {way}")
        ada_id, partner_id = (send("GET", "/v1/me").json_body["user"]["userId"] for send in (ada, partner))
        theirs = partner("POST", "/v1/sessions", body).json_body["session"]["sessionId"]
        session = ada("POST", "/v1/sessions", body).json_body["session"]["sessionId"]
        profile = own_profile(world.context, partner_id)
        if way == "cancelled":
            partner("DELETE", f"/v1/sessions/{theirs}")
        elif way == "blocked":
            world.say(profile, RelationKind.BLOCK, own_profile(world.context, ada_id))
        elif way == "deleted":
            world.begin_to_leave(profile)
        elif way == "deleted and erased":
            delete_account(world.context, partner_id, deleted_at=world.now + timedelta(hours=1))
        elif way == "suspended":
            suspend(world, profile)
        for asked in ({}, {"userId": partner_id}):
            answer = ada("POST", REPORTS, {"sessionId": session, "reason": "other", **asked})
            found[f"{way} {bool(asked)}"] = (answer.status_code, sorted(answer.json_body), sorted(answer.headers))
    assert len({str(answer) for answer in found.values()}) == 1, found
    assert found["present False"][0] == 202


def test_r47_a_member_who_was_never_the_partner_there_cannot_be_named(sign_in: SignIn) -> None:
    ada, session, own_id, ben_id = paired(sign_in)
    cy_id = sign_in("Cy")("GET", "/v1/me").json_body["user"]["userId"]
    answers = [
        ada("POST", REPORTS, {"sessionId": session, "reason": "other", "userId": one})
        for one in (cy_id, own_id, "1" * 24, "unknown", "")
    ]
    problems = [{**answer.json_body, "instance": ""} for answer in answers]
    assert problems == [problems[0]] * len(answers)
    assert (answers[0].status_code, problems[0]["code"]) == (409, "not_available")
    assert ada("POST", REPORTS, {"sessionId": session, "reason": "other", "userId": ben_id}).status_code == 202
