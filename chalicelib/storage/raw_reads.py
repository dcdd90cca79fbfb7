"""Looks at the table as it is, whatever is in it: page by page, at some items, at some items at one instant.

What was read stays as it came until it is made a snapshot: what nobody can read is a finding there, and no error here.
Everything is read strongly consistent.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from chalicelib.storage.connection import Table
from chalicelib.storage.errors import translate_errors
from chalicelib.storage.keys import JOB_SHARDS, Key, jobs

# An item as it goes over the wire.
Raw = Mapping[str, Mapping[str, Any]]
Look = dict[Key, Raw]

# The parts in which the whole table is walked, one for each day of a week to begin with: a partition key is in one of
# them, and always in the same.
SEGMENTS = 7
# As many as one request may name.
_MOST_KEYS = 100


def page(table: Table, size: int, segment: int, after: Key | None) -> tuple[Look, Key | None]:
    """So many items of one segment, behind a key, and the key behind which there are more: the auditor's alone."""
    with translate_errors():
        answer = table.scan(
            limit=size,
            segment=segment,
            total_segments=SEGMENTS,
            consistent_read=True,
            exclusive_start_key=_raw_key(after),
        )
    return _look(answer["Items"]), _last_key(answer)


def at(table: Table, wanted: Collection[Key]) -> Look:
    """Those of the items that are there."""
    found: Look = {}
    for some in _batches(wanted):
        left: Any = [{"PK": key.pk, "SK": key.sk} for key in some]
        while left:
            with translate_errors():
                answer = table.batch_get_item(left, consistent_read=True)
            found |= _look(answer["Responses"][table.table_name])
            left = answer["UnprocessedKeys"].get(table.table_name, {}).get("Keys")
    return found


def at_one_instant(table: Table, wanted: Collection[Key]) -> Look:
    """Those of the items that are there, all read between the same two transactions; each hundred, where more.

    Raises Contended where one of them is being changed.
    """
    found: Look = {}
    for some in _batches(wanted):
        named = [{"TableName": table.table_name, "Key": _raw_key(key)} for key in some]
        with translate_errors():
            answer = table.connection.transact_get_items(named)
        found |= _look(one["Item"] for one in answer["Responses"] if "Item" in one)
    return found


def open_jobs(table: Table) -> Look:
    """Every chore."""
    found: Look = {}
    for shard in range(JOB_SHARDS):
        look, after = _query(table, jobs(shard), None)
        found |= look
        while after:
            look, after = _query(table, jobs(shard), after)
            found |= look
    return found


def _query(table: Table, pk: str, after: Key | None) -> tuple[Look, Key | None]:
    with translate_errors():
        answer = table.query(pk, consistent_read=True, exclusive_start_key=_raw_key(after))
    return _look(answer["Items"]), _last_key(answer)


def _look(items: Iterable[Raw]) -> Look:
    return {_key(item): item for item in items}


def _key(raw: Raw) -> Key:
    return Key(raw["PK"]["S"], raw["SK"]["S"])


def _raw_key(key: Key | None) -> Any:
    return key and {"PK": {"S": key.pk}, "SK": {"S": key.sk}}


def _last_key(answer: Mapping[str, Any]) -> Key | None:
    last = answer.get("LastEvaluatedKey")
    return _key(last) if last else None


def _batches(wanted: Collection[Key]) -> Iterator[list[Key]]:
    left = iter(sorted(wanted))
    while some := list(islice(left, _MOST_KEYS)):
        yield some
