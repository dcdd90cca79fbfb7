"""Authentication by bearer tokens of one issuer for one audience.

Every request without such a token gets an identical 401 response.
"""

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
    """The private key of the local issuer, read from its engine."""
    database = boto3.client("dynamodb", endpoint_url=own_engine)
    item = database.get_item(TableName="lockstep-local", Key={"name": {"S": "issuer key"}})["Item"]
    database.close()
    return json.loads(item["value"]["S"])


def claims(**changed: Any) -> dict[str, Any]:
    """Return the claims of a valid token with changes. The value `...` removes a claim."""
    now = int(time.time())
    valid = {"iss": ISSUER, "aud": "lockstep", "sub": "subject", "name": "Ada", "iat": now - 60, "exp": now + HOUR}
    return {name: value for name, value in (valid | changed).items() if value is not ...}


def signed(key: str, payload: dict[str, Any] | None = None, *, kid: str = "local", **header: Any) -> str:
    """Return a token with these claims, signed with `key`."""
    return jwt.encode(payload or claims(), key, "ES256", headers={"kid": kid, **header})


def part(value: Any) -> str:
    """Return one encoded part of a token that a JWT library refuses to write."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def other_key() -> str:
    """Return a new private key, which is not the issuer's."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def public_pem(key: str) -> bytes:
    """Return the public part of a private key as PEM."""
    public = serialization.load_pem_private_key(key.encode(), password=None).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256(key: str) -> str:
    """Return an HS256 token whose secret is the issuer's public key."""
    unsigned = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'local'})}.{part(claims())}"
    mac = hmac.digest(public_pem(key), unsigned.encode(), hashlib.sha256)
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def own_jwk(_: str) -> str:
    """Return a token whose header contains the key that verifies it."""
    key = other_key()
    loaded = serialization.load_pem_private_key(key.encode(), password=None)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(loaded.public_key(), as_dict=True)
    return jwt.encode(claims(), key, "ES256", headers={"kid": "local", "jwk": jwk})


def unsigned(alg: str) -> Callable[[str], str]:
    """Return a function that makes a token without a signature."""
    return lambda _: f"{part({'alg': alg, 'typ': 'JWT', 'kid': 'local'})}.{part(claims())}."


