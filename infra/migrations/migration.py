"""The rewriting of a table by the steps of a migration, item by item, on the condition that nothing changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient

from chalicelib.storage.items import SchemaItem
from chalicelib.storage.keys import TABLE_SCHEMA
from chalicelib.version import SCHEMA
from infra.migrations.steps import Raw, migrated

# A table without a number was written by release 0.1.0.
FIRST_SCHEMA = 1
# The items of one page, and the pause after each, so that the members notice nothing.
PAGE, PAUSE_SECONDS = 200, 0.1
_KEYS = ("PK", "SK")
# The attributes that a write of the service changes: the version of a day, the revision of a profile.
_VERSIONS = ("n", "r")
_SCHEMA_VERSION = "v"


@dataclass
class Migration:
    """The numbers of items that a migration read and rewrote, and that the service changed meanwhile."""

    read: int = 0
    rewritten: int = 0
    changed: int = 0


def schema_of(database: BaseClient, table: str) -> int:
    """Return the schema of a table."""
    found = database.get_item(TableName=table, Key=_raw_key(TABLE_SCHEMA), ConsistentRead=True)
    return int(found["Item"]["n"]["N"]) if "Item" in found else FIRST_SCHEMA


def migrate(database: BaseClient, table: str, pause: Callable[[float], Any]) -> Migration:
    """Rewrite a table to the schema of this release, store its number, and return the counts.

    No release with another schema than this or the former one may run. A repeated migration reads everything again.
    """
    migration = Migration()
    for schema in range(schema_of(database, table) + 1, SCHEMA + 1):
        for page in _pages(database, table):
            for raw in page:
                migration.read += 1
                _rewrite(database, table, raw, schema, migration)
            pause(PAUSE_SECONDS)
        database.put_item(TableName=table, Item=SchemaItem(*TABLE_SCHEMA, number=schema).serialize())
    return migration


def _rewrite(database: BaseClient, table: str, raw: Raw, schema: int, migration: Migration) -> None:
    after = migrated(raw, schema)
    changed = sorted(name for name in raw.keys() | after.keys() if raw.get(name) != after.get(name))
    if not set(changed) - {_SCHEMA_VERSION}:
        return
    try:
        database.update_item(TableName=table, Key={name: raw[name] for name in _KEYS}, **_update(raw, after, changed))
    except database.exceptions.ConditionalCheckFailedException:
        # The service has written the item since, in a form that this release reads.
        migration.changed += 1
    else:
        migration.rewritten += 1


def _update(raw: Raw, after: Raw, changed: list[str]) -> dict[str, Any]:
    """Return the update of the changed attributes, on the condition that they and the version are as read."""
    names = {*changed, *(name for name in _VERSIONS if name in raw)}
    conditions = [f"#{name} = :old_{name}" if name in raw else f"attribute_not_exists(#{name})" for name in names]
    written = [f"#{name} = :new_{name}" for name in changed if name in after]
    removed = [f"#{name}" for name in changed if name not in after]
    values = {f":old_{name}": raw[name] for name in names if name in raw}
    values |= {f":new_{name}": after[name] for name in changed if name in after}
    return {
        "UpdateExpression": " ".join(
            f"{verb} {', '.join(parts)}" for verb, parts in (("SET", written), ("REMOVE", removed)) if parts
        ),
        "ConditionExpression": " AND ".join(sorted(conditions)),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": values,
    }


def _pages(database: BaseClient, table: str) -> Iterator[list[Raw]]:
    pages = database.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True, PaginationConfig={"PageSize": PAGE}
    )
    return (page["Items"] for page in pages)


def _raw_key(key: tuple[str, str]) -> dict[str, Any]:
    return {name: {"S": value} for name, value in zip(_KEYS, key, strict=True)}
