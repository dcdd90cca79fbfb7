"""E-mail addresses of members (R43).

Amazon SES delivers to ASCII local parts only, and to domains of every script in their ASCII form (RFC 5891).
"""

import re
import unicodedata

# RFC 5321, section 4.5.3.1. Lengths in the ASCII form.
LONGEST_ADDRESS = 254
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 253
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
# A mail program could show it as another text, and Python's `email` writes no address with it (RFC 2047).
_ENCODED_WORD = re.compile(r"=\?.*\?=")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
# Python's codec follows IDNA 2003, which turns these into other domains than IDNA 2008 does.
_DEVIATIONS = re.compile("[\u00df\u03c2\u1e9e\u200c\u200d]")


def is_mail_address(text: str) -> bool:
    """Return whether a mail can be sent to this text, which has neither a name nor comments around the address."""
    return _ascii_form(text) is not None


def sending_form(address: str) -> str:
    """Return a valid address as a mail carries it, with its domain in ASCII. Raise ValueError for any other text."""
    found = _ascii_form(address)
    if found is None:
        raise ValueError(address)
    return found


def comparable(address: str) -> str:
    """Return a text that is the same for all spellings of one mailbox. Large providers ignore case."""
    return (_ascii_form(address) or address).casefold()


def _ascii_form(text: str) -> str | None:
    local_part, separator, domain = text.rpartition("@")
    if not separator or not _is_local_part(local_part):
        return None
    ascii_domain = _ascii_domain(domain)
    if ascii_domain is None or len(local_part) + 1 + len(ascii_domain) > LONGEST_ADDRESS:
        return None
    return f"{local_part}@{ascii_domain}"


def _is_local_part(text: str) -> bool:
    is_dot_atom = len(text) <= _LONGEST_LOCAL_PART and _LOCAL_PART.match(text) is not None
    return is_dot_atom and not _ENCODED_WORD.search(text)


def _ascii_domain(domain: str) -> str | None:
    """Return a domain name of at least two labels in lower-case ASCII, or None for any other text."""
    if len(domain) > _LONGEST_DOMAIN or not domain.isprintable() or _DEVIATIONS.search(domain):
        return None
    try:
        name = unicodedata.normalize("NFKC", domain).encode("idna").decode().lower()
    except UnicodeError:
        return None
    labels = name.split(".")
    is_name = len(labels) > 1 and all(map(_LABEL.match, labels)) and not labels[-1].isdigit()
    return name if is_name and len(name) <= _LONGEST_DOMAIN else None
