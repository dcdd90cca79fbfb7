"""The examples of the OpenAPI document, recorded from one fixed sequence of requests.

The clock stands still, ids come from a seeded generator and members have fixed subjects. So the same code always gives
the same responses.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import jwt
from chalice.app import Chalice
from chalice.test import Client
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.mail_tokens import unsubscribe_token, verification_token
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.operations import operations
from chalicelib.handlers.http.registration import register_routes
from chalicelib.staff_rule import StaffRule
from tests.announcements import announce_all
from tests.handlers.all_routes import BROWSER
from tests.harness import World, at

KEY = ec.generate_private_key(ec.SECP256R1())
JWK = {**jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "one", "alg": "ES256"}
# The member of staff.
STAFF = "Sol"
# The id of a request must be the same in each recording.
INSTANCE = "/requests/7f3k2m9q4w8x5y6z1b0c3d2e4f"

Json = dict[str, Any]


@dataclass
class ExampleRecorder:
    """A client that sends requests as members, and records bodies and responses as examples."""

    client: Client
    issuer: str
    audience: str
    examples: Json = field(default_factory=dict)

    def send(self, subject: str | None, method: str, path: str, body: Any = None, **more: Any) -> Json:
        """Send one request without recording it, assert its status and code, and return the response.

        A `body` of bytes is sent unchanged, any other as JSON.
        """
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        if subject:
            headers["Authorization"] = f"Bearer {self._token(subject)}"
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self.client.http.request(method, path, headers=headers, body=raw)
        content: Json = json.loads(response.body) if response.body else {}
        assert (response.status_code, content.get("code")) == (more["status"], more.get("code")), content
        return content

    def record(self, subject: str | None, name: str, body: Any = None, query: str = "", **more: Any) -> Json:
        """Send a request of the named operation, which must succeed, and record its body and response."""
        (operation,) = [found for found in operations() if found.view.__name__ == name]
        status = more.pop("status", 200)
        path = operation.path.format(**more.pop("names", {})) + query
        content = self.send(subject, operation.method, path, body, status=status, **more)
        label = name.split("_")[0] + "".join(word.capitalize() for word in name.split("_")[1:])
        if body is not None:
            self.examples.setdefault(f"{label} body", body)
        if content:
            self.examples[f"{label} {status}"] = content
        return content

    def record_problem(self, code: str, status: int, *request: Any, **more: Any) -> None:
        """Send a request that must be refused, and record the problem as the example of its code."""
        self.examples[code] = {**self.send(*request, status=status, code=code, **more), "instance": INSTANCE}

    def _token(self, subject: str) -> str:
        now = datetime.now(UTC)
        claims = {"iss": self.issuer, "aud": self.audience, "sub": subject, "name": subject, "iat": now}
        claims |= {"groups": ["staff"]} if subject == STAFF else {}
        return jwt.encode({**claims, "exp": now + timedelta(hours=1)}, KEY, algorithm="ES256", headers={"kid": "one"})


def record(world: World) -> Json:
    """Return the examples by operation and status, and those of problems by code."""
    world.context.ids = Random(20261126)
    messaging = replace(world.settings.messaging, public_url="https://lockstep.example")
    staff = StaffRule("groups")
    world.context.settings = replace(world.context.settings, messaging=messaging, attendance=True, staff=staff)
    app = Chalice(app_name="lockstep")
    register_routes(app, world.context, verifier(world.context.settings, fetch=lambda _: {"keys": [JWK]}))
    with Client(app) as client:
        recorder = ExampleRecorder(client, world.settings.issuer, world.settings.audiences[0])
        _record_responses(recorder, world)
        alone = _join_alone(recorder)
        _record_problems(recorder, world)
        recorder.record("Fay", "post_second_chance", names=alone, status=202)
        world.after(hours=2)
        # The session that Ada joined has ended.
        recorder.record("Ada", "get_attendance")
        _record_order(recorder)
    # The results of a batch contain problems too.
    for result in recorder.examples["postSessions 200"]["results"]:
        if "problem" in result:
            result["problem"]["instance"] = INSTANCE
    return dict(sorted(recorder.examples.items()))


def _booking(hours: float, **more: Any) -> Json:
    return {"startTime": at(hours).start.isoformat(), "duration": 3000000, **more}


def _record_responses(recorder: ExampleRecorder, world: World) -> None:
    """Record the successful operations."""
    ben, cy = (recorder.send(name, "GET", "/v1/me", status=200)["user"]["userId"] for name in ("Ben", "Cy"))
    recorder.record("Ada", "get_me")
    recorder.record("Ada", "patch_me", {"timeZone": "Europe/Vienna", "activityType": "desk", "gender": "woman"})
    recorder.record("Ada", "put_favorite", names={"userId": ben}, status=204)
    recorder.record("Ada", "put_watch", names={"userId": ben}, status=204)
    recorder.record("Ada", "put_snooze", {"until": at(72).start.isoformat()}, names={"userId": cy}, status=204)
    recorder.send("Ben", "POST", "/v1/sessions", _booking(1), status=201)
    recorder.record("Ada", "get_people")
    _record_notices(recorder, world)
    recorder.record("Ada", "get_user", names={"userId": ben})
    recorder.record("Ada", "get_availability", names={"userId": ben})
    recorder.record("Ada", "get_favorites_availability")
    lock = _booking(1, title="Thesis", partnerId=ben)
    session = recorder.record("Ada", "post_session", lock, status=201)["session"]["sessionId"]
    recorder.record("Ada", "post_session", lock)
    recorder.record("Ada", "post_sessions", {"sessions": [_booking(4, title="Proofs"), _booking(1.1)]})
    week = f"?start={at(0).start:%Y-%m-%dT%H:%M:%SZ}&end={at(100).start:%Y-%m-%dT%H:%M:%SZ}"
    recorder.record("Ada", "get_calendar", query=week)
    recorder.record("Ada", "get_sessions", query=f"{week}&limit=1")
    recorder.record("Ada", "get_own_session", names={"sessionId": session})
    recorder.record("Ada", "patch_session", {"title": "Thesis, chapter 2"}, names={"sessionId": session})
    _record_repeats(recorder)
    link = recorder.record("Ada", "post_link", {"maxUses": 5}, status=201)["inviteLink"]
    token = link["url"].rpartition("/")[2]
    recorder.record("Ada", "get_links")
    recorder.record(None, "get_invite", names={"token": token})
    recorder.record("Dee", "post_invite", _booking(4), names={"token": token}, status=201)
    recorder.record("Ada", "post_key", {"name": "Calendar on the wall", "scope": "read"}, status=201)
    recorder.record("Ada", "get_keys")
    recorder.record("Ada", "post_subscription", BROWSER, status=201)
    recorder.record("Ada", "get_subscriptions")
    recorder.record("Ada", "post_feed", status=201)
    recorder.record("Ada", "get_feeds")
    announce_all(world)
    recorder.record("Ada", "get_events", query="?limit=2")
    _record_webhooks(recorder)
    recorder.record("Ada", "get_access")
    recorder.record("Ada", "get_export")
    world.after(minutes=55)
    recorder.record("Ada", "post_join", names={"sessionId": session})
    recorder.record(None, "get_config")
    recorder.record(None, "get_health")


def _record_repeats(recorder: ExampleRecorder) -> None:
    """Record a repeat from its making to its change."""
    pattern = {"weekdays": ["tue"], "time": "07:00", "timeZone": "Europe/Vienna", "duration": 1500000, "title": "Mails"}
    repeat = {"repeatId": recorder.record("Ada", "post_repeat", pattern, status=201)["repeat"]["repeatId"]}
    # The same request again.
    recorder.record("Ada", "post_repeat", pattern)
    recorder.record("Ada", "patch_repeat", {"weekdays": ["tue", "thu"]}, names=repeat)
    recorder.record("Ada", "get_repeats")


def _record_webhooks(recorder: ExampleRecorder) -> None:
    """Record a webhook and a delivery to it."""
    hook = {"url": "https://hooks.example/lockstep", "kinds": ["session.matched", "session.partner_cancelled"]}
    webhook = {"webhookId": recorder.record("Ada", "post_webhook", hook, status=201)["webhook"]["webhookId"]}
    recorder.record("Ada", "get_webhooks")
    recorder.record("Ada", "get_webhook", names=webhook)
    recorder.record("Ada", "patch_webhook", {"kinds": ["session.matched"]}, names=webhook)
    event = recorder.record("Ada", "post_webhook_test", names=webhook)["delivery"]["eventId"]
    recorder.record("Ada", "get_webhook_deliveries", names=webhook)
    recorder.record("Ada", "post_webhook_delivery", names=webhook | {"eventId": event})


def _record_notices(recorder: ExampleRecorder, world: World) -> None:
    """Record the settings of notices, and the links that the member's mails contain."""
    me, key = recorder.send("Ada", "GET", "/v1/me", status=200)["user"]["userId"], world.settings.identity_key
    address = "ada@example.org"
    recorder.record("Ada", "patch_notices", {"email": {"address": address, "kinds": ["session.matched"]}})
    verification = {"token": verification_token(key, me, address, world.now)}
    recorder.record(None, "get_verification", names=verification)
    recorder.record(None, "post_verification", names=verification)
    recorder.record("Ada", "get_notices")
    unsubscription = {"token": unsubscribe_token(key, me, address)}
    recorder.record(None, "get_unsubscription", names=unsubscription)
    recorder.record(None, "post_unsubscription", names=unsubscription)


