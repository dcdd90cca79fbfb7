"""The views of the export's files, the caller's sessions for calendar programs and for spreadsheets (R33)."""

from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.operations import CalendarFile, SheetFile, calendar_file, sheet_file
from chalicelib.services.members.export import export_sessions


def get_exported_calendar(call: Call) -> CalendarFile:
    """Export all stored sessions of the caller as an iCalendar file, recently cancelled ones included.

    The file has no address of a room.
    """
    # Imported with the first file: no other request writes calendars.
    from chalicelib.handlers.calendars.session_calendar import calendar, stamp_of, vevent

    events = [
        vevent(shown.view, sequence=shown.version, url=None, stamp=stamp_of(shown.view.booking))
        for shown in export_sessions(call.context, call.caller)
    ]
    return calendar_file(calendar(events))


def get_exported_sheet(call: Call) -> SheetFile:
    """Export all stored sessions of the caller as a CSV file, recently cancelled ones included.

    The first line has the names of the columns. A text that a spreadsheet would read as a formula begins with `'`.
    """
    # Imported with the first file: no other request writes sheets.
    from chalicelib.handlers.http.responses.session_sheet import session_sheet

    return sheet_file(session_sheet(shown.view for shown in export_sessions(call.context, call.caller)))
