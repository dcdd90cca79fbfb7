"""The https addresses of public hosts, which are the pictures of profiles and the receivers of events (R31, R43).

The address is parsed as a browser does: it reads `127.1` and `0x7f000001` as IP addresses and full-width letters as
plain ones, and drops invisible characters. A public name can still have a private IP address, so that a program that
opens the address also judges each IP address to which it connects.
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
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{0,62}[a-z0-9_]\Z")
_NUMBER = re.compile(r"[0-9]+\Z|0x[0-9a-f]*\Z")
# The ends of names that no public name server answers.
_OWN_NETWORK = (
    ".localhost",
    ".local",
    ".internal",
    ".localdomain",
    ".lan",
    ".svc",
    ".corp",
    ".home",
    ".mail",
    ".intranet",
    ".private",
    ".home.arpa",
    ".test",
    ".invalid",
    ".onion",
)
# All IPv6 addresses that are assigned to hosts of the public network (RFC 4291). It excludes NAT64 and mapped IPv4.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Blocks that are not private in Python's tables. They reach other protocols, the networks of clouds, or IPv4 addresses.
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "168.63.129.16/32",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
        ),
    )
)


def is_public_url(address: str) -> bool:
    """Return whether the text is an https address of a public host, without user info."""
    if len(address) > LONGEST_URL or not address.isprintable() or _FORBIDDEN.search(address):
        return False
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or parts.netloc.endswith(":") or port == 0:
        return False
    return ":" in host and is_public_ip(host) if parts.netloc.startswith("[") else _is_public_name(host)


def is_public_ip(text: str) -> bool:
    """Return whether the text is an IP address of the public network.

    Private, loopback, link-local, metadata, multicast and reserved addresses are not, nor are IPv6 addresses that stand
    for IPv4 addresses.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if any(address.version == block.version and address in block for block in _SPECIAL):
        return False
    return address.version == 4 or (address in _GLOBAL_UNICAST and not address.scope_id)


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
        return is_public_ip(name)
    return len(labels) > 1 and all(map(_LABEL.match, labels)) and not f".{name}".endswith(_OWN_NETWORK)
