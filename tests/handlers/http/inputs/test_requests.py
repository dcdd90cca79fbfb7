"""Tests of the strict parsing of requests."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.model.errors import InvalidRequest, MalformedJson
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.inputs import requests
from chalicelib.handlers.http.inputs.requests import PageQuery, RangeQuery
from chalicelib.handlers.http.resources.sessions import BookBody

VIENNA = ZoneInfo("Europe/Vienna")

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_a_plus_sign_without_percent_encoding_is_accepted(call: Call) -> None:
    query = requests.query({"start": "2026-12-01T10:00:00 01:00", "end": "2026-12-01T09:00:00Z"}, RangeQuery, call)
    assert query.range() == (NINE, NINE)


GOOD = b'"startTime": "2026-03-03T09:00:00Z", "duration": 3000000'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "startTime"),
        (b'{"startTime": "2026-12-01T09:00:00Z"}', "duration"),
        (b'{"startTime": 7, "duration": 3000000}', "startTime"),
        (b"{" + GOOD + b', "duration": 3000000.5}', "duration"),
        (b"{" + GOOD + b', "duration": true}', "duration"),
        (b"{" + GOOD + b', "duration": "3000000"}', "duration"),
        (b"{" + GOOD + b', "locked": 1}', "locked"),
        (b"{" + GOOD + b', "activityType": "sleep"}', "activityType"),
        (b"{" + GOOD + b', "titel": "x"}', "titel"),
        (b"{" + GOOD + b', "title": 7}', "title"),
        (b"[]", "body"),
        (b'"text"', "body"),
        (b"null", "body"),
    ],
)
def test_an_invalid_body_is_refused_with_its_field(call: Call, body: bytes, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        requests.body(body, None, BookBody, call)
    assert refusal.value.field == field


@pytest.mark.parametrize("raw", [b"", "", b" ", b"{}", " {} "])
def test_a_route_without_fields_takes_an_empty_body(call: Call, raw: bytes | str) -> None:
    requests.refuse_fields(raw, call)


@pytest.mark.parametrize(
    ("raw", "field"), [(b'{"x": 1}', "x"), ('{"": 1}', ""), (b"null", "body"), (b"{", "body"), (b"\xff", "body")]
)
def test_a_route_without_fields_names_each_field(call: Call, raw: bytes | str, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        requests.refuse_fields(raw, call)
    assert refusal.value.field == field


def test_a_title_of_200_characters_of_any_script_is_accepted(call: Call) -> None:
    title = "\U0001f512" * 200
    assert requests.body(b"{" + GOOD + f', "title": "{title}"}}'.encode(), None, BookBody, call).title == title


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"titel": 1, ', b'{"a": 1} x']
)
def test_a_body_that_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedJson):
        requests.decode(body)


@pytest.mark.parametrize("text", ["0", "1001", "-1", "1.5", "x", "", "\u0661", "99999"])
def test_an_invalid_limit_is_refused(call: Call, text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        requests.query({"limit": text}, PageQuery, call)
    assert refusal.value.field == "limit"


@pytest.mark.parametrize(("query", "limit"), [({}, None), ({"limit": "1"}, 1), ({"limit": "1000"}, 1000)])
def test_a_limit_is_a_whole_number(call: Call, query: dict[str, str], limit: int | None) -> None:
    assert requests.query(query, PageQuery, call).size == limit


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC), True),
        (datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, 0, 0, 1, tzinfo=UTC), False),
        (datetime(2028, 2, 29, tzinfo=UTC), datetime(2029, 3, 1, tzinfo=UTC), True),
        (datetime(2028, 2, 29, tzinfo=UTC), datetime(2029, 3, 1, 0, 0, 1, tzinfo=UTC), False),
        (NINE, NINE, True),
        (NINE, NINE - timedelta(seconds=1), False),
        # A year in Vienna ends an hour later in UTC if the clocks changed in between.
        (datetime(2027, 3, 1, tzinfo=VIENNA), datetime(2028, 3, 1, tzinfo=VIENNA), True),
        (datetime(2027, 10, 30, tzinfo=VIENNA), datetime(2028, 10, 30, tzinfo=VIENNA), True),
        (datetime(2027, 10, 31, tzinfo=VIENNA), datetime(2028, 10, 31, tzinfo=VIENNA), True),
        (datetime(2027, 10, 31, tzinfo=VIENNA), datetime(2028, 10, 31, 0, 0, 1, tzinfo=VIENNA), False),
    ],
)
def test_a_range_is_at_most_a_calendar_year_also_a_leap_year(start: datetime, end: datetime, fits: bool) -> None:
    query = RangeQuery(start=start.isoformat(), end=end.isoformat())
    if fits:
        query.range_of_a_year()
    else:
        with pytest.raises(InvalidRequest) as refusal:
            query.range_of_a_year()
        assert refusal.value.field == "end"


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "a\n"])
def test_an_idempotency_key_with_other_than_visible_characters_is_refused(key: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        requests.idempotency_key(key)
    assert refusal.value.field == "Idempotency-Key"
    assert requests.idempotency_key("x" * 255) == "x" * 255
    assert requests.idempotency_key(None) is None


def test_a_digest_depends_on_the_values_and_not_on_their_spelling() -> None:
    def digest(body: bytes) -> str:
        return requests.digest("/v1/sessions", requests.decode(body))

    assert digest(b'{"a": 1, "b": [2]}') == digest(b'{"b":[2],"a":1}')
    assert digest(b'{"a": 1}') != digest(b'{"a": 2}') != requests.digest("/i/x", {"a": 2})
