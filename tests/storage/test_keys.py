"""Keys sort the rows of a queue, and hold what the items do not."""

from hypothesis import strategies as st

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import keys
from tests.properties import given
from tests.storage.stored_structs import ids, slots, structs, tokens

queue_shards = st.integers(0, 63)
queue_positions = structs(WaitingRow).map(lambda row: row.queue_position)


@given(structs(WaitingRow))
def test_a_waiting_row_is_decoded_from_its_key_alone(row: WaitingRow) -> None:
    assert keys.waiting_row(*keys.waiting(row)) == row
    assert keys.slot_at(*keys.waiting(row)) == row.slot
    assert not keys.is_queue_shards(keys.waiting(row))


@given(structs(PairRow))
def test_a_pair_row_is_decoded_from_its_key_and_its_members(row: PairRow) -> None:
    assert keys.pair_row(*keys.pair(row), row.members) == row


@given(structs(WaitingRow))
def test_the_number_of_queue_shards_precedes_the_waiting_rows(row: WaitingRow) -> None:
    number, waiting = keys.queue_shards(row.slot, row.queue_shard), keys.waiting(row)
    assert (number.pk, number.sk < waiting.sk, keys.is_queue_shards(number)) == (waiting.pk, True, True)
    assert number.sk.startswith(keys.slot_prefix(row.slot))
    assert keys.queue_shard_at(*number) == (row.slot, row.queue_shard)


@given(st.lists(st.tuples(slots, queue_shards), min_size=2, max_size=2, unique=True))
def test_only_first_queue_shards_of_slots_share_a_partition(both: list[tuple[Slot, int]]) -> None:
    (one, one_shard), (other, other_shard) = both
    if one_shard or other_shard:
        assert keys.pool_of(one, one_shard) != keys.pool_of(other, other_shard)
        assert keys.pairs_of(one, one_shard) != keys.pairs_of(other, other_shard)


@given(slots)
def test_a_first_queue_shard_is_in_a_partition_of_its_date(slot: Slot) -> None:
    assert keys.pool_of(slot, 0) in {keys.pool(slot.date, shard) for shard in range(keys.DATE_PARTITIONS)}


@given(slots, st.lists(st.tuples(queue_positions, ids), min_size=2, max_size=5))
def test_r13_the_rows_of_a_slot_sort_by_queue_position(slot: Slot, waiting: list[tuple[QueuePosition, str]]) -> None:
    rows = [WaitingRow(slot, queue_position, member) for queue_position, member in waiting]
    by_key = sorted(rows, key=lambda row: keys.waiting(row).sk)
    assert [row.queue_position for row in by_key] == sorted(
        (row.queue_position for row in rows), key=lambda position: position.sort_key
    )


@given(ids, tokens)
def test_a_recorded_response_has_the_key_of_its_digest(member_id: str, idempotency_key: str) -> None:
    """The export and the deletion of an account know only the digests."""
    key = keys.recorded_response(member_id, idempotency_key)
    assert keys.recorded_response_of(member_id, key.sk.removeprefix(keys.RECORDED_RESPONSE)) == key


@given(tokens)
def test_a_job_is_in_one_of_the_partitions_of_jobs(job_id: str) -> None:
    assert keys.job(job_id).pk in {keys.jobs(shard) for shard in range(keys.JOB_SHARDS)}
