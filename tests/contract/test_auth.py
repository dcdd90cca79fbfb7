"""Who calls: bearer tokens of one issuer for one audience, and one same answer to all others."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.contract.client import ApiResponse, Client, Runner, at_once
from tests.contract.shapes import check_problem

ISSUER = "https://lockstep.local/"
HOUR = 3600


@pytest.fixture(scope="session")
def signing_key(api: Runner, own_engine: str) -> str:
    """The private key of the local issuer, which it keeps on its engine."""
    database = boto3.client("dynamodb", endpoint_url=own_engine)
    item = database.get_item(TableName="lockstep-local", Key={"name": {"S": "issuer key"}})["Item"]
    database.close()
    return json.loads(item["value"]["S"])


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of a good token; a claim that is changed to `...` is left out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": "lockstep", "sub": "somebody", "name": "Ada", "iat": now - 60, "exp": now + HOUR}
    return {name: value for name, value in (good | changed).items() if value is not ...}


def signed(key: str, payload: dict[str, Any] | None = None, *, kid: str = "local") -> str:
    """A token with those claims, signed with that key."""
    return jwt.encode(payload or claims(), key, "ES256", headers={"kid": kid})


def part(value: Any) -> str:
    """One part of a token, encoded by hand where no library would."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def other_key() -> str:
    """A key that is not the issuer's."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def public_pem(key: str) -> bytes:
    """What everybody may know of a private key."""
    public = serialization.load_pem_private_key(key.encode(), password=None).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256(key: str) -> str:
    """A token whose secret is the issuer's public key."""
    unsigned = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'local'})}.{part(claims())}"
    mac = hmac.digest(public_pem(key), unsigned.encode(), hashlib.sha256)
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def own_jwk(_: str) -> str:
    """A token that brings along the key it wants to be verified with."""
    key = other_key()
    loaded = serialization.load_pem_private_key(key.encode(), password=None)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(loaded.public_key(), as_dict=True)
    return jwt.encode(claims(), key, "ES256", headers={"kid": "local", "jwk": jwk})


def unsigned(alg: str) -> Callable[[str], str]:
    """A token that says it needs no signature."""
    return lambda _: f"{part({'alg': alg, 'typ': 'JWT', 'kid': 'local'})}.{part(claims())}."


def bearer(make: Callable[[str], str]) -> Callable[[str], str]:
    """The header with the token that `make` makes of the issuer's key."""
    return lambda key: f"Bearer {make(key)}"


REFUSED: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "scheme only": lambda _: "Bearer",
    "no token": lambda _: "Bearer ",
    "garbage": lambda _: "Bearer garbage",
    "three dots": lambda _: "Bearer ...",
    "long garbage": lambda _: "Bearer " + "a" * 4000,
    "not ascii": lambda _: "Bearer \xe9\xe9.\xe9.\xe9",
    "basic": lambda _: "Basic QWRhOmFkYQ==",
    "good token as basic": lambda key: f"Basic {signed(key)}",
    "token without a scheme": signed,
    "two tokens": lambda key: f"Bearer {signed(key)} {signed(key)}",
    "another key": bearer(lambda _: signed(other_key())),
    "unknown key id": bearer(lambda key: signed(key, kid="unknown")),
    "alg none": bearer(unsigned("none")),
    "alg NONE": bearer(unsigned("NONE")),
    "hs256 with the public key": bearer(hs256),
    "its own jwk": bearer(own_jwk),
    "header is a list": bearer(lambda _: f"{part([])}.{part(claims())}.AAAA"),
    "claims are a list": bearer(lambda key: jwt.api_jws.encode(b"[]", key, "ES256", headers={"kid": "local"})),
    "kid is a number": bearer(lambda _: f"{part({'alg': 'ES256', 'kid': 1})}.{part(claims())}.AAAA"),
    "kid is a list": bearer(lambda _: f"{part({'alg': 'ES256', 'kid': [1]})}.{part(claims())}.AAAA"),
    "signature cut off": bearer(lambda key: signed(key).rpartition(".")[0] + "."),
    "signature changed": bearer(lambda key: signed(key)[:-8] + "AAAAAAAA"),
    "expired": bearer(lambda key: signed(key, claims(iat=int(time.time()) - 2 * HOUR, exp=int(time.time()) - HOUR))),
    "not yet valid": bearer(lambda key: signed(key, claims(nbf=int(time.time()) + HOUR))),
    "never expires": bearer(lambda key: signed(key, claims(exp=...))),
    "expiry is a text": bearer(lambda key: signed(key, claims(exp="tomorrow"))),
    "expiry is infinite": bearer(lambda key: signed(key, claims(exp=float("inf")))),
    "wrong audience": bearer(lambda key: signed(key, claims(aud="another"))),
    "no audience": bearer(lambda key: signed(key, claims(aud=...))),
    "wrong issuer": bearer(lambda key: signed(key, claims(iss="https://evil.example/"))),
    "issuer without its slash": bearer(lambda key: signed(key, claims(iss=ISSUER.rstrip("/")))),
    "no issuer": bearer(lambda key: signed(key, claims(iss=...))),
    "no subject": bearer(lambda key: signed(key, claims(sub=...))),
    "empty subject": bearer(lambda key: signed(key, claims(sub=""))),
    "subject is a number": bearer(lambda key: signed(key, claims(sub=5))),
}


