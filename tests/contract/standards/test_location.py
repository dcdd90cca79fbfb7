"""The address of what a request has created (RFC 9110, sections 10.2.2 and 15.3.2)."""

from tests.contract.client import ApiResponse, Client, Service
from tests.contract.slots import Slots
from tests.handlers.all_routes import BROWSER, REPEAT


def located(response: ApiResponse) -> str:
    """Return the path of `Location`, which begins with the stage of a gateway."""
    stage, version, rest = response.headers["Location"].partition("/v1/")
    assert stage in ("", "/api")
    return version + rest


def test_a_201_says_where_the_session_is(ada: Client, ben: Client, slots: Slots) -> None:
    """A generic client follows `Location` to what it made."""
    slot = slots.near()
    response = ada.post("/v1/sessions", slot.body(), Idempotency_Key="one")
    session = response.json["session"]
    assert (response.status, located(response)) == (201, f"/v1/sessions/{session['sessionId']}")
    assert ada.get(located(response)).json["session"] == session
    again = ada.post("/v1/sessions", slot.body(), Idempotency_Key="one")
    assert (again.status, again.headers["Location"]) == (201, response.headers["Location"])
    held = ada.post("/v1/sessions", slot.body())
    assert (held.status, "Location" in held.headers) == (200, False)
    url = ada.post("/v1/invite-links", {}).json["inviteLink"]["url"]
    accepted = ben.post(f"/i/{url.rpartition('/')[2]}", slot.body())
    assert accepted.status == 201
    assert ben.get(located(accepted)).json["session"] == accepted.json["session"]


def test_a_201_of_a_link_or_key_says_where_its_list_is(ada: Client) -> None:
    for path, body, found in (
        ("/v1/invite-links", {"maxUses": 1}, "inviteLink"),
        ("/v1/api-keys", {"name": "A script", "scope": "read"}, "apiKey"),
        ("/v1/calendar-feeds", {}, "calendarFeed"),
        ("/v1/repeats", REPEAT, "repeat"),
        ("/v1/push-subscriptions", BROWSER, "pushSubscription"),
    ):
        response = ada.post(path, body)
        assert (response.status, located(response)) == (201, path)
        listed = ada.get(located(response)).json[f"{found}s"]
        assert [one[f"{found}Id"] for one in listed] == [response.json[found][f"{found}Id"]]


def test_no_other_answer_has_a_location(api: Service, ada: Client, slots: Slots) -> None:
    slot = slots.far()
    for response in (
        ada.post("/v1/sessions/batch", {"sessions": [slot.body()]}),
        ada.post("/v1/sessions", slot.body(duration=1)),
        ada.get("/v1/me"),
        api.request("POST", "/v1/sessions"),
    ):
        assert "Location" not in response.headers
