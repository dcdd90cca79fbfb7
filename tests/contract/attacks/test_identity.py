"""Attacks that find out who a member is (R31, R34)."""

import base64
import hashlib
import json
from typing import Any

import pytest

from chalicelib.domain.model.ids import encode
from tests.contract.client import Client, Runner
from tests.contract.shapes import check_problem
from tests.contract.test_auth import claims, signed, signing_key

__all__ = ["signing_key"]

ADDRESS = "jane.doe@example.com"
# Each shows an address to every guest if a name is taken from the token as written.
ADDRESS_CLAIMS: dict[str, dict[str, Any]] = {
    "name": {"name": ADDRESS},
    "name with a display name": {"name": f"Jane <{ADDRESS}>"},
    "full-width at sign": {"name": "jane.doe\uff20example.com"},
    "without a top-level domain": {"name": "jane@localhost"},
    "given_name": {"name": ..., "given_name": ADDRESS},
    "nickname": {"name": ..., "nickname": ADDRESS},
    "preferred_username": {"name": ..., "preferred_username": ADDRESS},
}


def new_member(api: Runner, key: str, subject: str, **changed: Any) -> Client:
    """Create and return the member of a token with these claims."""
    token = signed(key, claims(sub=subject, **changed))
    response = api.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status == 200, response
    return Client(api, response.json["user"]["name"], response.json["user"]["userId"], token)


def test_r34_a_user_id_cannot_be_computed_from_the_subject(ada: Client) -> None:
    """A person who knows the subjects of colleagues computes their ids, and recognizes them in lists."""
    payload = ada.token.split(".")[1]
    subject = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    identity = f"{subject['iss']}\n{subject['sub']}".encode()
    computed = hashlib.sha256(identity).digest()
    again = hashlib.sha256(encode(computed, 24).encode()).digest()
    assert ada.user_id not in (encode(computed, 24), encode(again, 24), computed.hex()[:24])


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("kind", ADDRESS_CLAIMS)
def test_r31_a_stranger_sees_no_address_from_a_token_on_an_invite_page(
    api: Runner, signing_key: str, kind: str
) -> None:
    """A stranger opens an invite link of a member whose issuer puts the e-mail address into a name claim."""
    jane = new_member(api, signing_key, f"address in {kind}", **ADDRESS_CLAIMS[kind])
    url = jane.post("/v1/invite-links", {}).json["inviteLink"]["url"]
    path = url.removeprefix(api.base)
    stranger = api.request("GET", path)
    page = api.request("GET", path, headers={"Accept": "text/html"})
    assert stranger.json["host"] == {"name": "Member", "photoUrl": None}
    assert [text for text in ("jane", "\uff20", "@localhost", "example.com") if text in page.data.decode()] == []


def test_r31_the_next_claim_is_the_name_if_the_first_is_an_address(api: Runner, signing_key: str) -> None:
    jane = new_member(api, signing_key, "second claim", name=ADDRESS, given_name="Jane")
    user = jane.get("/v1/me").json["user"]
    assert (user["name"], user["needsName"]) == ("Jane", False)


def test_r31_a_member_without_a_name_is_asked_for_one(api: Runner, signing_key: str) -> None:
    nameless = new_member(api, signing_key, "nameless", name=ADDRESS)
    user = nameless.get("/v1/me").json["user"]
    assert (user["name"], user["needsName"]) == ("Member", True)
    user = nameless.patch("/v1/me", {"name": "Jane"}).json["user"]
    assert (user["name"], user["needsName"]) == ("Jane", False)


@pytest.mark.sampled(every=6)
@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x.png",
        "https://10.0.0.1/x.png",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x.png",
        "https://[::1",
        "https://[fe80::1%25eth0]/x.png",
        "https://[::ffff:127.0.0.1]/x.png",
        "https://2130706433/x.png",
        "https://0x7f.1/x.png",
        "https://127.1/x.png",
        "https://localhost/x.png",
        "https://a.localhost/x.png",
        "https://printer.local/x.png",
        "https://metadata.google.internal/x.png",
        "https://intranet/x.png",
        "https://localhost./x.png",
        "https://user:password@pictures.example/x.png",
        "https://user@pictures.example/x.png",
        "https://@pictures.example/x.png",
        "https://?",
        "https://#x",
        "https://:443/x.png",
        "https://pictures.example:port/x.png",
        "https://pictures.example:65536/x.png",
        "https://pictures.example:0/x.png",
        "https://pictures..example/x.png",
        "https://pictures.example\\@evil.example/x.png",
        "https:pictures.example/x.png",
        "https:///pictures.example/x.png",
        "http://pictures.example/x.png",
    ],
)
def test_r31_a_picture_without_a_public_host_is_refused(ada: Client, address: str) -> None:
    """A picture that makes the browsers of others call hosts of their own networks."""
    check_problem(ada.patch("/v1/me", {"photoUrl": address}), 422, "invalid_request", "photoUrl")
    assert ada.get("/v1/me").json["user"]["photoUrl"] is None


@pytest.mark.parametrize(
    "address",
    [
        "HTTPS://X.example/a.png",
        "https://pictures.example:8443/a.png?size=2#top",
        "https://8.8.8.8/a.png",
        "https://[2606:4700::1111]/a.png",
        "https://m\u00fcnchen.example/a.png",
        "https://pictures.example./a.png",
        "https://pictures.example",
    ],
)
def test_r31_a_picture_of_a_public_host_is_accepted(ada: Client, address: str) -> None:
    assert ada.patch("/v1/me", {"photoUrl": address}).json["user"]["photoUrl"] == address
