"""Reads of the table that decode nothing.

The audit reads pages, items, and items at one instant. An item that cannot be decoded is a violation and no error. All
reads are strongly consistent.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from chalicelib.storage.connection import Table
from chalicelib.storage.errors import translate_errors
from chalicelib.storage.keys import JOB_SHARDS, Key, jobs

# An item as DynamoDB returns it.
Raw = Mapping[str, Mapping[str, Any]]
RawItems = dict[Key, Raw]

# The number of segments of a scan of the table. A partition key is always in the same segment. The audit begins with
# another segment on each day of the week.
SEGMENTS = 7
# The maximum number of keys in one request.
_MAX_KEYS = 100


def page(table: Table, size: int, segment: int, after: Key | None) -> tuple[RawItems, Key | None]:
    """Return one page of a segment of the table and the key after which the next begins. Only the audit scans."""
    with translate_errors():
        response = table.scan(
            limit=size,
            segment=segment,
            total_segments=SEGMENTS,
            consistent_read=True,
            exclusive_start_key=_raw_key(after),
        )
    return _look(response["Items"]), _last_key(response)


def items(table: Table, wanted: Collection[Key]) -> RawItems:
    """Return the items that exist among those keys."""
    found: RawItems = {}
    for batch in _batches(wanted):
        remaining: Any = [{"PK": key.pk, "SK": key.sk} for key in batch]
        while remaining:
            with translate_errors():
                response = table.batch_get_item(remaining, consistent_read=True)
            found |= _look(response["Responses"][table.table_name])
            remaining = response["UnprocessedKeys"].get(table.table_name, {}).get("Keys")
    return found


def items_at_one_instant(table: Table, wanted: Collection[Key]) -> RawItems:
    """Return the items that exist among those keys, read by one transaction for each 100 keys.

    Raise Conflict if another transaction is changing one of them.
    """
    found: RawItems = {}
    for batch in _batches(wanted):
        requests = [{"TableName": table.table_name, "Key": _raw_key(key)} for key in batch]
        with translate_errors():
            response = table.connection.transact_get_items(requests)
        found |= _look(one["Item"] for one in response["Responses"] if "Item" in one)
    return found


def open_jobs(table: Table) -> RawItems:
    """Return all jobs that are not yet done."""
    found: RawItems = {}
    for shard in range(JOB_SHARDS):
        look, after = _query(table, jobs(shard), None)
        found |= look
        while after:
            look, after = _query(table, jobs(shard), after)
            found |= look
    return found


def _query(table: Table, pk: str, after: Key | None) -> tuple[RawItems, Key | None]:
    with translate_errors():
        response = table.query(pk, consistent_read=True, exclusive_start_key=_raw_key(after))
    return _look(response["Items"]), _last_key(response)


def _look(items: Iterable[Raw]) -> RawItems:
    return {_key(item): item for item in items}


def _key(raw: Raw) -> Key:
    return Key(raw["PK"]["S"], raw["SK"]["S"])


def _raw_key(key: Key | None) -> Any:
    return key and {"PK": {"S": key.pk}, "SK": {"S": key.sk}}


def _last_key(response: Mapping[str, Any]) -> Key | None:
    last = response.get("LastEvaluatedKey")
    return _key(last) if last else None


def _batches(wanted: Collection[Key]) -> Iterator[list[Key]]:
    remaining = iter(sorted(wanted))
    while batch := list(islice(remaining, _MAX_KEYS)):
        yield batch