def _join_alone(recorder: ExampleRecorder) -> dict[str, str]:
    """Let Fay join a session whose partner Gil does not, and return the session."""
    booked = [
        recorder.send(name, "POST", "/v1/sessions", _booking(1), status=201)["session"] for name in ("Fay", "Gil")
    ]
    session = {"sessionId": booked[0]["sessionId"]}
    recorder.send("Fay", "POST", f"/v1/sessions/{session['sessionId']}/join", status=200)
    return session


def _record_order(recorder: ExampleRecorder) -> None:
    """Record a report by Ada, and the acts of Sol, who is staff."""
    session = recorder.examples["getOwnSession 200"]["session"]["sessionId"]
    text = "Did not come, and did not cancel."
    recorder.record("Ada", "post_report", {"sessionId": session, "reason": "no_show", "text": text}, status=202)
    gil = {"userId": recorder.send("Gil", "GET", "/v1/me", status=200)["user"]["userId"]}
    recorder.record(STAFF, "get_reports")
    recorder.record(STAFF, "put_suspension", {"reason": "Missed ten sessions."}, names=gil, status=204)
    recorder.record_problem("suspended", 403, "Gil", "GET", "/v1/me")
    recorder.record(STAFF, "get_members", query="?query=gil")
    recorder.record(STAFF, "delete_suspension", names=gil, status=204)
    recorder.record(STAFF, "get_log")


