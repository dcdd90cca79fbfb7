"""Lists of staff that are stored by month, read newest first."""

from collections.abc import Callable
from datetime import date

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.slot import ONE_DAY
from chalicelib.services.pages import Page
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import key_of
from chalicelib.storage.staff_reads import D

# The sizes of a page, without a requested one and at most. Each report costs up to two units (R36).
USUAL_PAGE = 50
LARGEST_PAGE = USUAL_PAGE
# The number of months, most of them empty, that one request reads.
MONTHS_PER_PAGE = 24
# The product has no earlier month.
FIRST_MONTH = date(2026, 1, 1)
# Sorts after every character of an instant.
_AFTER_ALL = "~"

ReadMonth = Callable[[Table, date, str | None, int], list[D]]


def read_months(
    table: Table, read: ReadMonth[D], today: date, *, after: str | None, limit: int | None, oldest: date = FIRST_MONTH
) -> Page[D]:
    """Return a page of what `read` finds month by month, newest first, back to the month of `oldest`.

    `after` is the end of an earlier page, a sort key or the month with which this page begins.
    """
    most = min(limit or USUAL_PAGE, LARGEST_PAGE)
    month = date.fromisoformat(f"{after[:7]}-01") if after else today.replace(day=1)
    found: list[D] = []
    for _ in range(MONTHS_PER_PAGE):
        if month < oldest.replace(day=1):
            return Page(found, None)
        found += read(table, month, after, most + 1 - len(found))
        if len(found) > most:
            return Page(found[:most], _place(found[most - 1]))
        after, month = None, (month - ONE_DAY).replace(day=1)
    return Page(found, f"{month:%Y-%m}{_AFTER_ALL}")


def _place(document: Document) -> str:
    return key_of(document).sk
