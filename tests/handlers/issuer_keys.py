"""Keys with which the issuers of the tests sign, and their published form."""

from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
SHORT_RSA = rsa.generate_private_key(65537, 1024)  # noqa: S505 - refused by the tests
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
OTHER_ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
LARGE_ELLIPTIC = ec.generate_private_key(ec.SECP384R1())
LARGEST_ELLIPTIC = ec.generate_private_key(ec.SECP521R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()

# A key for each of the accepted algorithms.
SIGNERS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": ELLIPTIC,
    "ES384": LARGE_ELLIPTIC,
    "ES512": LARGEST_ELLIPTIC,
    "EdDSA": EDWARDS,
}


def published(key: Any, key_id: str | None = None, **members: Any) -> dict[str, Any]:
    """Return a public key in the form in which an issuer publishes it. `members` may replace any part."""
    jwk = {**_jwk(key.public_key()), **({"kid": key_id} if key_id else {}), **members}
    return {name: value for name, value in jwk.items() if value is not ...}


def private(key: Any, **members: Any) -> dict[str, Any]:
    """Return a key in the form in which no issuer may publish it."""
    return {**_jwk(key), **members}


def _jwk(key: Any) -> dict[str, Any]:
    if hasattr(key, "curve"):
        return jwt.algorithms.ECAlgorithm.to_jwk(key, as_dict=True)
    if hasattr(key, "key_size"):
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True)
        return {name: value for name, value in jwk.items() if name != "key_ops"}
    return jwt.algorithms.OKPAlgorithm.to_jwk(key, as_dict=True)
