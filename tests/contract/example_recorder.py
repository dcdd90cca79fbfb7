"""A small story told to the service, and what it answered: the examples of the description.

Time stands still, ids come from a seeded generator and members have fixed subjects, so that the same code always gives
the same answers.
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
from chalicelib.handlers.http.operations import operations
from chalicelib.handlers.http.registration import register_routes
from chalicelib.handlers.http.tokens import KeySet, TokenVerifier
from tests.harness import World, at

KEY = ec.generate_private_key(ec.SECP256R1())
JWK = {**jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "one", "alg": "ES256"}
# What tells a request from every other has to be the same in each recording.
INSTANCE = "/requests/7f3k2m9q4w8x5y6z1b0c3d2e4f"

Json = dict[str, Any]


@dataclass
class Teller:
    """Makes requests as members, and keeps what they were answered."""

    client: Client
    issuer: str
    audience: str
    kept: Json = field(default_factory=dict)

    def ask(self, who: str | None, method: str, path: str, body: Any = None, **more: Any) -> Json:
        """One request; `body` is sent as JSON, but for bytes. What is answered is not kept."""
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        if who:
            headers["Authorization"] = f"Bearer {self._token(who)}"
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.client.http.request(method, path, headers=headers, body=raw)
        answered: Json = json.loads(answer.body) if answer.body else {}
        assert (answer.status_code, answered.get("code")) == (more["status"], more.get("code")), answered
        return answered

    def tell(self, who: str | None, name: str, body: Any = None, query: str = "", **more: Any) -> Json:
        """One request of the operation of that name, which must do; body and answer are its examples."""
        (operation,) = [found for found in operations() if found.view.__name__ == name]
        status = more.pop("status", 200)
        path = operation.path.format(**more.pop("names", {})) + query
        answered = self.ask(who, operation.method, path, body, status=status, **more)
        label = name.split("_")[0] + "".join(word.capitalize() for word in name.split("_")[1:])
        if body is not None:
            self.kept.setdefault(f"{label} body", body)
        if answered:
            self.kept[f"{label} {status}"] = answered
        return answered

    def refused(self, code: str, status: int, *request: Any, **more: Any) -> None:
        """One request that must be refused; the problem is the example of its code."""
        self.kept[code] = {**self.ask(*request, status=status, code=code, **more), "instance": INSTANCE}

    def _token(self, who: str) -> str:
        now = datetime.now(UTC)
        claims = {"iss": self.issuer, "aud": self.audience, "sub": who, "name": who, "iat": now}
        return jwt.encode({**claims, "exp": now + timedelta(hours=1)}, KEY, algorithm="ES256", headers={"kid": "one"})


def record(world: World) -> Json:
    """The examples, by operation and status, problems by their code."""
    world.context.ids = Random(20261126)
    app = Chalice(app_name="lockstep")
    keys = KeySet(lambda: {"keys": [JWK]}, clock=lambda: 0)
    tokens = TokenVerifier(world.settings.issuer, world.settings.audience, keys, clock=lambda: datetime.now(UTC))
    register_routes(app, world.context, tokens)
    with Client(app) as client:
        teller = Teller(client, world.settings.issuer, world.settings.audience)
        _story(teller, world)
        _refusals(teller, world)
    # A batch tells of a problem too.
    for result in teller.kept["postSessions 200"]["results"]:
        if "problem" in result:
            result["problem"]["instance"] = INSTANCE
    return dict(sorted(teller.kept.items()))


def _booking(hours: float, **more: Any) -> Json:
    return {"startTime": at(hours).start.isoformat(), "duration": 3000000, **more}


def _story(teller: Teller, world: World) -> None:
    """What members do who find to each other."""
    ben, cy = (teller.ask(who, "GET", "/v1/me", status=200)["user"]["userId"] for who in ("Ben", "Cy"))
    teller.tell("Ada", "get_me")
    teller.tell("Ada", "patch_me", {"timeZone": "Europe/Vienna", "activityType": "desk", "gender": "woman"})
    teller.tell("Ada", "put_favorite", names={"userId": ben}, status=204)
    teller.tell("Ada", "put_snooze", {"until": at(72).start.isoformat()}, names={"userId": cy}, status=204)
    teller.ask("Ben", "POST", "/v1/sessions", _booking(1), status=201)
    teller.tell("Ada", "get_people")
    teller.tell("Ada", "get_user", names={"userId": ben})
    teller.tell("Ada", "get_availability", names={"userId": ben})
    teller.tell("Ada", "get_favorites_availability")
    lock = _booking(1, title="Thesis", partnerId=ben)
    session = teller.tell("Ada", "post_session", lock, status=201)["session"]["sessionId"]
    teller.tell("Ada", "post_session", lock)
    teller.tell("Ada", "post_sessions", {"sessions": [_booking(4, title="Proofs"), _booking(1.1)]})
    week = f"?start={at(0).start:%Y-%m-%dT%H:%M:%SZ}&end={at(100).start:%Y-%m-%dT%H:%M:%SZ}"
    teller.tell("Ada", "get_calendar", query=week)
    teller.tell("Ada", "get_sessions", query=f"{week}&limit=1")
    teller.tell("Ada", "get_own_session", names={"sessionId": session})
    teller.tell("Ada", "patch_session", {"title": "Thesis, chapter 2"}, names={"sessionId": session})
    link = teller.tell("Ada", "post_link", {"maxUses": 5}, status=201)["inviteLink"]
    token = link["url"].rpartition("/")[2]
    teller.tell("Ada", "get_links")
    teller.tell(None, "get_invite", names={"token": token})
    teller.tell("Dee", "post_invite", _booking(4), names={"token": token}, status=201)
    teller.tell("Ada", "post_key", {"name": "Calendar on the wall", "scope": "read"}, status=201)
    teller.tell("Ada", "get_keys")
    teller.tell("Ada", "get_export")
    teller.tell(None, "get_health")


def _refusals(teller: Teller, world: World) -> None:
    """What members are refused."""
    sessions = "/v1/sessions"
    ben = teller.ask("Ben", "GET", "/v1/me", status=200)["user"]["userId"]
    teller.refused("unauthenticated", 401, None, "GET", "/v1/me")
    reader = {"X-API-KEY": teller.kept["postKey 201"]["apiKey"]["key"]}
    teller.refused("forbidden", 403, None, "PATCH", "/v1/me", {"quietMode": True}, headers=reader)
    teller.refused("malformed_json", 400, "Ada", "POST", sessions, b'{"startTime": ')
    teller.refused("too_large", 413, "Ada", "POST", sessions, b" " * 20_000)
    html = {"Content-Type": "text/html"}
    teller.refused("unsupported_media_type", 415, "Ada", "POST", sessions, b"<p>", headers=html)
    teller.refused("invalid_request", 422, "Ada", "POST", sessions, {**_booking(6), "duration": 1})
    teller.refused("invalid_cursor", 400, "Ada", "GET", "/v1/people?limit=1&cursor=made-up")
    teller.refused("not_found", 404, "Ada", "GET", f"{sessions}/nobody-s")
    teller.refused("invite_unavailable", 404, None, "GET", "/i/made-up")
    teller.refused("not_available", 409, "Cy", "POST", sessions, _booking(1, partnerId=ben))
    teller.refused("time_conflict", 409, "Ben", "POST", sessions, _booking(1.25))
    key = {"Idempotency-Key": "one"}
    teller.ask("Eve", "POST", sessions, _booking(6), headers=key, status=201)
    teller.refused("idempotency_key_reused", 422, "Eve", "POST", sessions, _booking(8), headers=key)
    (held,) = teller.ask("Ben", "GET", f"{sessions}?start=2026-03-02T00:00:00Z&end=2026-03-03T00:00:00Z", status=200)[
        "sessions"
    ]
    world.context.settings = replace(world.context.settings, limits=MemberLimits(tries=1))
    teller.ask("Eve", "POST", "/i/made-up", _booking(10), status=404, code="invite_unavailable")
    teller.refused("rate_limited", 429, "Eve", "POST", "/i/made-up", _booking(10))
    world.after(hours=2)
    teller.refused("too_late", 409, "Ben", "DELETE", f"{sessions}/{held['sessionId']}")
