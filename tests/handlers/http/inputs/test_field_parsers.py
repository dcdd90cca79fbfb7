"""Tests of the parsers of single fields."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.handlers.http.inputs import field_parsers

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T09:00:00+00:00",
        "2026-12-01T09:00:00Z",
        "2026-12-01t09:00:00z",
        "2026-12-01T09:00:00.000000Z",
        "2026-12-01T09:00Z",
        "20261201T090000Z",
        "2026-12-01T10:00:00+01:00",
        "2026-12-01T14:30:00+05:30",
        "2026-12-01T00:00:00-0900",
        "2026-W49-2T09:00:00Z",
    ],
)
def test_r30_any_iso_8601_instant_with_an_offset_is_accepted(text: str) -> None:
    assert field_parsers.instant(text, "startTime") == NINE


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "0001-01-01T14:00:00+14:00", "9999-12-31T09:59:59.9-14:00"])
def test_r30_the_calendar_has_the_years_1_to_9999(text: str) -> None:
    assert field_parsers.instant(text, "startTime").year in (1, 9999)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-12-01",
        "2026-12-01T09:00:00",
        "2026-12-01T25:00:00Z",
        "2026-02-30T09:00:00Z",
        "1796115600",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-12-01T09:00:00+25:00",
        "2026-12-01T09:00:00Z\n",
        "\x00",
    ],
)
def test_r30_an_invalid_instant_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        field_parsers.instant(text, "startTime")
    assert refusal.value.field == "startTime"


@pytest.mark.parametrize(("milliseconds", "length"), [(1_500_000, 25), (3_000_000, 50), (4_500_000, 75)])
def test_r4_a_length_is_one_of_three(milliseconds: int, length: int) -> None:
    assert field_parsers.minutes(milliseconds, "duration") == length
    for other in (milliseconds + 1, -milliseconds, milliseconds // 60_000):
        with pytest.raises(InvalidRequest, match="duration must be one of 1500000, 3000000 or 4500000"):
            field_parsers.minutes(other, "duration")


def test_r31_a_time_zone_is_one_of_the_pinned_database() -> None:
    assert field_parsers.time_zone("Europe/Vienna", "timeZone") == "Europe/Vienna"
    for other in ("Mars/X", "europe/vienna", "Factory", "", "../etc/passwd"):
        with pytest.raises(InvalidRequest, match="timeZone must be an IANA time zone"):
            field_parsers.time_zone(other, "timeZone")


def test_r31_a_picture_has_an_address_of_a_public_host() -> None:
    assert field_parsers.photo_url("https://x.example/a.png", "photoUrl") == "https://x.example/a.png"
    with pytest.raises(InvalidRequest, match="photoUrl must be an https address of a public host, or null"):
        field_parsers.photo_url("https://127.0.0.1/a.png", "photoUrl")
