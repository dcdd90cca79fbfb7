"""Time zones come from the pinned database (R30, R31)."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.model.time_zone import is_time_zone, zone_of


@pytest.mark.parametrize(
    ("name", "known"),
    [("Europe/Vienna", True), ("UTC", True), ("Factory", False), ("europe/vienna", False), ("", False)],
)
def test_r31_only_a_name_of_the_database_is_a_time_zone(name: str, *, known: bool) -> None:
    assert is_time_zone(name) is known


def test_r30_a_name_that_a_later_database_dropped_is_utc() -> None:
    assert zone_of("Europe/Atlantis").key == "UTC"
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert summer.astimezone(zone_of("Europe/Vienna")).utcoffset() == timedelta(hours=2)
