"""IANA time zones of the pinned database, which does not depend on the host (R30, R31)."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def is_time_zone(text: str) -> bool:
    """Return True for an IANA time zone of the pinned database."""
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
