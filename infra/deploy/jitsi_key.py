"""The private key of the hosted service of Jitsi, in the short form of the functions' environment."""

from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chalicelib.services.rooms.jitsi_token import EXPONENT


def primes_of(pem: str) -> str:
    """Return an RSA private key as its two primes. Raises ValueError for a text that is no such key."""
    try:
        key = load_pem_private_key(pem.encode(), None)
    except TypeError as error:
        raise ValueError("The key has a password.") from error
    if not isinstance(key, RSAPrivateKey) or key.public_key().public_numbers().e != EXPONENT:
        raise ValueError(f"It is no RSA key with the exponent {EXPONENT}.")
    numbers = key.private_numbers()
    return f"rsa:{_text(numbers.p)}.{_text(numbers.q)}"


def _text(prime: int) -> str:
    raw = prime.to_bytes((prime.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(raw).decode().rstrip("=")
