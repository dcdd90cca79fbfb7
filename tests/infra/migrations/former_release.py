"""The recorded code of the release before this one, and a table that it wrote.

`python -m tests.infra.migrations.record` records both.
"""

import json
import lzma
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

from infra.local import settings, state
from infra.local.aws import client
from infra.table import create_table
from tests.contract.client import Runner

FIXTURES = Path(__file__).parent
CODE = FIXTURES / "release-0.1.0.tar.xz"
ITEMS = FIXTURES / "table-0.1.0.jsonl.xz"
# The items of the service, and the state of the local run, which has the keys of the ids and tokens.
TABLES = (settings.TABLE, state.TABLE)
# The service's time at the end of the recording.
RECORDED = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
_BATCH = 25

Item = dict[str, Any]


class FormerRunner(Runner):
    """A local run of the former release. The API description is not its own."""

    is_described = False

    def __init__(self, root: Path, engine: str, **settings: str) -> None:
        self.root = root
        super().__init__(engine, **settings)


def unpack_code(directory: Path) -> Path:
    """Unpack the code of the former release and return its folder."""
    with tarfile.open(CODE, "r:xz") as archive:
        archive.extractall(directory, filter="data")
    return directory


def read_items(engine: str) -> list[tuple[str, Item]]:
    """Return every item on an engine, with the name of its table, in the order of keys."""
    database = client("dynamodb", engine)
    found = [(table, item) for table in TABLES for item in _scan(database, table)]
    return sorted(found, key=lambda one: json.dumps(one, sort_keys=True))


def store_items(path: Path, items: list[tuple[str, Item]]) -> None:
    """Write items to a file."""
    lines = "".join(json.dumps(one, sort_keys=True) + "\n" for one in items)
    path.write_bytes(lzma.compress(lines.encode(), preset=9 | lzma.PRESET_EXTREME))


def recorded_items() -> list[tuple[str, Item]]:
    """Return the recorded items, with the names of their tables."""
    return [tuple(json.loads(line)) for line in lzma.decompress(ITEMS.read_bytes()).splitlines()]


def load_items(engine: str) -> list[tuple[str, Item]]:
    """Put the recorded items on an empty engine, and return them."""
    database = client("dynamodb", engine)
    create_table(database, settings.TABLE)
    state.LocalState(database)
    items = recorded_items()
    for table in TABLES:
        own = [{"PutRequest": {"Item": item}} for of, item in items if of == table]
        for start in range(0, len(own), _BATCH):
            left = database.batch_write_item(RequestItems={table: own[start : start + _BATCH]})
            assert not left.get("UnprocessedItems")
    return items


def _scan(database: BaseClient, table: str) -> Iterator[Item]:
    for page in database.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]
