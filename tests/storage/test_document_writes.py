"""A document is written only if it is unchanged since the read."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.storage.document_keys import key_of
from chalicelib.storage.documents import document
from chalicelib.storage.errors import Conflict
from chalicelib.storage.transactions import commit
from tests.harness import World

NEW = NoticeSettings(member_id="A" * 24, address="ada@example.org")


def write(world: World, before: Document | None, after: Document | None, *, regardless: bool = False) -> None:
    change = DocumentChange(before, after, regardless)
    commit(world.table, WriteSet(documents=(change,)), token=world.context.token(26), now=world.now)


def stored(world: World) -> NoticeSettings | None:
    return document(world.table, key_of(NEW), NoticeSettings)


def test_each_write_of_a_document_increments_its_version(moto_world: World) -> None:
    write(moto_world, None, NEW)
    first = replace(NEW, version=1)
    assert stored(moto_world) == first
    write(moto_world, first, replace(first, verified=True))
    assert stored(moto_world) == replace(NEW, verified=True, version=2)
    write(moto_world, stored(moto_world), None)
    assert stored(moto_world) is None


def test_a_document_that_another_write_changed_since_the_read_is_a_conflict(moto_world: World) -> None:
    write(moto_world, None, NEW)
    first = stored(moto_world)
    assert first
    write(moto_world, first, replace(first, verified=True))
    changed = stored(moto_world)
    for before, after in ((None, NEW), (first, replace(first, refused=True)), (first, None)):
        with pytest.raises(Conflict):
            write(moto_world, before, after)
    assert stored(moto_world) == changed
    write(moto_world, changed, None)
    with pytest.raises(Conflict):
        write(moto_world, changed, replace(NEW, refused=True))
    assert stored(moto_world) is None


def test_a_write_regardless_replaces_or_deletes_what_is_stored(moto_world: World) -> None:
    write(moto_world, None, NEW, regardless=True)
    write(moto_world, None, replace(NEW, refused=True), regardless=True)
    assert stored(moto_world) == replace(NEW, refused=True, version=1)
    write(moto_world, NEW, None, regardless=True)
    write(moto_world, NEW, None, regardless=True)
    assert stored(moto_world) is None
