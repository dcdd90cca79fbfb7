"""A small OpenID Connect issuer: one signing key, bearer tokens, and the documents that let the service verify them."""

from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from infra.local.clock import real_time
from infra.local.state import LocalState

# Not the address it is served at: that changes with the port, and tokens must not.
ISSUER = "https://lockstep.local/"
AUDIENCE = "lockstep"
ALGORITHM = "ES256"
KEY_ID = "local"
LIFETIME = timedelta(days=30)


class LocalIssuer:
    """Signs with a key that is as old as the engine's data, so that tokens outlive the runner."""

    def __init__(self, state: LocalState) -> None:
        pem = state.keep_first("issuer key", _new_key())
        self._key = serialization.load_pem_private_key(pem.encode(), password=None)

    def token(self, subject: str, name: str) -> str:
        """Answer a bearer token, dated in real time, whatever the service's clock says."""
        now = real_time()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "name": name,
            "iat": now,
            "exp": now + LIFETIME,
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": KEY_ID})

    def key_set(self) -> dict[str, Any]:
        """Answer the public key as a JWKS."""
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": KEY_ID, "alg": ALGORITHM, "use": "sig"}]}

    def configuration(self, base_url: str, key_set_path: str) -> dict[str, Any]:
        """Answer the discovery document of an issuer served at `base_url`."""
        return {
            "issuer": ISSUER,
            "jwks_uri": base_url + key_set_path,
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
        }


def _new_key() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
