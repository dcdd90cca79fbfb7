"""Who may call what: every route that the app has, by every kind of caller.

The expectation is written down here once more and by rule, so that an entry of the table that says something else is
found: GET is for whoever may look, every other method for whoever may change, but for the few routes named below.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from chalice.test import Client, HTTPResponse
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chalicelib.domain.api_key import Scope
from chalicelib.domain.member import Profile, Said
from chalicelib.handlers.access import ACCESS
from chalicelib.services.api_keys import revoke_api_key
from chalicelib.services.delete import delete_account
from chalicelib.services.profiles import Claims, admit
from chalicelib.storage import reads
from tests.handlers.walking import KEY, api, calls, claims, token
from tests.snapshot import take_snapshot
from tests.world import MONDAY, World, at

OPEN = {(method, path) for method in ("GET", "HEAD") for path in ("/health", "/docs", "/openapi.json", "/i/{token}")}
IN_PERSON = {
    ("DELETE", "/v1/me"),
    ("POST", "/v1/api-keys"),
    ("GET", "/v1/api-keys"),
    ("DELETE", "/v1/api-keys/{apiKeyId}"),
}
# What belongs to one member, and is nobody else's to see or to change.
OWNED = re.compile(r"{(sessionId|inviteLinkId|apiKeyId)}")
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


@dataclass
class Cast:
    """Olive, whose sessions, link and key they all try, and who is what to her."""

    world: World
    olive: Profile
    names: dict[str, str]

    def token(self, subject: str = "olive", **changed: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(self.world, subject, **changed)}"}

    def signed(self, key: Any, algorithm: str) -> dict[str, str]:
        made = jwt.encode(claims(self.world, "olive"), key, algorithm=algorithm, headers={"kid": "one"})
        return {"Authorization": f"Bearer {made}"}

    def key(self, scope: Scope) -> dict[str, str]:
        return {"x-api-key": self.world.api_key(self.olive, scope).text}


def by_hand(cast: Cast, algorithm: str, secret: bytes | None) -> dict[str, str]:
    """A token that no library would make: its own word for how it is signed, or that it is not."""
    told = {**claims(cast.world, "olive"), "iat": 0, "exp": 2**40}
    parts = ({"alg": algorithm, "typ": "JWT", "kid": "one"}, told)
    unsigned = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    mac = hmac.digest(secret, unsigned.encode(), hashlib.sha256) if secret else b""
    return {"Authorization": f"Bearer {unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"}


def public_pem() -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return KEY.public_key().public_bytes(serialization.Encoding.PEM, form)


def revoked(cast: Cast) -> dict[str, str]:
    made = cast.world.api_key(cast.olive, Scope.WRITE)
    revoke_api_key(cast.world.lockstep, cast.olive.member_id, made.key.key_id)
    return {"X-API-KEY": made.text}


def key_of_the_deleted(cast: Cast) -> dict[str, str]:
    """Deleted just now, and not erased yet: the key is still in the table."""
    mona = cast.world.member("Mona")
    made = cast.world.api_key(mona, Scope.WRITE)
    cast.world.begin_to_leave(mona)
    assert reads.api_key(made.key.digest) is not None
    return {"X-API-KEY": made.text}


def deleted(cast: Cast) -> dict[str, str]:
    headers, mona = cast.token("mona"), member(cast.world, "mona")
    delete_account(cast.world.lockstep, mona.member_id, deleted_at=datetime.now(UTC))
    return headers


NOBODY: dict[str, Callable[[Cast], dict[str, str]]] = {
    "nobody": lambda _: {},
    "garbage": lambda _: {"Authorization": "Bearer garbage"},
    "another scheme": lambda _: {"Authorization": "Basic b2xpdmU6b2xpdmU="},
    "wrong signature": lambda cast: cast.signed(OTHER_KEY, "ES256"),
    "alg none": lambda cast: by_hand(cast, "none", None),
    "HS256 with the public key": lambda cast: by_hand(cast, "HS256", public_pem()),
    "wrong algorithm": lambda cast: cast.signed(RSA, "RS256"),
    "expired": lambda cast: cast.token(exp=datetime.now(UTC) - timedelta(minutes=1)),
    "not yet valid": lambda cast: cast.token(nbf=datetime.now(UTC) + timedelta(minutes=1)),
    "issued in the future": lambda cast: cast.token(iat=datetime.now(UTC) + timedelta(minutes=1)),
    "wrong audience": lambda cast: cast.token(aud="another"),
    "no audience": lambda cast: cast.token(aud=None),
    "wrong issuer": lambda cast: cast.token(iss="https://evil.example/"),
    "no key": lambda _: {"X-API-KEY": ""},
    "garbage for a key": lambda _: {"X-API-KEY": "\xe9 #\x00'"},
    "a key of nobody": lambda _: {"X-API-KEY": f"lockstep_{'0' * 26}"},
    "a key by its digest": lambda cast: {"X-API-KEY": cast.world.api_key(cast.olive, Scope.WRITE).key.digest},
    "a good token and no good key": lambda cast: {**cast.token(), "X-API-KEY": "none"},
    "a revoked key": revoked,
    "a key of a deleted member": key_of_the_deleted,
    "a deleted member": deleted,
}
MEMBERS = ("another member", "the partner", "a former partner", "a blocked member")


def member(world: World, name: str) -> Profile:
    return admit(world.lockstep, Claims(world.settings.issuer, name, name, None, "UTC", MONDAY))


@pytest.fixture
def cast(world: World) -> Cast:
    """Olive is locked in with a partner at three, was with a former one, and has blocked somebody."""
    olive, partner, former, blocked = (member(world, name) for name in ("olive", *MEMBERS[1:]))
    world.favorite(olive, partner, former)
    for other, slot in ((former, at(7)), (partner, at(9))):
        world.book(other, slot)
        session = world.lock(olive, other, slot)
    world.cancel(former, world.seen(former, at(7)))
    world.say(olive, Said.BLOCK, blocked)
    invite = world.invite(olive, max_uses=5)
    (link,) = world.links(olive)
    kept = world.api_key(olive, Scope.READ)
    names = {
        "userId": member(world, "somebody").member_id,
        "sessionId": session["sessionId"],
        "token": invite,
        "inviteLinkId": link.link_id,
        "apiKeyId": kept.key.key_id,
    }
    return Cast(world, olive, names)


def walk(cast: Cast, headers: dict[str, str]) -> dict[tuple[str, str], set[int]]:
    """The statuses of every route's answers to a caller."""
    app = api(cast.world)
    by_path = {path.format(**cast.names): path for path in app.routes}
    found: dict[tuple[str, str], set[int]] = {}
    with Client(app) as client:
        for method, target, body in calls(app, cast.names):
            payload = b"" if body is None else json.dumps(body).encode()
            sent = {"Content-Type": "application/json", **headers}
            answer = client.http.request(method, target, headers=sent, body=payload)
            check(answer)
            found.setdefault((method, by_path[target.split("?")[0]]), set()).add(answer.status_code)
    return found


