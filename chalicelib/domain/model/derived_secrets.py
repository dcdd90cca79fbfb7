"""Secrets that are derived from the secret of the deployment and so are stored nowhere."""

import hmac


def derived_secret(key: bytes, purpose: str, subject: str = "") -> bytes:
    """Return the secret (32 bytes) for a purpose and a subject, such as the id of a webhook.

    `key` is the identity key of the deployment, which never changes. Another purpose or subject gives another secret,
    and none shows the key.
    """
    return hmac.digest(key, f"{purpose}\n{subject}".encode(), "sha256")
