"""Operators with several OpenID providers, or who move from one to another (R34)."""

from collections.abc import Iterator

import pytest

from tests.contract.client import Runner
from tests.contract.standards.key_set_server import KeySetServer, issuer, signed
from tests.handlers.issuer_keys import EDWARDS, ELLIPTIC, RSA, published

pytestmark = pytest.mark.long

KEYS = {"old": (RSA, "RS256"), "new": (ELLIPTIC, "ES256"), "partner": (EDWARDS, "EdDSA")}


@pytest.fixture(scope="module")
def key_sets() -> Iterator[KeySetServer]:
    """The providers, each with one key of the same id."""
    with KeySetServer({name: {"keys": [published(key, "one")]} for name, (key, _) in KEYS.items()}) as server:
        yield server


def token(name: str, signer: str = "") -> str:
    """Return a token of Ada's at a provider, with the key of another one if `signer` names it."""
    return signed(name, *KEYS[signer or name], {"kid": "one"})


def user_id(api: Runner, token: str) -> str | None:
    """Return the user id of a token's member, None for a refused token."""
    response = api.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert response.status in (200, 401), response
    return response.json["user"]["userId"] if response.status == 200 else None


def test_r34_members_keep_their_account_when_the_operator_moves_to_another_issuer(
    key_sets: KeySetServer, own_engine: str
) -> None:
    with Runner(own_engine, **key_sets.settings(["old"])) as before:
        ada = user_id(before, token("old"))
        assert ada is not None
        assert user_id(before, token("new")) is None
    during = {"LOCKSTEP_IDENTITY_ISSUER": f"{issuer('old')},{issuer('old')},{issuer('partner')}"}
    with Runner(own_engine, **key_sets.settings(["new", "old", "partner"]), **during) as both:
        assert [user_id(both, token(name)) for name in ("old", "new")] == [ada, ada]
        # A person of another provider may have the same subject there.
        assert user_id(both, token("partner")) not in (None, ada)
    with Runner(own_engine, **key_sets.settings(["new"]), LOCKSTEP_IDENTITY_ISSUER=issuer("old")) as after:
        assert user_id(after, token("new")) == ada
        assert user_id(after, token("old")) is None


def test_r34_without_a_setting_the_members_of_two_issuers_are_different_members(
    key_sets: KeySetServer, own_engine: str
) -> None:
    with Runner(own_engine, **key_sets.settings()) as api:
        ids = [user_id(api, token(name)) for name in KEYS]
        assert None not in ids
        assert len(set(ids)) == len(KEYS)


def test_a_key_verifies_tokens_of_its_own_issuer_only(key_sets: KeySetServer, own_engine: str) -> None:
    """The provider of one company signs a token in the name of the other company's."""
    with Runner(own_engine, **key_sets.settings()) as api:
        assert [user_id(api, token(name, signer)) for name in KEYS for signer in KEYS if name != signer] == [None] * 6
