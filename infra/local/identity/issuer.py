"""A small OpenID Connect issuer with one signing key, bearer tokens and the documents for their verification."""

from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from infra.local.clock import real_time
from infra.local.state import LocalState

# A fixed name, not the address of the local run, whose port changes. Old tokens must stay valid.
ISSUER = "https://lockstep.local/"
AUDIENCE = "lockstep"
ALGORITHM = "ES256"
KEY_ID = "local"
# The claim with the groups of a member, and the group of staff.
GROUPS_CLAIM, STAFF = "groups", "staff"
# The lifetime of the tokens of `/dev/sign-in`, and the one of tokens that the provider renews.
LIFETIME, RENEWED_LIFETIME = timedelta(days=30), timedelta(hours=1)


class LocalIssuer:
    """The issuer. Its key is stored in the engine, so that tokens stay valid after a restart."""

    def __init__(self, state: LocalState) -> None:
        pem = state.keep_first("issuer key", _new_key())
        self._key = serialization.load_pem_private_key(pem.encode(), password=None)

    def token(
        self,
        subject: str,
        name: str,
        lifetime: timedelta = LIFETIME,
        nonce: str | None = None,
        signed_in_at: datetime | None = None,
        *,
        is_staff: bool = False,
    ) -> str:
        """Return a bearer token, valid from the real present instant and not from the service's clock.

        `nonce` is that of the authorization request that the token answers. `signed_in_at` is the instant of the
        sign-in, now by default. `is_staff` adds the group of staff (R47).
        """
        now = real_time()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "name": name,
            "iat": now,
            "auth_time": int((signed_in_at or now).timestamp()),
            "exp": now + lifetime,
            **({} if nonce is None else {"nonce": nonce}),
            **({GROUPS_CLAIM: [STAFF]} if is_staff else {}),
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": KEY_ID})

    def key_set(self) -> dict[str, Any]:
        """Return the public key as a JWKS."""
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": KEY_ID, "alg": ALGORITHM, "use": "sig"}]}

    def configuration(self, endpoints: dict[str, str]) -> dict[str, Any]:
        """Return the discovery document of the issuer with these endpoints."""
        return {
            "issuer": ISSUER,
            **endpoints,
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["openid", "profile"],
            "subject_types_supported": ["public"],
            "prompt_values_supported": ["none", "login", "select_account"],
        }


def _new_key() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
