"""The calls of every route, by an account or about it."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from bench.account_sizes import START, TOMORROW
from bench.accounts import ADDRESS, ROOM_SECRET, AccountStage
from chalicelib.domain.model.limits import LARGEST_BATCH
from chalicelib.domain.model.mail_tokens import unsubscribe_token, verification_token
from chalicelib.domain.model.repeat import Weekday
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.handlers.http.resources.room_events import JOINED
from chalicelib.services.rooms.room import room_name
from tests.handlers.all_routes import BROWSER

Body = Mapping[str, Any]
# The subjects of the callers' tokens.
MEMBER, STRANGER, STAFF = "member", "stranger", "staff"
HALF_HOUR = timedelta(minutes=30)


class RouteCall(Struct, frozen=True):
    """A call of a route. `label` says how it differs from other calls.

    `caller` is the subject of its token. `headers` are further headers.
    """

    method: str
    route: str
    path: str
    label: str = ""
    body: Body | None = None
    caller: str = MEMBER
    headers: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """The route with its label."""
        return f"{self.method} {self.route}" + (f", {self.label}" if self.label else "")


def calls(stage: AccountStage) -> list[RouteCall]:
    """Return at least one call of every route, the most expensive first where several differ."""
    return [
        *_public(stage),
        *_members(stage),
        *_notices(stage),
        *_people(stage),
        *_sessions(stage),
        *_views(),
        *_repeats(stage),
        *_lists(stage),
        *_webhooks(stage),
        *_about(stage),
        *_staff(stage),
    ]


def _call(
    method: str, route: str, label: str = "", body: Body | None = None, query: str = "", **names: str
) -> RouteCall:
    return RouteCall(method, route, route.format(**names) + query, label, body)


def slot_body(slot: Slot, **fields: Any) -> Body:
    """Return the body of a booking of a slot."""
    return {"startTime": slot.start.isoformat(), "duration": slot.minutes * 60_000, **fields}


def _tomorrow(minutes_before_midnight: int) -> Slot:
    """Return a slot of 25 minutes in the last hour of tomorrow, which the account leaves free."""
    return Slot(day_start(TOMORROW) + timedelta(days=1, minutes=-minutes_before_midnight), 25)


def _range(first: datetime, days: int, more: str = "") -> str:
    texts = (instant.isoformat().replace("+00:00", "Z") for instant in (first, first + timedelta(days=days)))
    return "?start={}&end={}".format(*texts) + more


def _public(stage: AccountStage) -> list[RouteCall]:
    paths = ("/health", "/docs", "/openapi.json", "/signed-in", "/v1/config")
    link = {"token": stage.ids.own_link}
    return [
        *(_call("GET", path) for path in paths),
        _call("GET", "/i/{token}", **link),
    ]


def _members(stage: AccountStage) -> list[RouteCall]:
    return [
        _call("GET", "/v1/me"),
        _call("PATCH", "/v1/me", body={"quietMode": True}),
        _call("GET", "/v1/me/export"),
        _call("GET", "/v1/me/export/calendar"),
        _call("GET", "/v1/me/export/sheet"),
        _call("GET", "/v1/me/access"),
        _call("GET", "/v1/me/attendance"),
        _call("DELETE", "/v1/me"),
        _call("GET", "/v1/users/{userId}", "of the oldest session, deleted since", userId=stage.ids.former_id),
        _call("GET", "/v1/users/{userId}", userId=stage.members.partner.member_id),
        _call("GET", "/v1/users/{userId}/availability", userId=stage.members.target.member_id),
    ]


def _notices(stage: AccountStage) -> list[RouteCall]:
    notices, member = "/v1/me/notices", stage.member.member_id
    key, now = stage.world.context.settings.identity_key, stage.world.context.clock()
    links = {
        "/n/verify/{token}": verification_token(key, member, ADDRESS, now),
        "/n/unsubscribe/{token}": unsubscribe_token(key, member, ADDRESS),
    }
    return [
        _call("GET", notices),
        _call("GET", "/v1/events"),
        _call("PATCH", notices, body={"email": {"address": "another@example.org"}, "push": {"kinds": []}}),
        *(_call(method, path, token=token) for path, token in links.items() for method in ("GET", "POST")),
    ]


def _people(stage: AccountStage) -> list[RouteCall]:
    until = (START + timedelta(days=3)).isoformat()
    person = "/v1/people/{userId}"
    other, favorite = stage.members.waiting.member_id, stage.members.target.member_id
    return [
        _call("GET", "/v1/people"),
        _call("GET", "/v1/people", "50 of them", query="?limit=50"),
        _call("PUT", f"{person}/favorite", userId=other),
        _call("DELETE", f"{person}/favorite", userId=favorite),
        _call("PUT", f"{person}/watch", userId=favorite),
        _call("DELETE", f"{person}/watch", userId=stage.ids.watched_id),
        _call("PUT", f"{person}/snooze", body={"until": until}, userId=other),
        _call("DELETE", f"{person}/snooze", userId=stage.members.snoozed.member_id),
        _call("PUT", f"{person}/block", "of the partner of all sessions", userId=stage.members.partner.member_id),
        _call("PUT", f"{person}/block", userId=other),
        _call("DELETE", f"{person}/block", userId=stage.members.blocked.member_id),
    ]


def _sessions(stage: AccountStage) -> list[RouteCall]:
    sessions, session = "/v1/sessions", "/v1/sessions/{sessionId}"
    free, paired, held = _tomorrow(60), _tomorrow(30), stage.slots[0]
    target, own = stage.members.target.member_id, {"sessionId": stage.session_id}
    longer = Slot(held.start, 75)
    locks = [slot_body(slot, partnerId=target) for slot in stage.slots[:LARGEST_BATCH]]
    return [
        _call("POST", sessions, "waits", slot_body(free)),
        _call("POST", sessions, "pairs at once", slot_body(paired)),
        _call("POST", sessions, "held already", slot_body(held)),
        _call("POST", sessions, "replaces three", slot_body(longer, replace=True)),
        _call("POST", sessions, "lock over two matches", slot_body(held, partnerId=target)),
        _call("POST", sessions, "refused lock", slot_body(free, partnerId=target)),
        _call("POST", f"{sessions}/batch", "one session", {"sessions": [slot_body(free)]}),
        _call("POST", f"{sessions}/batch", "30 locks over two matches each", {"sessions": locks}),
        _call("GET", sessions, "of a year", query=_range(START - timedelta(days=265), 365)),
        _call("GET", sessions, "1,000 of a year", query=_range(START - timedelta(days=265), 365, "&limit=1000")),
        _call("GET", sessions, "50 of a year", query=_range(START - timedelta(days=265), 365, "&limit=50")),
        _call("GET", session, **own),
        _call("GET", f"{session}/calendar", **own),
        _call("PATCH", session, "title", {"title": "Review"}, **own),
        _call("PATCH", session, "mode", {"quietMode": True}, **own),
        _call("PATCH", session, "preference", {"preferFavorites": True}, **own),
        _call("DELETE", session, **own),
        _call("POST", f"{session}/join", sessionId=stage.started.booking_id),
        _webhook_of_join(stage),
        _call(
            "POST", "/v1/reports", body={"sessionId": stage.started.booking_id, "reason": "other", "text": "x" * 2000}
        ),
        _call("POST", f"{session}/second-chance", sessionId=stage.alone.booking_id),
        _call("POST", "/i/{token}", body=slot_body(held), token=stage.ids.link),
    ]


def _webhook_of_join(stage: AccountStage) -> RouteCall:
    """Return the signed webhook of a room provider that reports a join of the member."""
    joined, settings = stage.started, stage.world.context.settings
    assert joined.partner
    room = room_name(settings.identity_key, joined.partner.pair_id)
    user_id = f"{joined.member_id}.{joined.booking_id}"
    body = {"eventType": JOINED, "fqn": f"tenant/{room}", "data": {"id": user_id}}
    timestamp = str(int(START.timestamp()))
    signed = f"{timestamp}.{json.dumps(body)}".encode()
    signature = base64.b64encode(hmac.digest(ROOM_SECRET.encode(), signed, "sha256")).decode()
    path = "/v1/rooms/joined"
    return RouteCall("POST", path, path, body=body, headers={"X-Jaas-Signature": f"t={timestamp},v1={signature}"})


def _views() -> list[RouteCall]:
    return [
        _call("GET", "/v1/calendar", "five weeks", query=_range(START, 35)),
        _call("GET", "/v1/calendar", "two weeks", query=_range(START, 14)),
        _call("GET", "/v1/calendar", "one day", query=_range(day_start(TOMORROW), 1)),
        _call("GET", "/v1/availability/favorites"),
    ]


def _repeats(stage: AccountStage) -> list[RouteCall]:
    repeat, own = "/v1/repeats/{repeatId}", {"repeatId": stage.ids.repeat_id}
    # In the last hour of each date, which the account leaves free.
    daily = {"weekdays": list(Weekday), "time": "23:00", "timeZone": "UTC", "duration": 25 * 60_000}
    return [
        _call("POST", "/v1/repeats", body=daily),
        _call("GET", "/v1/repeats"),
        _call("PATCH", repeat, body={"title": "Review"}, **own),
        _call("DELETE", repeat, query="?sessions=cancel", **own),
    ]


def _lists(stage: AccountStage) -> list[RouteCall]:
    return [
        _call("POST", "/v1/invite-links", body={}),
        _call("GET", "/v1/invite-links"),
        _call("DELETE", "/v1/invite-links/{inviteLinkId}", inviteLinkId=stage.ids.link_id),
        _call("GET", "/c/{file}", file=f"{stage.ids.feed}.ics"),
        _call("POST", "/v1/push-subscriptions", body=BROWSER),
        _call("GET", "/v1/push-subscriptions"),
        _call("DELETE", "/v1/push-subscriptions/{pushSubscriptionId}", pushSubscriptionId=stage.ids.browser_id),
        _call("POST", "/v1/calendar-feeds"),
        _call("GET", "/v1/calendar-feeds"),
        _call("DELETE", "/v1/calendar-feeds/{calendarFeedId}", calendarFeedId=stage.ids.feed_id),
        _call("POST", "/v1/api-keys", body={"name": "A script", "scope": "read"}),
        _call("GET", "/v1/api-keys"),
        _call("DELETE", "/v1/api-keys/{apiKeyId}", apiKeyId=stage.ids.key_id),
    ]


def _webhooks(stage: AccountStage) -> list[RouteCall]:
    webhook, own = "/v1/webhooks/{webhookId}", {"webhookId": stage.ids.webhook_id}
    return [
        _call("POST", "/v1/webhooks", body={"url": "https://hooks.example/in"}),
        _call("GET", "/v1/webhooks"),
        _call("GET", webhook, **own),
        _call("PATCH", webhook, body={"enabled": False}, **own),
        _call("POST", f"{webhook}/test", **own),
        _call("GET", f"{webhook}/deliveries", **own),
        _call("POST", f"{webhook}/deliveries/{{eventId}}", **own, eventId=stage.ids.event_id),
        _call("DELETE", webhook, **own),
    ]


def _staff(stage: AccountStage) -> list[RouteCall]:
    """Return the calls of staff, the suspension of the account last."""
    suspension, member = "/v1/staff/members/{userId}/suspension", {"userId": stage.member.member_id}
    asked = [
        _call("GET", "/v1/staff/reports"),
        _call("GET", "/v1/staff/members", "by id", query=f"?query={stage.member.member_id}"),
        _call("GET", "/v1/staff/members", "by name", query="?query=nowhere"),
        _call("DELETE", suspension, **member),
        _call("GET", "/v1/staff/log"),
        _call("PUT", suspension, body={"reason": "Rude"}, **member),
    ]
    return [RouteCall(one.method, one.route, one.path, one.label, one.body, STAFF) for one in asked]


def _about(stage: AccountStage) -> list[RouteCall]:
    """Return calls of a member without anything that concern the account (R36)."""
    me, until = {"userId": stage.member.member_id}, (START + timedelta(days=3)).isoformat()
    lock = slot_body(stage.slots[0], partnerId=stage.member.member_id)
    asked = [
        _call("GET", "/v1/users/{userId}", "by another", **me),
        _call("GET", "/v1/users/{userId}/availability", "by another", **me),
        _call("GET", "/v1/availability/favorites", "by a follower"),
        _call("GET", "/v1/calendar", "by a follower", query=_range(START, 14)),
        _call("DELETE", "/v1/people/{userId}/favorite", "by a follower", **me),
        _call("PUT", "/v1/people/{userId}/snooze", "by another", {"until": until}, **me),
        _call("PUT", "/v1/people/{userId}/block", "by another", **me),
        _call("POST", "/v1/sessions", "lock by a follower", lock),
        _call("POST", "/i/{token}", "by another", slot_body(stage.slots[0]), token=stage.ids.own_link),
    ]
    return [RouteCall(one.method, one.route, one.path, one.label, one.body, STRANGER) for one in asked]
