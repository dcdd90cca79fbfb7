"""Attacks with long titles."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.client import Client, Service, eventually
from tests.contract.slots import SlotStart

# The longest title has 200 characters, here of 4 bytes each.
LONGEST = "\N{GRINNING FACE}" * 200
SESSIONS = 12


def half_a_day_of(member: Client, first_hour: int, **fields: Any) -> list[SlotStart]:
    """Book sessions of 25 minutes on the last date within two weeks, on which no other test books."""
    first = datetime.now(UTC).replace(hour=0, minute=30, second=0, microsecond=0) + timedelta(days=13, hours=first_hour)
    slots = [SlotStart(first + timedelta(hours=hour)) for hour in range(SESSIONS)]
    for slot in slots:
        member.book(slot, minutes=25, **fields)
    return slots


def units_of_last_booking(service: Service, member: Client) -> tuple[float, float]:
    """Return the write units and the read units of the member's last booking, as its log line has them."""

    def found() -> list[dict[str, Any]]:
        logged = (line.partition(" service: ")[2] for line in service.output().splitlines())
        lines = [json.loads(line) for line in logged if line]
        of_member = (line for line in lines if line.get("member") == member.user_id)
        return [line for line in of_member if line.get("route") == "POST /v1/sessions"]

    line = eventually(found)[-1]
    return line["writeUnits"], line["readUnits"]


@pytest.mark.long  # Books 24 sessions.
def test_r36_titles_of_one_member_make_no_lock_of_another_dearer(
    api: Service, ada: Client, ben: Client, cy: Client, dee: Client
) -> None:
    """Attack. A member fills half a date with the longest titles, and each lock with the member pays for them (R36)."""
    titled = half_a_day_of(ada, 0, title=LONGEST)
    plain = half_a_day_of(dee, SESSIONS, title="Twelve chars")
    ben.lock(ada, titled[0], minutes=25)
    cy.lock(dee, plain[0], minutes=25)
    assert units_of_last_booking(api, ben) == units_of_last_booking(api, cy)
    assert ada.in_slot(titled[0])["title"] == LONGEST
