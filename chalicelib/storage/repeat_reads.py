"""The reads of repeats, and of the members whose repeats are due (R40)."""

from datetime import datetime
from itertools import islice

from msgspec import Struct

from chalicelib.domain.model.repeat import DueRepeats, EndedRepeat, Repeat, RepeatSchedule
from chalicelib.storage import document_keys, keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.documents import document, document_from, documents
from chalicelib.storage.items import DocumentItem, Item

# Sort before and after every character of an instant.
_BEFORE_ALL, _AFTER_ALL = "!", "~"


class MemberRepeats(Struct, frozen=True):
    """The repeats of a member in the order of their ids, and the instant at which they are due.

    `ended` are those that were ended, and whose sessions are not all cancelled.
    """

    schedule: RepeatSchedule
    repeats: list[Repeat]
    ended: list[EndedRepeat] = []


def repeat(table: Table, member_id: str, repeat_id: str) -> Repeat | None:
    """Return a repeat of the member, or None for one that was ended."""
    return document(table, document_keys.repeat(member_id, repeat_id), Repeat)


def repeats_of(table: Table, member_id: str) -> MemberRepeats:
    """Return the member's repeats and their schedule, which is empty without a repeat so far."""
    items = queries.query(table, keys.member(member_id), Item.sk.startswith(document_keys.REPEAT))
    found = [document_from(item) for item in items if isinstance(item, DocumentItem)]
    schedules = (each for each in found if isinstance(each, RepeatSchedule))
    return MemberRepeats(
        next(schedules, RepeatSchedule(member_id=member_id)),
        [each for each in found if isinstance(each, Repeat)],
        [each for each in found if isinstance(each, EndedRepeat)],
    )


def due_members(table: Table, shard: int, now: datetime, *, most: int) -> list[DueRepeats]:
    """Return the members of one partition whose repeats are due at `now`, the earliest first and at most `most`."""
    due = Item.sk.between(_BEFORE_ALL, f"{document_keys.due_prefix(now)}{_AFTER_ALL}")
    return list(islice(documents(table, document_keys.repeats_due(shard), due, DueRepeats, page=most), most))
