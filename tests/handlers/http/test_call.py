"""The request of a view, its cursors and the stage of the gateway."""

import pytest
from msgspec import UNSET

from chalicelib.domain.model.errors import InvalidCursor
from chalicelib.handlers.http.call import Call, instance_of, stage_path
from chalicelib.handlers.http.inputs.requests import PageQuery
from chalicelib.services.pages import Page
from tests.handlers.callers import request
from tests.harness import World


def test_a_cursor_is_valid_for_its_list_and_its_member_only(call: Call, world: World) -> None:
    cursor = call.cursor("people", "position")
    page = PageQuery(cursor=cursor)
    assert call.position("people", page) == "position"
    other = Call(call.context, call.request, world.member("Ben"), call.token_clock)
    for stranger, scope in ((call, "api-keys"), (other, "people")):
        with pytest.raises(InvalidCursor):
            stranger.position(scope, page)


def test_the_first_page_has_no_position_and_the_last_no_cursor(call: Call) -> None:
    assert call.position("people", PageQuery()) is None
    assert call.next_cursor("people", Page([], None)) is UNSET
    assert call.next_cursor("people", Page([], "last")) == call.cursor("people", "last")


def test_the_instance_of_a_problem_has_the_id_of_the_request(call: Call) -> None:
    assert call.instance() == instance_of(call.request) == "/requests/one"


@pytest.mark.parametrize(
    ("path", "route", "stage"),
    [
        ("/api/v1/invite-links", "/v1/invite-links", "/api"),
        ("/api/i/x", "/i/{token}", "/api"),
        ("/api/i/x/", "/i/{token}", "/api"),
        ("/i/x", "/i/{token}", ""),
    ],
)
def test_the_stage_is_the_part_of_the_path_before_the_route(path: str, route: str, stage: str) -> None:
    assert stage_path(request(path=path, resourcePath=route)) == stage


def test_the_path_of_a_call_has_the_values_of_its_parameters(call: Call) -> None:
    assert call.path == "/v1/people"
    asked = request(resourcePath="/v1/users/{userId}/availability")
    asked.uri_params = {"userId": "a{b}"}
    assert Call(call.context, asked, call.caller, call.token_clock).path == "/v1/users/a{b}/availability"
