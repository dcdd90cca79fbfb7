"""Tests of sessions as a CSV file for spreadsheets (R33)."""

import csv
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Profile
from chalicelib.handlers.http.responses.session_sheet import BYTE_ORDER_MARK, session_sheet
from chalicelib.services.bookings.sessions import SessionView
from chalicelib.services.members.export import export_sessions
from tests.harness import World, at

NINE = at(1)


def rows(views: Sequence[SessionView]) -> list[dict[str, str]]:
    """Return the lines of the sheet by their columns."""
    content = session_sheet(views)
    assert content.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(content.removeprefix(BYTE_ORDER_MARK).splitlines(keepends=True)))


def exported(world: World, member: Profile) -> list[SessionView]:
    """Return the exported sessions of a member."""
    return [shown.view for shown in export_sessions(world.context, member)]


def test_r33_a_line_has_the_session_its_partner_and_the_instants(world: World) -> None:
    ada, ben = world.members("Ada", "Ben")
    booked = world.book(ada, NINE, title='Thesis, "part" 2')
    world.book(ben, NINE)
    (row,) = rows(exported(world, ada))
    assert row == {
        "startTime": "2026-03-02T09:00:00+00:00",
        "endTime": "2026-03-02T09:50:00+00:00",
        "minutes": "50",
        "title": 'Thesis, "part" 2',
        "state": "matched",
        "partnerName": "Ben",
        "partnerId": ben.member_id,
        "joinedAt": "",
        "completed": "no",
        "sessionId": booked["sessionId"],
    }
    world.leave(ben)
    world.now = NINE.end
    (row,) = rows(exported(world, ada))
    assert (row["partnerName"], row["partnerId"], row["state"]) == ("", "", "unmatched")


@pytest.mark.parametrize("sign", list("=+-@\t\r\uff1d\uff0b\uff0d\uff20"))
def test_r33_no_title_or_name_is_a_formula(world: World, sign: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.book(ben, NINE)
    (view,) = exported(world, ada)
    text = f'{sign}HYPERLINK("https://evil.example")'
    partner = replace(ben, name=text)
    (row,) = rows([replace(view, booking=view.booking.titled(text), partner=partner)])
    assert (row["title"], row["partnerName"]) == (f"'{text}", f"'{text}")


@pytest.mark.parametrize("title", ["1-2=3", "a@b", " =1", "'quoted", "日本語 😀"])
def test_r33_other_texts_are_as_they_were_written(world: World, title: str) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    (view,) = exported(world, ada)
    (row,) = rows([replace(view, booking=view.booking.titled(title))])
    assert row["title"] == title


def test_r33_a_title_of_two_lines_stays_one_cell(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    (view,) = exported(world, ada)
    (row,) = rows([replace(view, booking=view.booking.titled('One\r\n"=2"'))])
    assert row["title"] == 'One\r\n"=2"'
