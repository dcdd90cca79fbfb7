"""A document is written only if it is unchanged since the read."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.metrics import collect_metrics
from chalicelib.storage.document_keys import key_of
from chalicelib.storage.documents import document
from chalicelib.storage.errors import Conflict, OutcomeUnknown
from chalicelib.storage.transactions import commit
from tests.fault_proxy import Fault, FaultProxy
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


def test_a_single_document_costs_half_a_transaction(world: World) -> None:
    with collect_metrics() as metrics:
        write(world, None, NEW)
    assert metrics.write_units == 1
    # Without a condition it stays in a transaction, whose token makes a late or repeated sending harmless.
    with collect_metrics() as metrics:
        write(world, None, NEW, regardless=True)
    # DynamoDB Local counts 4, because the transaction replaces an item.
    assert metrics.write_units in (2, 4)


@pytest.mark.parametrize("lost", [1, 2])
def test_a_document_whose_response_was_lost_is_no_conflict(world: World, faults: FaultProxy, lost: int) -> None:
    """The client library sends the put again, and its condition fails because of the first sending."""
    faults.plan += [Fault.LOSE_RESPONSE] * lost
    with pytest.raises(OutcomeUnknown):
        write(world, None, NEW)
    assert faults.plan == []
    assert stored(world) == replace(NEW, version=1)


def test_a_document_whose_first_sending_was_lost_is_written(world: World, faults: FaultProxy) -> None:
    faults.plan += [Fault.LOSE_REQUEST]
    write(world, None, NEW)
    assert stored(world) == replace(NEW, version=1)


def test_a_lost_put_does_not_hide_the_write_of_another_request(world: World, faults: FaultProxy) -> None:
    write(world, None, NEW)
    faults.plan += [Fault.LOSE_REQUEST]
    with pytest.raises(OutcomeUnknown):
        write(world, None, replace(NEW, verified=True))
    assert stored(world) == replace(NEW, version=1)
