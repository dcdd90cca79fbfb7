"""The deployed app on a test's table, clock and issuer, and calls of all its routes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from chalice.app import Chalice
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from msgspec.structs import replace

from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.registration import register_routes
from chalicelib.handlers.http.routes import UNKNOWN_PATH
from tests.harness import MONDAY, World, at

NINE, LATER = at(1), at(3)
KEY = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
SECRET = b"a shared secret of 32 characters"
# The issuer's key set: the signing key, a shared secret, and a key that signs no token of these tests.
JWK = {**jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "one", "alg": "ES256"}
RSA_JWK = jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True)
SECRET_JWK = {"kty": "oct", "k": jwt.utils.base64url_encode(SECRET).decode(), "kid": "two", "alg": "HS256"}
# A browser as it describes itself for push messages. The point is that of the private key 1.
BROWSER_KEYS = {
    "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    "auth": "c2l4dGVlbiBieXRlcy4uLg",
}
BROWSER = {"endpoint": "https://push.example/send/one", "expirationTime": None, "keys": BROWSER_KEYS}
# A repeat whose first occurrence is more than 14 days ahead.
REPEAT = {"weekdays": ["mon"], "time": "09:00", "timeZone": "UTC", "duration": 3000000, "from": "2026-04-01"}
JWKS = {"keys": [JWK, SECRET_JWK, {**RSA_JWK, "kid": "three", "alg": "RS256"}]}


def api(world: World) -> Chalice:
    """Return the deployed app on the test's table, clock and issuer."""
    app = Chalice(app_name="lockstep")
    # Without a gateway the address of a request is unknown.
    world.context.settings = replace(world.context.settings, invite_url="https://lockstep.example/i")
    register_routes(app, world.context, verifier(world.settings, fetch=lambda _: JWKS))
    return app


def claims(world: World, subject: str, **changed: Any) -> dict[str, Any]:
    """Return the claims of a valid token with the changes. A claim that is changed to None is left out."""
    now = datetime.now(UTC)
    valid = {"iss": world.settings.issuer, "aud": world.settings.audiences[0], "sub": subject, "iat": now}
    chosen = {**valid, "exp": now + timedelta(hours=1), **changed}
    return {name: value for name, value in chosen.items() if value is not None}


def signed(issuer: str, audience: str, subject: str, **more: Any) -> str:
    """Return a valid token of an issuer with the test's key and further claims."""
    now = datetime.now(UTC)
    valid = {"iss": issuer, "aud": audience, "sub": subject, "iat": now, "exp": now + timedelta(hours=1)}
    return jwt.encode({**valid, **more}, KEY, algorithm="ES256", headers={"kid": "one"})


def token(world: World, subject: str, **changed: Any) -> str:
    """Return a token of the test's issuer."""
    return jwt.encode(claims(world, subject, **changed), KEY, algorithm="ES256", headers={"kid": "one"})


def calls(app: Chalice, names: dict[str, str]) -> list[tuple[str, str, Any]]:
    """Return a call of every method of every route, with `names` as the parameters of the paths.

    Reads come first, then writes, then deletions.
    """
    target = names["userId"]
    booking = {"startTime": NINE.start.isoformat(), "duration": 3000000, "partnerId": target}
    elsewhere = {**booking, "startTime": LATER.start.isoformat(), "locked": False}
    until = (MONDAY + timedelta(days=3)).isoformat()
    bodies: dict[tuple[str, str], list[Any]] = {
        ("POST", "/v1/sessions"): [booking, {**booking, "replace": True}, elsewhere],
        ("POST", "/v1/sessions/batch"): [{"sessions": [booking, {**elsewhere, "startTime": at(7).start.isoformat()}]}],
        ("POST", "/v1/invite-links"): [{"maxUses": 3}],
        ("POST", "/v1/repeats"): [{**REPEAT, "partnerId": target}],
        ("PATCH", "/v1/repeats/{repeatId}"): [{"title": "New"}],
        ("POST", "/v1/calendar-feeds"): [{}],
        ("POST", "/v1/push-subscriptions"): [BROWSER],
        ("POST", "/v1/api-keys"): [{"name": "A script", "scope": "read"}],
        ("POST", "/i/{token}"): [{"startTime": booking["startTime"], "duration": 3000000}],
        ("PATCH", "/v1/me"): [{"quietMode": True}],
        ("POST", "/v1/reports"): [{"sessionId": names["sessionId"], "reason": "other"}],
        ("PUT", "/v1/staff/members/{userId}/suspension"): [{"reason": "Rude"}],
        ("PATCH", "/v1/me/notices"): [{"push": {"kinds": ["session.matched"]}}],
        # The links in mails take any body.
        ("POST", "/n/verify/{token}"): [{"any": True}],
        ("POST", "/n/unsubscribe/{token}"): [{"any": True}],
        ("PATCH", "/v1/sessions/{sessionId}"): [{"title": "New"}],
        ("PUT", "/v1/people/{userId}/snooze"): [{"until": until}],
        ("POST", "/v1/webhooks"): [{"url": "https://hooks.example/in", "kinds": ["session.booked"]}],
        ("PATCH", "/v1/webhooks/{webhookId}"): [{"enabled": False}],
        ("POST", "/v1/sessions/{sessionId}/join"): [None],
        # A deployment without a secret of a room provider has no such route.
        ("POST", "/v1/rooms/joined"): [{"any": True}],
        ("POST", "/v1/sessions/{sessionId}/second-chance"): [None],
        ("POST", "/v1/webhooks/{webhookId}/test"): [None],
        ("POST", "/v1/webhooks/{webhookId}/deliveries/{eventId}"): [None],
    }
    order = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]
    found = []
    for path, methods in app.routes.items():
        for method in methods:
            if method == "OPTIONS" or path == UNKNOWN_PATH:
                continue
            for body in bodies.get((method, path), [None]):
                assert set(re.findall(r"{(\w+)}", path)) <= set(names), f"{path} has a parameter without a name"
                filled = path.format(**names)
                assert (method, path) in bodies or method not in {"POST", "PATCH"}, f"{method} {path} has no body"
                found.append((method, f"{filled}?start={MONDAY.isoformat()}&end={LATER.end.isoformat()}", body))
    return sorted(found, key=lambda call: (order.index(call[0]), call[1].startswith("/v1/me?"), call[1]))
