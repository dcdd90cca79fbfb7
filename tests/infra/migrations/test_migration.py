"""The migration of a table that the former release wrote."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.version import SCHEMA
from infra.audit import main as audit_command
from infra.local import settings
from infra.local.aws import client
from infra.local.engine import Engine
from infra.migrations.__main__ import main as migrations_command
from infra.migrations.migration import Migration, migrate, schema_of
from infra.migrations.steps import STEPS, migrated
from infra.table import EXPIRY_ATTRIBUTE
from tests.contract.slots import text_of
from tests.infra.migrations.former_release import RECORDED, Item, load_items, read_items, recorded_items

# An engine of its own.
pytestmark = pytest.mark.long

DAY, PROFILE = "day", "member"


@pytest.fixture
def engine() -> Iterator[str]:
    """The address of an engine with the recorded table."""
    with Engine() as started:
        load_items(started.url)
        yield started.url


@pytest.fixture
def database(engine: str) -> BaseClient:
    """The recorded table."""
    return client("dynamodb", engine)


def nothing(_seconds: float) -> None:
    """Do not pause."""


def of_kind(kind: str) -> Item:
    """Return a recorded item of a kind."""
    return next(item for table, item in recorded_items() if table == settings.TABLE and item["k"]["S"] == kind)


def put(database: BaseClient, item: Item) -> None:
    database.put_item(TableName=settings.TABLE, Item=item)


def stored(database: BaseClient, item: Item) -> Any:
    """Return the stored item with the key of an item."""
    key = {name: item[name] for name in ("PK", "SK")}
    return database.get_item(TableName=settings.TABLE, Key=key, ConsistentRead=True)["Item"]


def test_the_recorded_table_has_each_kind_of_item_that_a_step_rewrites() -> None:
    kinds = {item["k"]["S"] for table, item in recorded_items() if table == settings.TABLE}
    assert {DAY, PROFILE} <= kinds
    assert max(STEPS) == SCHEMA


def test_a_migration_leaves_items_of_the_current_form_unchanged(engine: str, database: BaseClient) -> None:
    before = read_items(engine)
    migration = migrate(database, settings.TABLE, nothing)
    own = [item for table, item in before if table == settings.TABLE]
    assert (migration.read, migration.rewritten, migration.changed) == (len(own), 0, 0)
    added = [item for item in read_items(engine) if item not in before]
    assert [(table, item["PK"], item["n"]) for table, item in added] == [
        (settings.TABLE, {"S": "META"}, {"N": str(SCHEMA)})
    ]
    assert schema_of(database, settings.TABLE) == SCHEMA
    # The second migration reads nothing.
    assert migrate(database, settings.TABLE, nothing) == Migration()


def test_a_migration_rewrites_the_forms_of_the_first_builds(engine: str, database: BaseClient) -> None:
    day, profile = of_kind(DAY), of_kind(PROFILE)
    partner = "0" * 24
    put(database, {**{name: value for name, value in day.items() if name != "c"}, "d": {"SS": [f"0900#50#{partner}"]}})
    put(database, {**profile, "name": {"S": "ada@example.com"}})
    assert migrate(database, settings.TABLE, nothing).rewritten == 2
    new_day, new_profile = stored(database, day), stored(database, profile)
    assert "d" not in new_day
    assert new_day["n"] == day["n"]
    assert partner[:8] in new_day["c"]["S"]
    assert new_profile["name"] != {"S": "ada@example.com"}
    assert {name for name in profile if profile[name] != new_profile[name]} == {"name", "v"}
    assert audit_command(["--engine", engine, "--now", text_of(RECORDED)]) == 0


def test_a_migration_overwrites_no_write_of_the_service(database: BaseClient) -> None:
    """The service writes the day between the read and the rewrite."""
    day = of_kind(DAY)
    old = {**{name: value for name, value in day.items() if name != "c"}, "d": {"SS": [f"0900#50#{'0' * 24}"]}}
    newer = {**day, "n": {"N": str(int(day["n"]["N"]) + 1)}}
    put(database, old)

    class Interrupted:
        """The table, which the service writes before each update."""

        exceptions = database.exceptions
        get_item, put_item, get_paginator = database.get_item, database.put_item, database.get_paginator

        @staticmethod
        def update_item(**arguments: Any) -> Any:
            put(database, newer)
            return database.update_item(**arguments)

    assert migrate(Interrupted(), settings.TABLE, nothing).changed == 1
    assert stored(database, day) == newer


def test_a_step_reads_its_own_result_unchanged() -> None:
    """A repeated migration changes nothing."""
    for table, item in recorded_items():
        if table == settings.TABLE:
            once = migrated(item, SCHEMA)
            assert json.dumps(migrated(once, SCHEMA), sort_keys=True) == json.dumps(once, sort_keys=True)


def test_r33_a_step_keeps_the_expiry_of_an_item() -> None:
    """The new release writes it before the migration begins."""
    expiring = {**of_kind(DAY), EXPIRY_ATTRIBUTE: {"N": "1893456000"}}
    assert migrated(expiring, SCHEMA)[EXPIRY_ATTRIBUTE] == expiring[EXPIRY_ATTRIBUTE]


def test_the_command_refuses_a_newer_schema(
    engine: str, database: BaseClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrations_command(["--engine", engine]) == 0
    assert f"lockstep: schema {SCHEMA}, " in capsys.readouterr().out
    put(database, {"PK": {"S": "META"}, "SK": {"S": "SCHEMA"}, "k": {"S": "schema"}, "n": {"N": str(SCHEMA + 1)}})
    assert migrations_command(["--engine", engine]) == 1
    assert "newer schema" in capsys.readouterr().err
