"""The snapshot of a table, and the keys of the items that an item must agree with."""

from collections import Counter

import pytest

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.queue_rows import ROWS_KEPT, WaitingRow
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.member import Tombstone
from chalicelib.domain.model.notices import NoticeSettings
from chalicelib.storage import keys
from chalicelib.storage.audit_snapshot import related_keys, snapshot_of
from chalicelib.storage.documents import document_item
from chalicelib.storage.items import Item
from chalicelib.storage.mappers import row_item
from chalicelib.storage.raw_reads import Raw
from tests.corrupt_items import CROWDED, MIDNIGHT, NINE, QUEUE_SHARDS, PopulatedTable
from tests.harness import MONDAY, at
from tests.table_snapshot import read_whole_table, take_snapshot

# The kinds of items with which no other item must agree.
INDEPENDENT = {"answer", "guard"}


def raw(item: Item) -> dict[keys.Key, Raw]:
    return {keys.Key(item.pk, item.sk): item.serialize()}


def test_a_snapshot_holds_every_item_that_must_agree_with_another(populated_table: PopulatedTable) -> None:
    stored = read_whole_table(populated_table.world.table)
    kinds = Counter(item["k"]["S"] for item in stored.values())
    snapshot = snapshot_of(stored)
    sizes = {
        "day": len(snapshot.days),
        "waiting": len(snapshot.waiting_rows),
        "pair": len(snapshot.rows) - len(snapshot.waiting_rows),
        "lanes": len(snapshot.queue_shards),
        "member": sum(not isinstance(account, Tombstone) for account in snapshot.accounts.values()),
        "tombstone": sum(isinstance(account, Tombstone) for account in snapshot.accounts.values()),
        "relation": len(snapshot.relations) + len(snapshot.mirrors),
        "invite": len(snapshot.invites),
        "link": len(snapshot.links),
        "key": len(snapshot.api_keys),
        "listed key": len(snapshot.listed_keys),
        "chore": len(snapshot.jobs),
        "title": len(snapshot.titles),
    }
    assert {kind: number for kind, number in kinds.items() if kind not in INDEPENDENT} == sizes
    assert snapshot.unreadable == set()


@pytest.mark.parametrize(
    "change",
    [
        {"k": {"S": "no kind"}},
        {"k": {"S": "day"}},
        {"SK": {"S": "0900#50"}},
        {"SK": {"S": "0900#50#1#no number#A"}},
        {"SK": {"S": "2500#50#1#0000000000000001#A"}},
        {"PK": {"S": "POOL#2026-03-02#no shard#9"}},
    ],
)
def test_an_item_that_cannot_be_decoded_is_unreadable(change: Raw) -> None:
    (valid,) = raw(row_item(WaitingRow(NINE, QueuePosition(displaced=False, since=MONDAY), "A"))).values()
    item = {**valid, **change}
    key = keys.Key(item["PK"]["S"], item["SK"]["S"])
    assert snapshot_of({key: item}) == Snapshot(unreadable={key})


def test_a_row_in_the_wrong_partition_is_unreadable() -> None:
    row = row_item(WaitingRow(NINE, QueuePosition(displaced=False, since=MONDAY), "A"))
    row.pk = f"{keys.POOL}{NINE.date}#9"
    assert snapshot_of(raw(row)).unreadable == set(raw(row))


def test_a_document_that_cannot_be_decoded_or_has_another_key_is_unreadable() -> None:
    stored = raw(document_item(NoticeSettings(member_id="A")))
    (valid,) = stored.values()
    assert snapshot_of(stored) == Snapshot(documents={next(iter(stored)): "A"})
    for change in ({"d": {"S": "{}"}}, {"SK": {"S": "NOTICES#LOG"}}):
        item = {**valid, **change}
        key = keys.Key(item["PK"]["S"], item["SK"]["S"])
        assert snapshot_of({key: item}) == Snapshot(unreadable={key})


def around(populated_table: PopulatedTable, key: keys.Key) -> set[keys.Key]:
    """Return the keys that one item of the table must agree with."""
    return related_keys(snapshot_of({key: populated_table.raw(key)}), populated_table.world.now)