def _record_problems(recorder: ExampleRecorder, world: World) -> None:
    """Record one problem of each code that a request alone can cause."""
    sessions = "/v1/sessions"
    ben = recorder.send("Ben", "GET", "/v1/me", status=200)["user"]["userId"]
    recorder.record_problem("unauthenticated", 401, None, "GET", "/v1/me")
    reader = {"X-API-KEY": recorder.examples["postKey 201"]["apiKey"]["key"]}
    recorder.record_problem("forbidden", 403, None, "PATCH", "/v1/me", {"quietMode": True}, headers=reader)
    recorder.record_problem("malformed_json", 400, "Ada", "POST", sessions, b'{"startTime": ')
    recorder.record_problem("too_large", 413, "Ada", "POST", sessions, b" " * 20_000)
    html = {"Content-Type": "text/html"}
    recorder.record_problem("unsupported_media_type", 415, "Ada", "POST", sessions, b"<p>", headers=html)
    recorder.record_problem("invalid_request", 422, "Ada", "POST", sessions, {**_booking(6), "duration": 1})
    recorder.record_problem("invalid_cursor", 400, "Ada", "GET", "/v1/people?limit=1&cursor=made-up")
    recorder.record_problem("not_found", 404, "Ada", "GET", f"{sessions}/unknown")
    recorder.record_problem("invite_unavailable", 404, None, "GET", "/i/made-up")
    recorder.record_problem("not_available", 409, "Cy", "POST", sessions, _booking(1, partnerId=ben))
    recorder.record_problem("time_conflict", 409, "Ben", "POST", sessions, _booking(1.25))
    key = {"Idempotency-Key": "one"}
    recorder.send("Eve", "POST", sessions, _booking(6), headers=key, status=201)
    recorder.record_problem("idempotency_key_reused", 422, "Eve", "POST", sessions, _booking(8), headers=key)
    (booked,) = recorder.send(
        "Ben", "GET", f"{sessions}?start=2026-03-02T00:00:00Z&end=2026-03-03T00:00:00Z", status=200
    )["sessions"]
    world.context.settings = replace(world.context.settings, limits=MemberLimits(tries=1))
    recorder.send("Eve", "POST", "/i/made-up", _booking(10), status=404, code="invite_unavailable")
    recorder.record_problem("rate_limited", 429, "Eve", "POST", "/i/made-up", _booking(10))
    world.after(minutes=10)
    recorder.record_problem("too_late", 409, "Ben", "DELETE", f"{sessions}/{booked['sessionId']}")