def get_me(api: Runner, authorization: str | None) -> ApiResponse:
    headers = None if authorization is None else {"Authorization": authorization}
    return api.request("GET", "/v1/me", headers=headers)


@pytest.fixture(scope="module")
def without_a_token(api: Runner) -> ApiResponse:
    """What whoever shows nothing is told."""
    answer = get_me(api, None)
    check_problem(answer, 401, "unauthenticated")
    return answer


@pytest.mark.parametrize("name", REFUSED)
def test_whoever_shows_no_good_token_gets_one_same_401(
    api: Runner, signing_key: str, without_a_token: ApiResponse, name: str
) -> None:
    answer = get_me(api, REFUSED[name](signing_key))
    assert answer.status == 401, answer
    assert answer.but_instance == without_a_token.but_instance
    assert set(answer.headers) == set(without_a_token.headers)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_right_in_every_claim_is_let_in(api: Runner, signing_key: str) -> None:
    assert get_me(api, f"Bearer {signed(signing_key)}").json["user"]["name"] == "Ada"
    assert get_me(api, f"bearer {signed(signing_key)}").status == 200
    assert get_me(api, f"Bearer {signed(signing_key, claims(aud=['other', 'lockstep']))}").status == 200


def test_a_key_of_nobody_without_a_token_gets_the_same_401(api: Runner, without_a_token: ApiResponse) -> None:
    answer = api.request("GET", "/v1/me", headers={"X-API-KEY": "x" * 40})
    assert answer.status == 401
    assert answer.but_instance == without_a_token.but_instance


def test_a_token_in_the_address_is_not_looked_at(api: Runner, ada: Client) -> None:
    check_problem(api.request("GET", "/v1/me", query={"access_token": ada.token}), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("PATCH", "/v1/me"),
        ("GET", "/v1/users/somebody"),
        ("GET", "/v1/people"),
        *((method, f"/v1/people/somebody/{said}") for method in ("PUT", "DELETE") for said in
          ("favorite", "snooze", "block")),
        ("POST", "/v1/sessions"),
        ("POST", "/v1/sessions/batch"),
        ("GET", "/v1/sessions"),
        ("GET", "/v1/sessions/some"),
        ("PATCH", "/v1/sessions/some"),
        ("DELETE", "/v1/sessions/some"),
    ],
)  # fmt: skip
def test_every_route_about_members_asks_who_calls_before_anything_else(
    api: Runner, without_a_token: ApiResponse, method: str, path: str
) -> None:
    answer = api.request(method, path, body=b"{" if method in ("POST", "PATCH") else None)
    assert answer.status == 401, answer
    assert answer.but_instance == without_a_token.but_instance


def test_health_asks_nobody(api: Runner) -> None:
    assert api.request("GET", "/health").status == 200


@pytest.mark.parametrize("name", ["x" * 500, "", "   ", 7, None, ["Ada"], "A\x00da", "\ud800"])
def test_r31_whatever_a_token_says_the_profile_of_a_first_call_is_one(api: Runner, signing_key: str, name: Any) -> None:
    token = signed(signing_key, claims(sub=f"subject {name!r}", name=name, picture=5, zoneinfo="Mars/Olympus"))
    answer = get_me(api, f"Bearer {token}")
    assert answer.status == 200, answer
    user = answer.json["user"]
    assert 1 <= len(user["name"].strip()) <= 80
    assert user["name"].isprintable()
    assert user["photoUrl"] is None
    assert user["timeZone"] == "UTC"


def test_the_same_subject_is_the_same_member_whatever_else_its_token_says(api: Runner, signing_key: str) -> None:
    first = get_me(api, f"Bearer {signed(signing_key, claims(sub='one and only'))}").json["user"]
    again = get_me(api, f"Bearer {signed(signing_key, claims(sub='one and only', name='Renamed'))}").json["user"]
    assert again == first


def test_20_first_calls_of_one_member_at_the_same_instant_make_one_member(api: Runner, signing_key: str) -> None:
    token = signed(signing_key, claims(sub="all at once"))
    answers = at_once([partial(get_me, api, f"Bearer {token}")] * 20)
    assert {(answer.status, answer.data) for answer in answers} == {(200, answers[0].data)}


def test_a_member_signs_in_again_by_id(api: Runner, ada: Client) -> None:
    again = api.dev("POST", "/dev/sign-in", {"userId": ada.user_id})
    assert again["userId"] == ada.user_id
    assert get_me(api, f"Bearer {again['token']}").json == ada.get("/v1/me").json
