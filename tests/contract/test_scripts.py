"""Clients that were written for Focusmate's public API work with only their host changed."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tests.contract.client import Client, Runner
from tests.contract.scripts import (
    ApiError,
    AssistantScript,
    BookingScript,
    DashboardScript,
    JavaScriptScript,
    LegacyScript,
    PunctualityScript,
    StrictScript,
)
from tests.contract.slots import SlotStart

# Plays whole scripts of clients.
pytestmark = pytest.mark.long

NEW_YEAR = datetime(2028, 1, 1, tzinfo=UTC)
# A new slot for each test. A member who waits in a slot would be matched with the member of the next test.
SLOTS_OF_ONE = (NEW_YEAR + timedelta(hours=2 * number) for number in count(1))
LEAP_DAY = datetime(2028, 2, 29, 23, 30, tzinfo=UTC)


@pytest.fixture
def member(controlled: Runner) -> Client:
    """A member with two sessions in the leap year 2028, seen from March.

    The second one had a partner. The member joined it 2 minutes early, and the partner 7 minutes late.
    """
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    controlled.travel(NEW_YEAR - timedelta(days=1))
    ada.book(SlotStart(next(SLOTS_OF_ONE)), 25, title="Alone")
    ada.change_settings(timeZone="Europe/Vienna")
    of_ada = ada.book(SlotStart(LEAP_DAY), 75, title="Thesis")["sessionId"]
    of_ben = ben.book(SlotStart(LEAP_DAY), 75)["sessionId"]
    for one, session_id, minutes in ((ada, of_ada, -2), (ben, of_ben, 7)):
        controlled.travel(LEAP_DAY + timedelta(minutes=minutes))
        one.join(session_id)
    controlled.travel(LEAP_DAY + timedelta(days=10))
    return ada


def key_of(member: Client, scope: str = "read") -> str:
    return member.post("/v1/api-keys", {"name": "Script", "scope": scope}).json["apiKey"]["key"]


def test_r35_a_client_with_one_instant_format_reads_a_leap_year(member: Client) -> None:
    client = StrictScript(member.runner.base, key_of(member))
    assert client.member_since().tzinfo is not None
    assert client.minutes_worked(2028) == 75
    with pytest.raises(ApiError, match="Send a valid bearer token"):
        StrictScript(member.runner.base, "made-up").member_since()


def test_r35_a_client_without_pages_reads_itself_first_and_the_partner_second(member: Client) -> None:
    client = LegacyScript(member.runner.base, key_of(member))
    assert client.whoami() == ("Ada", "Europe/Vienna", 1)
    assert client.diary(2028) == [("Alone", None), ("Thesis", "Ben")]
    with pytest.raises(ApiError, match="Not found"):
        client.get("/v1/users/unknown")


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2028-01-01T00:00:00.000Z", "2029-01-01T00:00:00.000Z"),
        ("2028-01-01T00:00:00.000%2B00:00", "2029-01-01T00:00:00.000%2B00:00"),
        ("2028-01-01T01:00:00.000%2B01:00", "2028-12-31T19:00:00.000-05:00"),
        ("2028-01-01T00:00:00.123456+00:00", "2028-12-31T23:59:59.999+00:00"),
    ],
)
def test_r35_a_client_pages_through_a_leap_year_with_milliseconds(member: Client, start: str, end: str) -> None:
    client = JavaScriptScript(member.runner.base, key_of(member))
    assert [session["title"] for session in client.sessions(start, end)] == ["Thesis", "Alone"]
    with pytest.raises(ApiError, match="Invalid request"):
        client.sessions(start, "2029-01-02T00:00:00.000Z")


def test_r33_r35_an_assistant_lists_sessions_with_the_names_of_their_partners(controlled: Runner) -> None:
    ada, ben, cy = controlled.sign_in_all("Ada", "Ben", "Cy")
    begin = next(SLOTS_OF_ONE) + timedelta(days=30)
    controlled.travel(begin - timedelta(days=1))
    slots = [SlotStart(begin + timedelta(days=day)) for day in range(5)]
    booked: list[tuple[Client, str]] = []
    for slot, partner in zip(slots, (ben, None, cy, cy, None), strict=True):
        booked.append((ada, ada.book(slot, title="Thesis" if partner else None)["sessionId"]))
        if partner:
            booked.append((partner, partner.book(slot)["sessionId"]))
    controlled.travel(slots[0].start)
    for one, session_id in booked[:2]:
        one.join(session_id)
    now = slots[2].after(minutes=10)
    controlled.travel(now)
    assert ben.delete("/v1/me").status == 204
    client = AssistantScript(ada.runner.base, key_of(ada))
    assert client.sessions(slots[0].start, slots[-1].start, now) == [
        ("pending", None, None),
        ("matched", "Cy", "Thesis"),
        ("in_progress", "Cy", "Thesis"),
        ("no_show", None, None),
        ("completed", "Former member", "Thesis"),
    ]
    with pytest.raises(ApiError, match="401"):
        AssistantScript(ada.runner.base, "made-up").sessions(now, now, now)


def test_r34_a_dashboard_reads_all_years_since_the_first_one_at_once(member: Client) -> None:
    later = member.book(SlotStart(NEW_YEAR + timedelta(days=100)), 25, title="Next")
    rows = DashboardScript(member.runner.base, member.token).rows(2029)
    assert [(row["title"], row["minutes"], row["completed"], row["joined"]) for row in rows] == [
        ("Next", 25, False, None),
        ("Thesis", 75, True, LEAP_DAY - timedelta(minutes=2)),
        ("Alone", 25, False, None),
    ]
    assert rows[0]["start"] == datetime.fromisoformat(later["startTime"])
    assert [row["partner"] is None for row in rows] == [True, False, True]


def test_r37_a_client_shows_the_punctuality_of_both_members(member: Client) -> None:
    client = PunctualityScript(member.runner.base, key_of(member))
    assert client.sessions(2028) == [[-120, 420], [None]]
    assert client.share_in_time(2028, within=timedelta(minutes=5)) == 1
    # The service's own score is that of the client (R39).
    attendance = member.get("/v1/me/attendance").json["attendance"]
    assert attendance == {"score": 1.0, "sessions": 1, "joinedInTime": 1}


def test_r17_r34_r35_a_client_books_rereads_changes_and_cancels(controlled: Runner) -> None:
    (ada,) = controlled.sign_in_all("Ada")
    client = BookingScript(ada.runner.base, key_of(ada, "write"))
    slot, other = controlled.slots.several(2)
    first = client.book(slot.text.replace("+00:00", ".000Z"), 50, title="Thesis \N{OPEN BOOK}", preferFavorites=True)
    second = client.book(other.text, 25)

    def summary() -> list[tuple[str, str | None, bool]]:
        return client.summary(slot.text, other.text)

    assert summary() == [(second, None, False), (first, "Thesis \N{OPEN BOOK}", True)]
    client.send("PATCH", f"/sessions/{first}", {"title": "Novel", "preferFavorites": False})
    client.send("PATCH", f"/sessions/{second}", {"preferFavorites": True})
    assert summary() == [(second, None, True), (first, "Novel", False)]
    assert client.send("DELETE", f"/sessions/{first}") is None
    assert summary() == [(second, None, True)]
    with pytest.raises(ApiError):
        client.send("PATCH", f"/sessions/{first}", {"title": "Late"})
    with pytest.raises(ApiError):
        client.book(other.text, 50)
    assert summary() == [(second, None, True)]
