"""The routes of staff (R47)."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.services.staff.staff_log import list_acts, record_act
from tests.handlers.all_routes import token
from tests.handlers.conftest import Lines, Send, SignIn
from tests.harness import World
from tests.staff_acts import SOL

MEMBERS, LOG, REPORTS = "/v1/staff/members", "/v1/staff/log", "/v1/staff/reports"


@pytest.fixture
def staff(world: World, sign_in: SignIn) -> Send:
    """Return the requests of Sol, who is staff."""
    send = sign_in("Sol")

    def as_staff(method: str, path: str, body: Any = None) -> Any:
        return send(method, path, body, Authorization=f"Bearer {token(world, 'Sol', groups=['staff'])}")

    return as_staff


def pages(send: Send, path: str, name: str, limit: int) -> Iterator[list[Any]]:
    """Yield the pages of a list."""
    after = ""
    while True:
        body = send("GET", f"{path}limit={limit}{after}").json_body
        yield body[name]
        if "nextCursor" not in body:
            return
        after = f"&cursor={body['nextCursor']}"


def test_r47_a_page_has_at_most_50_entries_and_a_cursor_to_the_next(world: World, staff: Send) -> None:
    for _ in range(52):
        record_act(world.context, SOL, StaffAct.REPORTS_READ)
        world.after(seconds=1)
    assert [len(page) for page in pages(staff, f"{LOG}?", "lines", 1000)] == [50, 2]
    # Each of the two readings has left a line.
    assert [len(page) for page in pages(staff, f"{LOG}?", "lines", 20)] == [20, 20, 14]


def test_r47_a_cursor_belongs_to_one_search_one_list_and_one_member_of_staff(
    world: World, staff: Send, sign_in: SignIn
) -> None:
    for name in ("Ada One", "Ada Two", "Ada Three"):
        world.member(name)
    found = [one["name"] for page in pages(staff, f"{MEMBERS}?query=ada&", "members", 1) for one in page]
    assert sorted(found) == ["Ada One", "Ada Three", "Ada Two"]
    cursor = staff("GET", f"{MEMBERS}?query=ada&limit=1").json_body["nextCursor"]
    changed = ("A" if cursor[5] != "A" else "B").join((cursor[:5], cursor[6:]))
    other = f"Bearer {token(world, 'Tom', groups=['staff'])}"
    for path, more in (
        (f"{MEMBERS}?query=adam&cursor={cursor}", {}),
        (f"{LOG}?cursor={cursor}", {}),
        (f"{REPORTS}?cursor={cursor}", {}),
        (f"{MEMBERS}?query=ada&cursor={changed}", {}),
        (f"{MEMBERS}?query=ada&cursor={cursor}", {"Authorization": other}),
    ):
        answer = sign_in("Sol")("GET", path, **more) if more else staff("GET", path)
        assert (answer.status_code, answer.json_body["code"]) == (400, "invalid_cursor"), path


def test_r47_names_and_reasons_stay_as_they_were_written(world: World, staff: Send) -> None:
    """They are data of JSON. A page that shows them escapes them."""
    name = "<img src=x onerror=alert(1)>"
    ada = world.member(name)
    reason = '</script><script>alert("reason")</script>'
    path = f"{MEMBERS}/{ada.member_id}/suspension"
    assert staff("PUT", path, {"reason": f" {reason}\n"}).status_code == 204
    answer = staff("GET", f"{MEMBERS}?query=onerror")
    assert answer.headers["Content-Type"] == "application/json"
    (found,) = answer.json_body["members"]
    assert (found["name"], found["suspension"]["reason"]) == (name, reason)


@pytest.mark.long  # Twelve requests.
def test_r47_each_accepted_act_adds_a_line_and_a_refused_one_none(world: World, staff: Send) -> None:
    ada = world.member("Ada")
    own = staff("GET", "/v1/me").json_body["user"]["userId"]
    for method, path, body, status in (
        ("PUT", f"{MEMBERS}/{own}/suspension", {"reason": "Me"}, 422),
        ("PUT", f"{MEMBERS}/{ada.member_id}/suspension", {"reason": ""}, 422),
        ("PUT", f"{MEMBERS}/{'1' * 24}/suspension", {"reason": "No"}, 404),
        ("DELETE", f"{MEMBERS}/{'1' * 24}/suspension", None, 404),
        ("DELETE", f"{MEMBERS}/{ada.member_id}/suspension", None, 204),
        ("GET", f"{REPORTS}?cursor=made-up", None, 400),
    ):
        assert staff(method, path, body).status_code == status, (method, path)
    assert list_acts(world.context, after=None, limit=None).items == []
    for number, (method, path, body) in enumerate(
        (
            ("GET", REPORTS, None),
            ("GET", LOG, None),
            ("GET", f"{MEMBERS}?query={'1' * 24}", None),
            ("PUT", f"{MEMBERS}/{ada.member_id}/suspension", {"reason": "Rude"}),
            ("DELETE", f"{MEMBERS}/{ada.member_id}/suspension", None),
        ),
        1,
    ):
        assert staff(method, path, body).status_code in (200, 204)
        lines = list_acts(world.context, after=None, limit=None).items
        assert len(lines) == number
        assert {line.by for line in lines} == {own}


def test_r47_no_log_line_of_a_request_has_the_searched_text_or_the_reason(
    world: World, staff: Send, lines: Lines
) -> None:
    ada = world.member("Ada")
    lines()
    staff("GET", f"{MEMBERS}?query=private-name")
    staff("PUT", f"{MEMBERS}/{ada.member_id}/suspension", {"reason": "a private reason"})
    written = str(lines())
    assert "staff" in written
    assert "private" not in written
