"""Clients that were written for Focusmate's public API work unchanged but for the host."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tests.contract.client import Client, Runner
from tests.contract.scripts import Browserly, Old, RefusedError, Strict
from tests.contract.slots import Slot

NEW_YEAR = datetime(2028, 1, 1, tzinfo=UTC)
# A slot for each test: whoever is alone in one waits there for the next.
ALONE = (NEW_YEAR + timedelta(hours=2 * place) for place in count(1))
LEAP_DAY = datetime(2028, 2, 29, 23, 30, tzinfo=UTC)


@pytest.fixture
def diary(lab: Runner) -> Client:
    """A member with two sessions in the leap year 2028, the second of which had a partner; it is March by then."""
    ada, ben = lab.sign_in_all("Ada", "Ben")
    lab.travel(NEW_YEAR - timedelta(days=1))
    ada.book(Slot(next(ALONE)), 25, title="Alone")
    ada.sets(timeZone="Europe/Vienna")
    ada.book(Slot(LEAP_DAY), 75, title="Thesis")
    ben.book(Slot(LEAP_DAY), 75)
    lab.travel(LEAP_DAY + timedelta(days=10))
    return ada


def key_of(member: Client) -> str:
    return member.post("/v1/api-keys", {"name": "Script", "scope": "read"}).json["apiKey"]["key"]


def test_r35_a_client_that_parses_strictly_reads_a_leap_year(diary: Client) -> None:
    client = Strict(diary.runner.base, key_of(diary))
    assert client.member_since().tzinfo is not None
    assert client.minutes_worked(2028) == 75
    with pytest.raises(RefusedError, match="Not signed in"):
        Strict(diary.runner.base, "made-up").member_since()


def test_r35_an_old_client_reads_itself_first_and_the_partner_second(diary: Client) -> None:
    client = Old(diary.runner.base, key_of(diary))
    assert client.whoami() == ("Ada", "Europe/Vienna", 1)
    assert client.diary(2028) == [("Alone", None), ("Thesis", "Ben")]
    with pytest.raises(RefusedError, match="Not found"):
        client.get("/v1/users/nobody")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2028-01-01T00:00:00.000Z", "2029-01-01T00:00:00.000Z"),
        ("2028-01-01T00:00:00.000%2B00:00", "2029-01-01T00:00:00.000%2B00:00"),
        ("2028-01-01T01:00:00.000%2B01:00", "2028-12-31T19:00:00.000-05:00"),
        ("2028-01-01T00:00:00.123456+00:00", "2028-12-31T23:59:59.999+00:00"),
    ],
)
def test_r35_a_client_pages_through_a_leap_year_with_milliseconds(diary: Client, start: str, end: str) -> None:
    client = Browserly(diary.runner.base, key_of(diary))
    assert [session["title"] for session in client.sessions(start, end)] == ["Thesis", "Alone"]
    with pytest.raises(RefusedError, match="Invalid request"):
        client.sessions(start, "2029-01-02T00:00:00.000Z")
