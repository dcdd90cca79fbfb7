"""The addresses of pictures that a member's profile may hold (R31).

The browsers of other members load a picture, so its host must be a public one.
"""

from chalicelib.domain.model.public_url import is_public_url


def shown_photo_url(stored: str | None) -> str | None:
    """Return a stored address, or None for one that only an earlier release accepted."""
    return stored if stored and is_photo_url(stored) else None


def is_photo_url(address: str) -> bool:
    """Return whether the text is an https address of a public host, without user info."""
    return is_public_url(address)
