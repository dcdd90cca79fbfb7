"""The views of the export's files, the caller's sessions for calendar programs and for spreadsheets (R33)."""

from chalicelib.handlers.http.call import Call, EarlyCall
from chalicelib.handlers.http.operations import CalendarFile, SheetFile, begins, calendar_file, sheet_file
from chalicelib.services.begun_reads import Begun
from chalicelib.services.members.export import StoredBooking, export_sessions, stored_bookings


def _read_sessions(call: EarlyCall) -> list[StoredBooking]:
    return stored_bookings(call.context, call.member_id)


@begins(_read_sessions)
def get_exported_calendar(call: Call, begun: Begun[list[StoredBooking]]) -> CalendarFile:
    """Export all stored sessions of the caller as an iCalendar file, recently cancelled ones included.

    The file has no address of a room.
    """
    # Imported with the first file: no other request writes calendars.
    from chalicelib.handlers.calendars.session_calendar import calendar, stamp_of, vevent

    events = [
        vevent(shown.view, sequence=shown.version, url=None, stamp=stamp_of(shown.view.booking))
        for shown in export_sessions(call.context, call.caller, begun)
    ]
    return calendar_file(calendar(events))


@begins(_read_sessions)
def get_exported_sheet(call: Call, begun: Begun[list[StoredBooking]]) -> SheetFile:
    """Export all stored sessions of the caller as a CSV file, recently cancelled ones included.

    The first line has the names of the columns. A text that a spreadsheet would read as a formula begins with `'`.
    """
    # Imported with the first file: no other request writes sheets.
    from chalicelib.handlers.http.responses.session_sheet import session_sheet

    return sheet_file(session_sheet(shown.view for shown in export_sessions(call.context, call.caller, begun)))