def bearer(make: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function that makes the header with the token of `make`."""
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
    "valid token as basic": lambda key: f"Basic {signed(key)}",
    "token without a scheme": signed,
    "two tokens": lambda key: f"Bearer {signed(key)} {signed(key)}",
    "another key": bearer(lambda _: signed(other_key())),
    "unknown key id": bearer(lambda key: signed(key, kid="unknown")),
    "alg none": bearer(unsigned("none")),
    "alg NONE": bearer(unsigned("NONE")),
    "hs256 with the public key": bearer(hs256),
    "jwk in the header": bearer(own_jwk),
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
    "expiry is a number as text": bearer(lambda key: signed(key, claims(exp=str(int(time.time()) + HOUR)))),
    "issued before 1970": bearer(lambda key: signed(key, claims(iat=-1))),
    "issued at true": bearer(lambda key: signed(key, claims(iat=True))),
    "issued at a text": bearer(lambda key: signed(key, claims(iat="1700000000"))),
    "issued in the future": bearer(lambda key: signed(key, claims(iat=int(time.time()) + HOUR))),
    "logout token": bearer(lambda key: signed(key, typ="logout+jwt")),
    "type is a number": bearer(lambda key: signed(key, typ=1)),
    "critical extension": bearer(lambda key: signed(key, crit=["exp"])),
    "17 KiB": bearer(lambda key: signed(key, claims(filler="x" * 13_000))),
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
def refusal_without_token(api: Runner) -> ApiResponse:
    """The 401 response to a request without credentials."""
    response = get_me(api, None)
    check_problem(response, 401, "unauthenticated")
    return response


@pytest.mark.parametrize("name", REFUSED)
def test_every_invalid_token_gets_an_identical_401(
    api: Runner, signing_key: str, refusal_without_token: ApiResponse, name: str
) -> None:
    response = get_me(api, REFUSED[name](signing_key))
    assert response.status == 401, response
    assert response.without_instance == refusal_without_token.without_instance
    assert set(response.headers) == set(refusal_without_token.headers)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_with_valid_claims_is_accepted(api: Runner, signing_key: str) -> None:
    assert get_me(api, f"Bearer {signed(signing_key)}").json["user"]["name"] == "Ada"
    assert get_me(api, f"bearer {signed(signing_key)}").status == 200
    assert get_me(api, f"Bearer {signed(signing_key, claims(aud=['other', 'lockstep']))}").status == 200


def test_an_unknown_api_key_gets_the_same_401(api: Runner, refusal_without_token: ApiResponse) -> None:
    response = api.request("GET", "/v1/me", headers={"X-API-KEY": "x" * 40})
    assert response.status == 401
    assert response.without_instance == refusal_without_token.without_instance


def test_a_token_in_the_query_is_ignored(api: Runner, ada: Client) -> None:
    check_problem(api.request("GET", "/v1/me", query={"access_token": ada.token}), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("PATCH", "/v1/me"),
        ("GET", "/v1/users/other"),
        ("GET", "/v1/events"),
        ("GET", "/v1/people"),
        *((method, f"/v1/people/other/{relation}") for method in ("PUT", "DELETE") for relation in
          ("favorite", "snooze", "block")),
        ("POST", "/v1/sessions"),
        ("POST", "/v1/sessions/batch"),
        ("GET", "/v1/sessions"),
        ("GET", "/v1/sessions/some"),
        ("PATCH", "/v1/sessions/some"),
        ("DELETE", "/v1/sessions/some"),
    ],
)  # fmt: skip
def test_every_member_route_authenticates_before_it_parses_the_request(
    api: Runner, refusal_without_token: ApiResponse, method: str, path: str
) -> None:
    response = api.request(method, path, body=b"{" if method in ("POST", "PATCH") else None)
    assert response.status == 401, response
    assert response.without_instance == refusal_without_token.without_instance


def test_health_needs_no_token(api: Runner) -> None:
    assert api.request("GET", "/health").status == 200


@pytest.mark.parametrize("name", ["x" * 500, "", "   ", 7, None, ["Ada"], "A\x00da", "\ud800"])
def test_r31_invalid_claims_of_a_first_request_still_give_a_valid_profile(
    api: Runner, signing_key: str, name: Any
) -> None:
    token = signed(signing_key, claims(sub=f"subject {name!r}", name=name, picture=5, zoneinfo="Mars/Olympus"))
    response = get_me(api, f"Bearer {token}")
    assert response.status == 200, response
    user = response.json["user"]
    assert 1 <= len(user["name"].strip()) <= 80
    assert user["name"].isprintable()
    assert user["photoUrl"] is None
    assert user["timeZone"] == "UTC"


def test_tokens_with_the_same_subject_and_other_claims_are_the_same_member(api: Runner, signing_key: str) -> None:
    first = get_me(api, f"Bearer {signed(signing_key, claims(sub='one and only'))}").json["user"]
    again = get_me(api, f"Bearer {signed(signing_key, claims(sub='one and only', name='Renamed'))}").json["user"]
    assert again == first


def test_20_concurrent_first_requests_of_one_subject_create_one_member(api: Runner, signing_key: str) -> None:
    token = signed(signing_key, claims(sub="all at once"))
    responses = at_once([partial(get_me, api, f"Bearer {token}")] * 20)
    assert {(response.status, response.data) for response in responses} == {(200, responses[0].data)}


def test_a_member_signs_in_again_by_user_id(api: Runner, ada: Client) -> None:
    again = api.dev("POST", "/dev/sign-in", {"userId": ada.user_id})
    assert again["userId"] == ada.user_id
    assert get_me(api, f"Bearer {again['token']}").json == ada.get("/v1/me").json
