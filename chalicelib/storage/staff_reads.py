"""The reads of staff, which are reports, the log, and the members by name (R47)."""

from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.report import ListedReport, Report
from chalicelib.domain.model.staff_line import StaffLine
from chalicelib.storage import document_keys, keys
from chalicelib.storage.connection import Table
from chalicelib.storage.document_keys import REPORTS, STAFF_LOG
from chalicelib.storage.documents import document, documents
from chalicelib.storage.errors import translate_errors
from chalicelib.storage.items import Item, ProfileItem
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import profile_from

D = TypeVar("D", bound=Document)

# The number of items that one scan reads. 8 KB cost a unit, and the largest item, a day full of sessions, has less than
# 20 KB. So a scan costs at most 50 units (R36).
SCANNED_ITEMS = 20


class ScannedProfiles(NamedTuple):
    """The profiles among the items of one scan, its request units, and the key after which the next one begins."""

    profiles: list[Profile]
    units: float
    after: Key | None


def report(table: Table, member_id: str, report_id: str) -> Report | None:
    """Return a report of the member."""
    return document(table, document_keys.report(member_id, report_id), Report)


def reports_of_month(table: Table, month: date, after: str | None, most: int) -> list[ListedReport]:
    """Return at most `most` reports of a month as staff see them, newest first, those before the sort key `after`."""
    return _of_month(table, REPORTS, month, ListedReport, after, most)


def lines_of_month(table: Table, month: date, after: str | None, most: int) -> list[StaffLine]:
    """Return at most `most` lines of a month's log, newest first, those before the sort key `after`."""
    return _of_month(table, STAFF_LOG, month, StaffLine, after, most)


def staff_line(table: Table, at: datetime, line_id: str) -> StaffLine | None:
    """Return a line of the log."""
    return document(table, document_keys.in_month(STAFF_LOG, at, line_id), StaffLine)


def scan_profiles(table: Table, after: Key | None) -> ScannedProfiles:
    """Return the profiles among the next items of the table, in the order of the table.

    For display only, so the reads are eventually consistent.
    """
    start: Any = {"PK": {"S": after.pk}, "SK": {"S": after.sk}} if after else None
    with translate_errors():
        response = table.scan(
            limit=SCANNED_ITEMS,
            exclusive_start_key=start,
            filter_condition=Item.sk == keys.PROFILE,
        )
        found = [Item.from_raw_data(raw) for raw in response["Items"]]
    consumed: Any = response.get("ConsumedCapacity", {})
    last = response.get("LastEvaluatedKey")
    return ScannedProfiles(
        [profile_from(item) for item in found if isinstance(item, ProfileItem)],
        consumed.get("CapacityUnits", 0),
        Key(last["PK"]["S"], last["SK"]["S"]) if last else None,
    )


def _of_month(table: Table, prefix: str, month: date, kind: type[D], after: str | None, most: int) -> list[D]:
    partition = document_keys.of_month(prefix, month)
    begin = Key(partition, after) if after else None
    found = documents(table, partition, None, kind, after=begin, page=most, backwards=True, consistent=False)
    return list(islice(found, most))
