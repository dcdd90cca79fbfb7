"""Looks at the table as it is, whatever is in it: page by page, at some items, at some items at one instant.

What was read stays as it came until it is made a snapshot: what nobody can read is a finding there, and no error here.
Everything is read strongly consistent.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from chalicelib.storage.connection import connection, table
from chalicelib.storage.keys import CHORE_SHARDS, Key, chores
from chalicelib.storage.outcomes import understood

# An item as it goes over the wire.
Raw = Mapping[str, Mapping[str, Any]]
Look = dict[Key, Raw]

# As many as one request may name.
_MOST_KEYS = 100


def pages(size: int) -> Iterator[Look]:
    """The whole table, so many items at a time: for the auditor, and for nobody else."""
    after = None
    while True:
        with understood():
            answer = table().scan(limit=size, consistent_read=True, exclusive_start_key=after)
        yield _look(answer["Items"])
        after = answer.get("LastEvaluatedKey")
        if after is None:
            return


def at(wanted: Collection[Key]) -> Look:
    """Those of the items that are there."""
    found: Look = {}
    for some in _batches(wanted):
        left: Any = [{"PK": key.pk, "SK": key.sk} for key in some]
        while left:
            with understood():
                answer = table().batch_get_item(left, consistent_read=True)
            found |= _look(answer["Responses"][table().table_name])
            left = answer["UnprocessedKeys"].get(table().table_name, {}).get("Keys")
    return found


def at_one_instant(wanted: Collection[Key]) -> Look:
    """Those of the items that are there, all read between the same two transactions; each hundred, where more.

    Raises Contended where one of them is being changed.
    """
    found: Look = {}
    for some in _batches(wanted):
        named = [{"TableName": table().table_name, "Key": {"PK": {"S": pk}, "SK": {"S": sk}}} for pk, sk in some]
        with understood():
            answer = connection().transact_get_items(named)
        found |= _look(one["Item"] for one in answer["Responses"] if "Item" in one)
    return found


def work_left() -> Look:
    """Every chore."""
    found: Look = {}
    for shard in range(CHORE_SHARDS):
        after = None
        while True:
            with understood():
                answer = table().query(chores(shard), consistent_read=True, exclusive_start_key=after)
            found |= _look(answer["Items"])
            after = answer.get("LastEvaluatedKey")
            if after is None:
                break
    return found


def _look(items: Iterable[Raw]) -> Look:
    return {Key(item["PK"]["S"], item["SK"]["S"]): item for item in items}


def _batches(wanted: Collection[Key]) -> Iterator[list[Key]]:
    left = iter(sorted(wanted))
    while some := list(islice(left, _MOST_KEYS)):
        yield some
