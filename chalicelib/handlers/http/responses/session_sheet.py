"""Sessions as a CSV file (RFC 4180) for spreadsheets."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO

from chalicelib.handlers.http.responses import serializers
from chalicelib.services.bookings.sessions import SessionView

# Without this mark some spreadsheets read the file in the encoding of their machine.
BYTE_ORDER_MARK = "\ufeff"
# A spreadsheet reads a cell that begins so as a formula, which could fetch an address or start a program. The last four
# are the signs of a Japanese keyboard.
FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
COLUMNS = (
    "startTime",
    "endTime",
    "minutes",
    "title",
    "state",
    "partnerName",
    "partnerId",
    "joinedAt",
    "completed",
    "sessionId",
)


def session_sheet(views: Iterable[SessionView]) -> str:
    """Return the sessions as lines of a sheet, after a line with the names of the columns."""
    written = StringIO()
    written.write(BYTE_ORDER_MARK)
    writer = csv.DictWriter(written, COLUMNS, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(map(_row, views))
    return written.getvalue()


def _row(view: SessionView) -> Mapping[str, str | int]:
    booking, shown = view.booking, serializers.session(view)
    partner = serializers.person(booking.partner.member_id, view.partner) if booking.partner else None
    return {
        "startTime": shown.start_time,
        "endTime": serializers.instant_text(booking.slot.end),
        "minutes": booking.slot.minutes,
        "title": _as_text(shown.title or ""),
        "state": shown.state,
        "partnerName": _as_text(partner.name) if partner else "",
        "partnerId": partner.user_id if partner else "",
        "joinedAt": serializers.instant_text(booking.joined_at) if booking.joined_at else "",
        "completed": "yes" if view.completed else "no",
        "sessionId": shown.session_id,
    }


def _as_text(value: str) -> str:
    """Return a text that no spreadsheet reads as a formula, with an apostrophe before the first sign of one."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