def test_a_waiting_booking_must_agree_with_its_row_and_its_member(populated_table: PopulatedTable) -> None:
    key, row = keys.day(populated_table.id("eve"), NINE.date), populated_table.row("eve")
    assert isinstance(row, WaitingRow)
    assert around(populated_table, key) == {keys.waiting(row), keys.profile(populated_table.id("eve"))}
    assert around(populated_table, keys.waiting(row)) == {key, keys.queue_shards(NINE, 0)}


def test_r3_a_pair_must_agree_with_the_day_of_the_partner_and_with_the_relation(
    populated_table: PopulatedTable,
) -> None:
    cy, dee = populated_table.id("cy"), populated_table.id("dee")
    assert around(populated_table, keys.day(cy, NINE.date)) == {
        keys.day(dee, NINE.date),
        keys.profile(cy),
        keys.about(cy, dee),
    }


def test_a_booking_past_midnight_must_agree_with_the_next_day(populated_table: PopulatedTable) -> None:
    fay, next_date = populated_table.id("fay"), at(16).date
    assert keys.day(fay, next_date) in around(populated_table, keys.day(fay, MIDNIGHT.date))
    assert around(populated_table, keys.day(fay, next_date)) == {keys.day(fay, MIDNIGHT.date)}


def test_an_expired_row_is_not_required(populated_table: PopulatedTable) -> None:
    key, row = keys.day(populated_table.id("eve"), NINE.date), populated_table.row("eve")
    assert isinstance(row, WaitingRow)
    subject = snapshot_of({key: populated_table.raw(key)})
    assert related_keys(subject, NINE.start) == {keys.waiting(row)}
    assert related_keys(subject, NINE.start + ROWS_KEPT) == set()


def test_both_copies_of_a_relation_must_agree(populated_table: PopulatedTable) -> None:
    cy, dee = populated_table.id("cy"), populated_table.id("dee")
    about, by = keys.about(cy, dee), keys.by(dee, cy)
    # No relation of or favorite about an erased account may be left (R33).
    owners = {keys.profile(cy), keys.profile(dee)}
    assert (around(populated_table, about), around(populated_table, by)) == ({by, *owners}, {about})


def test_r25_r35_an_entry_of_a_list_and_its_item_must_agree(populated_table: PopulatedTable) -> None:
    link, key = populated_table.link(), populated_table.api_key()
    entry, listed = keys.link(link.owner_id, link.link_id), keys.listed_key(key.owner_id, key.key_id)
    assert (around(populated_table, keys.invite(link.digest)), around(populated_table, entry)) == (
        {entry},
        {keys.invite(link.digest)},
    )
    assert around(populated_table, keys.api_key(key.digest)) == {listed, keys.profile(key.owner_id)}
    assert around(populated_table, listed) == {keys.api_key(key.digest)}


def test_r36_a_long_title_and_its_booking_must_agree(populated_table: PopulatedTable) -> None:
    fay = populated_table.id("fay")
    title, day = keys.title(fay, populated_table.held("fay", MIDNIGHT).booking_id), keys.day(fay, MIDNIGHT.date)
    assert title in around(populated_table, day)
    assert around(populated_table, title) == {day, keys.profile(fay)}


def test_r33_a_tombstone_that_is_not_erased_must_have_a_job(populated_table: PopulatedTable) -> None:
    tombstones = {
        member_id: account
        for member_id, account in take_snapshot(populated_table.world.table).accounts.items()
        if isinstance(account, Tombstone)
    }
    assert {account.erased for account in tombstones.values()} == {True, False}
    for member_id, account in tombstones.items():
        expected = set() if account.erased else {keys.job(account.revision)}
        assert around(populated_table, keys.profile(member_id)) == expected


def test_the_numbers_of_queue_shards_of_a_slot_must_agree(populated_table: PopulatedTable) -> None:
    everywhere = {keys.queue_shards(CROWDED, queue_shard) for queue_shard in range(QUEUE_SHARDS)}
    assert around(populated_table, keys.queue_shards(CROWDED, 1)) == everywhere
