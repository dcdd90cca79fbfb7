"""The parsers of fields that a type alone does not describe. Each raises InvalidRequest with the field."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.mail_address import is_mail_address
from chalicelib.domain.model.slot import FOOTPRINT_MINUTES
from chalicelib.handlers.http.inputs.photo_url import is_photo_url

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MILLISECONDS = 60_000
# The key of a field's parser in the metadata of its type.
PARSER = "parser"


class FieldParser(NamedTuple):
    """The parser of a field, and the reason to refuse a value of another JSON type."""

    parse: Callable[[Any, str], object]
    wrong_type: str = input_texts.TEXT


def instant(text: str, field: str) -> datetime:
    """Parse an ISO 8601 instant with an offset or `Z`, and return it in UTC, in the years 1 to 9999."""
    try:
        parsed = local_instant(text)
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidRequest(input_texts.INSTANT, field=field)


def local_instant(text: str) -> datetime:
    """Parse an ISO 8601 instant and keep its offset. Raises ValueError."""
    return datetime.fromisoformat(text.upper())


def query_instant(text: str, field: str) -> datetime:
    """Parse an instant of a query."""
    return instant(with_plus(text), field)


def with_plus(text: str) -> str:
    """Restore the plus sign of an offset, which a query without percent-encoding turns into a space."""
    return text.replace(" ", "+")


def minutes(milliseconds: int, field: str) -> int:
    """Convert the length of a session to minutes."""
    length, rest = divmod(milliseconds, MILLISECONDS)
    if rest or length not in FOOTPRINT_MINUTES:
        raise InvalidRequest(input_texts.one_of([most * MILLISECONDS for most in FOOTPRINT_MINUTES]), field=field)
    return length


def time_zone(name: str, field: str) -> str:
    """Return the name of a time zone (R31)."""
    if not is_time_zone(name):
        raise InvalidRequest(input_texts.TIME_ZONE, field=field)
    return name


def mail_address(address: str, field: str) -> str:
    """Return an e-mail address (R43)."""
    if not is_mail_address(address):
        raise InvalidRequest(input_texts.MAIL_ADDRESS, field=field)
    return address


def event_kinds(kinds: list[EventKind], _field: str) -> tuple[EventKind, ...]:
    """Return the kinds of events of a list, each once and in a fixed order."""
    return tuple(kind for kind in EventKind if kind in kinds)


def photo_url(address: str, field: str) -> str:
    """Return the address of a picture (R31)."""
    if not is_photo_url(address):
        raise InvalidRequest(input_texts.PHOTO_URL, field=field)
    return address


def is_time_zone(text: str) -> bool:
    """Return True for an IANA time zone of the pinned database, which does not depend on the host (R30, R31)."""
    return text in _time_zones()


def zone_of(name: str) -> "ZoneInfo":
    """Return the time zone of a member, UTC for a name that a later database dropped."""
    import zoneinfo

    return zoneinfo.ZoneInfo(name if is_time_zone(name) else "UTC")


@cache
def _time_zones() -> frozenset[str]:
    # Imported with the first use: the import is slow, and most requests name no time zone.
    import zoneinfo

    zoneinfo.reset_tzpath(to=())
    # The database's entry for a clock that is not set up.
    return frozenset(zoneinfo.available_timezones() - {"Factory"})
