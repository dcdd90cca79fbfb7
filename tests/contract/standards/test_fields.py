"""The fields of every response that other authors' clients read, each with its name, type and nullability."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.client import Runner
from tests.contract.slots import text_of
from tests.handlers.all_routes import BROWSER
from tests.handlers.all_routes import REPEAT as PATTERN

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
HTTPS = re.compile(r"https://\S+")
URL = re.compile(r"https?://\S+")
NULLABLE_TEXT = (None, str)
DURATION = (1_500_000, 3_000_000, 4_500_000)
ACTIVITY = ("desk", "moving", "anything")
STYLE = {"activityType": ACTIVITY, "quietMode": bool}

PERSON = {"userId": str, "name": str, "photoUrl": (None, HTTPS)}
SLOT = {"startTime": INSTANT, "duration": DURATION}
PARTNER_AT_SLOT = {**PERSON, "locked": bool, "lockable": bool}
CHANGE = {"kind": ("matched", "locked_in", "displaced", "partner_cancelled"), "at": INSTANT}
CALLER = {
    "userId": str, "role": None, "requestedAt": INSTANT, "joinedAt": (None, INSTANT), "completed": bool,
    "sessionTitle": NULLABLE_TEXT, **STYLE,
}  # fmt: skip
PARTNER = {
    **PERSON, "role": None, "isFavorite": bool, "requestedAt": INSTANT, "joinedAt": (None, INSTANT), "completed": bool,
    **STYLE,
}  # fmt: skip
SESSION = {
    "sessionId": str, "sessionType": ("paired",), **SLOT, "title": NULLABLE_TEXT,
    "state": ("waiting", "matched", "locked_in", "cancelled", "unmatched"), "locked": bool, "final": bool,
    "lastChange": (None, CHANGE), "changes": [CHANGE], "cancelledLate": bool, "preferFavorites": bool,
    "roomUrl": (None, URL), "users": [(PARTNER, CALLER)],
}  # fmt: skip
PUBLIC_USER = {
    "userId": str, "name": str, "totalSessionCount": int, "timeZone": str, "photoUrl": (None, HTTPS),
    "memberSince": INSTANT,
}  # fmt: skip
OWN_USER = {
    **PUBLIC_USER, "gender": ("woman", "man", "nonbinary", None), "partnerGender": ("any", "same"),
    "availability": ("everyone", "favorites", "no_one"), **STYLE,
}  # fmt: skip
LINK = {
    "inviteLinkId": str, "sessionId": NULLABLE_TEXT, "expiresAt": (None, INSTANT), "maxUses": (None, int), "uses": int
}  # fmt: skip
REPEAT = {
    "repeatId": str, "weekdays": [("mon", "tue", "wed", "thu", "fri", "sat", "sun")], "time": str, "timeZone": str,
    "duration": DURATION, "title": NULLABLE_TEXT, "from": DATE, "until": (None, DATE), "partnerId": NULLABLE_TEXT,
    "skipped": [{"startTime": INSTANT, "reason": str}], "madeUntil": (None, DATE),
}  # fmt: skip
PUSHED = {"pushSubscriptionId": str, "endpoint": HTTPS, "createdAt": INSTANT, "expiresAt": (None, INSTANT)}
FEED = {"calendarFeedId": str, "createdAt": INSTANT}
WEBHOOK = {
    "webhookId": str,
    "url": HTTPS,
    "kinds": [str],
    "enabled": bool,
    "disabledAt": (None, INSTANT),
    "failingSince": (None, INSTANT),
}
WEBHOOK_DELIVERY = {
    "eventId": str,
    "type": str,
    "at": INSTANT,
    "attempt": int,
    "delivered": bool,
    "status": (None, int),
    "reason": NULLABLE_TEXT,
    "nextAttempt": (None, INSTANT),
}
KEY = {"apiKeyId": str, "name": str, "scope": ("read", "write", "export")}


def mismatch(value: Any, expected: Any, at: str = "") -> str | None:
    """Return the path of the first part of a value that differs from what is expected, None without one.

    Expected are a type, a pattern, a value, a tuple of alternatives, a list with one kind of entry, or an object that
    has at least the named fields.
    """
    if isinstance(expected, tuple):
        return None if any(mismatch(value, one) is None for one in expected) else f"{at}: {value!r}"
    if isinstance(expected, Mapping):
        if not isinstance(value, dict) or expected.keys() - value.keys():
            return f"{at}: {value!r}"
        return _first(mismatch(value[name], part, f"{at}.{name}") for name, part in expected.items())
    if isinstance(expected, list):
        if not isinstance(value, list):
            return f"{at}: {value!r}"
        return _first(mismatch(entry, expected[0], f"{at}[{number}]") for number, entry in enumerate(value))
    if isinstance(expected, re.Pattern):
        fits = isinstance(value, str) and expected.fullmatch(value) is not None
    else:
        fits = type(value) is expected or (type(value) is type(expected) and value == expected)
    return None if fits else f"{at}: {value!r}"


def _first(found: Any) -> str | None:
    return next((one for one in found if one), None)


Ask = Callable[["Community"], Any]


class Community:
    """Ada, with a session of each kind, links, keys and people, and the members that she meets."""

    def __init__(self, runner: Runner) -> None:
        """Make the members and their sessions."""
        self.ada, self.ben, self.cy = runner.sign_in_all("Ada", "Ben", "Cy")
        waiting, matched, locked, self.offered = (runner.slots.near() for _ in range(4))
        self.ada.change_settings(photoUrl="https://pictures.example/ada.png", gender="woman", partnerGender="same")
        self.ada.set_relation("favorite", self.ben)
        self.ben.set_relation("favorite", self.ada)
        self.ada.set_relation("snooze", self.cy, {"until": text_of(waiting.start + timedelta(days=20))})
        self.ada.set_relation("block", runner.sign_in("Dee"))
        self.ada.change_settings(partnerGender="any")
        self.waiting = self.ada.book(waiting, 25, title="Thesis", preferFavorites=True)["sessionId"]
        for member in (self.ben, self.ada):
            self.matched = member.book(matched, 75)["sessionId"]
        self.ben.book(locked)
        self.locked = self.ada.lock(self.ben, locked)["sessionId"]
        self.ben.book(self.offered)
        self.ada.post("/v1/reports", {"sessionId": self.matched, "reason": "other"})
        self.link = self.ada.post("/v1/invite-links", {"maxUses": 3}).json["inviteLink"]
        self.pushed = self.ada.post("/v1/push-subscriptions", BROWSER).json["pushSubscription"]
        self.feed = self.ada.post("/v1/calendar-feeds", {}).json["calendarFeed"]
        self.repeat = self.ada.post("/v1/repeats", PATTERN).json["repeat"]
        self.key = self.ada.post("/v1/api-keys", {"name": "Script", "scope": "read"}).json["apiKey"]
        webhook = {"url": "https://hooks.example/in", "kinds": ["session.booked"]}
        self.webhook = self.ada.post("/v1/webhooks", webhook).json["webhook"]
        self.ada.post(f"/v1/webhooks/{self.webhook['webhookId']}/test", {})
        self.range = {"start": waiting.text, "end": self.offered.text}


@pytest.fixture(scope="module")
def community(controlled_runner: Runner) -> Community:
    """The members whose responses the tests read."""
    return Community(controlled_runner)


RESPONSES: dict[str, tuple[Ask, Any]] = {
    "GET /v1/me": (lambda at: at.ada.get("/v1/me"), {"user": OWN_USER}),
    "PATCH /v1/me": (lambda at: at.ada.patch("/v1/me", {"quietMode": False}), {"user": OWN_USER}),
    "GET /v1/me/export": (
        lambda at: at.ada.get("/v1/me/export"),
        {"user": OWN_USER, "sessions": [SESSION], "people": [PERSON], "inviteLinks": [LINK], "apiKeys": [KEY]},
    ),
    "GET /v1/users/{userId}": (
        lambda at: at.ada.get(f"/v1/users/{at.ben.user_id}"),
        {"user": {**PUBLIC_USER, "isFavorite": bool}},
    ),
    "GET /v1/people": (
        lambda at: at.ada.get("/v1/people"),
        {"favorites": [PERSON], "snoozed": [{**PERSON, "until": INSTANT}], "blocked": [PERSON]},
    ),
    "POST /v1/sessions, held": (
        lambda at: at.ada.post("/v1/sessions", _body(at.ada.session(at.waiting))),
        {"session": SESSION},
    ),
    "GET /v1/sessions": (lambda at: at.ada.get("/v1/sessions", **at.range), {"sessions": [SESSION]}),
    "GET /v1/sessions?limit": (
        lambda at: at.ada.get("/v1/sessions", **at.range, limit=1),
        {"sessions": [SESSION], "nextCursor": str},
    ),
    "GET /v1/sessions/{sessionId}": (lambda at: at.ada.get(f"/v1/sessions/{at.matched}"), {"session": SESSION}),
    "PATCH /v1/sessions/{sessionId}": (
        lambda at: at.ada.patch(f"/v1/sessions/{at.locked}", {"title": "Novel"}),
        {"session": SESSION},
    ),
    "GET /v1/calendar": (
        lambda at: at.ada.get("/v1/calendar", **at.range),
        {"slots": [{**SLOT, "session": (None, SESSION), "favorites": [PARTNER_AT_SLOT]}]},
    ),
    "GET /v1/users/{userId}/availability": (
        lambda at: at.ada.get(f"/v1/users/{at.ben.user_id}/availability"),
        {"slots": [{**SLOT, "locked": bool, "lockable": bool}]},
    ),
    "GET /v1/availability/favorites": (
        lambda at: at.ada.get("/v1/availability/favorites"),
        {"slots": [{**SLOT, "partners": [PARTNER_AT_SLOT]}]},
    ),
    "GET /v1/invite-links": (lambda at: at.ada.get("/v1/invite-links"), {"inviteLinks": [LINK]}),
    "GET /i/{token}": (
        lambda at: at.ada.runner.request("GET", f"/i/{at.link['url'].rpartition('/')[2]}"),
        {"host": {"name": str, "photoUrl": (None, HTTPS)}, "slots": [SLOT]},
    ),
    "GET /i/{token}, signed in": (
        lambda at: at.ben.get(f"/i/{at.link['url'].rpartition('/')[2]}"),
        {"host": {"name": str, "photoUrl": (None, HTTPS)}, "slots": [SLOT], "sessions": [SESSION]},
    ),
    "GET /v1/push-subscriptions": (
        lambda at: at.ada.get("/v1/push-subscriptions"),
        {"pushSubscriptions": [PUSHED]},
    ),
    "GET /v1/config": (
        lambda at: at.ada.runner.request("GET", "/v1/config"),
        {
            "issuer": str,
            "clientId": str,
            "authorizationEndpoint": URL,
            "tokenEndpoint": URL,
            "webSocketUrl": str,
            "vapidPublicKey": str,
            "roomProvider": "lockstep",
            "productName": str,
            "accentColor": None,
            "imprintUrl": None,
            "privacyUrl": None,
        },
    ),
    "GET /v1/repeats": (lambda at: at.ada.get("/v1/repeats"), {"repeats": [REPEAT]}),
    "PATCH /v1/repeats/{repeatId}": (
        lambda at: at.ada.patch(f"/v1/repeats/{at.repeat['repeatId']}", {"title": "Mails"}),
        {"repeat": REPEAT},
    ),
    "GET /v1/calendar-feeds": (lambda at: at.ada.get("/v1/calendar-feeds"), {"calendarFeeds": [FEED]}),
    "GET /v1/api-keys": (lambda at: at.ada.get("/v1/api-keys"), {"apiKeys": [{**KEY, "lastUsed": (None, DATE)}]}),
    "GET /v1/webhooks": (lambda at: at.ada.get("/v1/webhooks"), {"webhooks": [WEBHOOK]}),
    "GET /v1/webhooks/{webhookId}": (
        lambda at: at.ada.get(f"/v1/webhooks/{at.webhook['webhookId']}"),
        {"webhook": WEBHOOK},
    ),
    "GET /v1/webhooks/{webhookId}/deliveries": (
        lambda at: at.ada.get(f"/v1/webhooks/{at.webhook['webhookId']}/deliveries"),
        {"deliveries": [WEBHOOK_DELIVERY]},
    ),
    "GET /health": (lambda at: at.ada.runner.request("GET", "/health"), {"status": "ok"}),
}


def _body(session: Mapping[str, Any]) -> dict[str, Any]:
    return {"startTime": session["startTime"], "duration": session["duration"]}


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_has_every_field_of_the_contract(community: Community, name: str) -> None:
    ask, expected = RESPONSES[name]
    response = ask(community)
    assert response.status == 200, response
    assert mismatch(response.json, expected) is None
    lists = [entry for entry in response.json.values() if isinstance(entry, list)]
    assert all(lists), "an empty list shows nothing"


def test_the_response_to_a_creation_has_every_field_of_the_contract(community: Community) -> None:
    assert mismatch(community.link, {**LINK, "url": URL}) is None
    assert mismatch(community.pushed, PUSHED) is None
    assert mismatch(community.repeat, REPEAT) is None
    assert mismatch(community.feed, {**FEED, "url": URL}) is None
    assert mismatch(community.key, {**KEY, "key": str}) is None
    assert mismatch(community.webhook, {**WEBHOOK, "secret": str}) is None
    booked = community.cy.post("/v1/sessions", community.offered.body(partnerId=community.ben.user_id, locked=False))
    assert (booked.status, mismatch(booked.json, {"session": SESSION})) == (201, None)


def test_the_caller_is_first_and_only_the_partner_has_a_name(community: Community) -> None:
    caller, partner = community.ada.session(community.matched)["users"]
    assert (mismatch(caller, CALLER), mismatch(partner, PARTNER)) == (None, None)
    assert not {"name", "photoUrl", "isFavorite"} & caller.keys()
    assert "sessionTitle" not in partner


def test_r33_a_former_member_has_every_field_of_a_user_without_personal_data(controlled: Runner) -> None:
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    ben.change_settings(photoUrl="https://pictures.example/ben.png", timeZone="Europe/Vienna")
    ada.set_relation("favorite", ben)
    slot = controlled.slots.near()
    for member in (ben, ada):
        member.book(slot)
    controlled.travel(slot.after(minutes=60))
    assert ben.delete("/v1/me").status == 204
    response = ada.get(f"/v1/users/{ben.user_id}")
    assert (response.status, mismatch(response.json, {"user": {**PUBLIC_USER, "isFavorite": bool}})) == (200, None)
    shown = response.json["user"]
    assert (shown["userId"], shown["name"], shown["photoUrl"]) == (ben.user_id, "Former member", None)
    assert (shown["totalSessionCount"], shown["timeZone"], shown["isFavorite"]) == (0, "UTC", False)
    assert cy.get(f"/v1/users/{ben.user_id}").status == 404


@pytest.mark.parametrize(
    ("name", "field", "wrong"),
    [
        ("GET /v1/me", "timeZone", None),
        ("GET /v1/me", "totalSessionCount", "1"),
        ("GET /v1/me", "totalSessionCount", 1.0),
        ("GET /v1/me", "memberSince", "2026-01-01T00:00:00.000+00:00"),
        ("GET /v1/me", "gender", "female"),
    ],
)
def test_another_type_unit_or_name_is_a_mismatch(community: Community, name: str, field: str, wrong: Any) -> None:
    ask, expected = RESPONSES[name]
    user = ask(community).json["user"]
    assert mismatch({"user": user | {field: wrong}}, expected) == f".user.{field}: {wrong!r}"
    del user[field]
    assert mismatch({"user": user}, expected) is not None