def check(answer: HTTPResponse) -> None:
    """Whatever is refused is told as a problem, and nothing fails."""
    assert answer.status_code < 500
    if answer.status_code in (401, 403):
        code = {401: "unauthenticated", 403: "forbidden"}[answer.status_code]
        assert (answer.headers["Content-Type"], answer.json_body["code"]) == ("application/problem+json", code)


def only(found: dict[tuple[str, str], set[int]], status: int) -> set[tuple[str, str]]:
    """The routes that answered that and nothing else."""
    return {route for route, statuses in found.items() if statuses == {status}}


def let_in(found: dict[tuple[str, str], set[int]]) -> set[tuple[str, str]]:
    """The routes that let the caller in, whatever they then said."""
    return {route for route, statuses in found.items() if not statuses & {401, 403}}


def changing(routes: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(method, path) for method, path in routes if method not in ("GET", "HEAD")}


def test_r35_the_table_of_access_has_every_route_and_no_other(world: World) -> None:
    app = api(world)
    routes = {(method, path) for path, methods in app.routes.items() for method in methods if method != "OPTIONS"}
    assert routes == set(ACCESS)


def test_r35_who_is_nobody_gets_401_on_every_route_but_the_open_ones(cast: Cast) -> None:
    callers = {caller: headers(cast) for caller, headers in NOBODY.items()}
    before = take_snapshot()
    found = {caller: walk(cast, headers) for caller, headers in callers.items()}
    assert {caller: let_in(answers) for caller, answers in found.items()} == dict.fromkeys(NOBODY, OPEN)
    assert {caller: only(answers, 401) for caller, answers in found.items()} == dict.fromkeys(
        NOBODY, set(ACCESS) - OPEN
    )
    assert take_snapshot() == before


def test_r35_a_key_that_may_read_looks_and_changes_nothing(cast: Cast) -> None:
    headers = cast.key(Scope.READ)
    walk(cast, headers)
    before = take_snapshot()
    found = walk(cast, headers)
    assert only(found, 403) == (changing(set(ACCESS)) | IN_PERSON) - OPEN
    assert let_in(found) == set(ACCESS) - only(found, 403)
    assert take_snapshot() == before


def test_r35_a_key_that_may_write_does_all_but_what_takes_its_owner_in_person(cast: Cast) -> None:
    found = walk(cast, cast.key(Scope.WRITE))
    assert only(found, 403) == IN_PERSON
    assert let_in(found) == set(ACCESS) - IN_PERSON


def test_r35_a_key_sent_with_a_good_token_is_judged_by_the_key(cast: Cast) -> None:
    found = walk(cast, {**cast.token(), **cast.key(Scope.WRITE)})
    assert only(found, 403) == IN_PERSON


def test_r35_a_member_may_call_every_route(cast: Cast) -> None:
    assert let_in(walk(cast, cast.token())) == set(ACCESS)


@pytest.mark.parametrize("caller", MEMBERS)
def test_r35_nobody_else_gets_at_what_is_a_members_own(cast: Cast, caller: str) -> None:
    """What is not the caller's is not there, for whoever it is; the sessions, links and keys are as they were."""
    member(cast.world, caller)
    before = owned(cast)
    found = walk(cast, cast.token(caller))
    assert let_in(found) == set(ACCESS)
    assert only(found, 404) >= {route for route in ACCESS if OWNED.search(route[1])}
    assert owned(cast) == before


def owned(cast: Cast) -> tuple[Any, ...]:
    """Olive's link and key, and that she still has her session; its partner may have cancelled the account."""
    seen = take_snapshot()
    links = {link.link_id: link.uses for link in seen.invites.values() if link.owner_id == cast.olive.member_id}
    held = cast.world.seen(cast.olive, at(9))
    assert held
    return links, seen.listed_keys, (held["sessionId"], held["title"])
