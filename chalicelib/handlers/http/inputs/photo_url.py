"""The addresses of pictures that a member's profile may hold (R31).

The browsers of other members load a picture, so its host must be a public one. The address is parsed as a browser does:
it reads `127.1` and `0x7f000001` as IP addresses and full-width letters as plain ones, and drops invisible characters.
"""

import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

LONGEST_URL = 2000

_FORBIDDEN = re.compile(r'[ "<>\\]')
# The characters that Unicode lets a browser drop from a host (Default_Ignorable_Code_Point) and that are printable.
_IGNORED = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
# A label after the conversion to ASCII.
_LABEL = re.compile(r"[a-z0-9_-]{0,62}[a-z0-9_]\Z")
_NUMBER = re.compile(r"[0-9]+\Z|0x[0-9a-f]*\Z")
# The ends of names that no public name server answers.
_OWN_NETWORK = (
    ".localhost",
    ".local",
    ".internal",
    ".localdomain",
    ".lan",
    ".home.arpa",
    ".test",
    ".invalid",
    ".onion",
)
# Addresses of this block stand for IPv4 addresses, private ones included.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def shown_photo_url(stored: str | None) -> str | None:
    """Return a stored address, or None for one that only an earlier release accepted."""
    return stored if stored and is_photo_url(stored) else None


def is_photo_url(address: str) -> bool:
    """Return whether the text is an https address of a public host, without user info."""
    if len(address) > LONGEST_URL or not address.isprintable() or _FORBIDDEN.search(address):
        return False
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or port == 0:
        return False
    return _is_public_ipv6(host) if parts.netloc.startswith("[") else _is_public_name(host)


def _is_public_name(host: str) -> bool:
    """Return whether the host is a name with a domain, or a public IPv4 address in four decimal parts."""
    if _IGNORED.search(host):
        return False
    try:
        # Python's own mapping knows the characters of fewer versions of Unicode than its normalization.
        name = unicodedata.normalize("NFKC", host).encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        return False
    labels = name.split(".")
    if _NUMBER.match(labels[-1]):
        return _is_public_ipv4(name)
    return len(labels) > 1 and all(map(_LABEL.match, labels)) and not f".{name}".endswith(_OWN_NETWORK)


def _is_public_ipv4(text: str) -> bool:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def _is_public_ipv6(text: str) -> bool:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return False
    embedded = address.ipv4_mapped or address.sixtofour or address.teredo or address in _NAT64
    return address.is_global and not (address.is_multicast or embedded or address.scope_id)
