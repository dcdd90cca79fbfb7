"""The keys of all items, and the access patterns that they serve.

| pattern                                         | key                                                              |
|-------------------------------------------------|------------------------------------------------------------------|
| a member's profile                              | `MEMBER#<id>` `PROFILE`; a tombstone once the account is deleted |
| a member's relation to another; all of them     | `MEMBER#<id>` `REL#ABOUT#<other>`; begins with                   |
| the members with this one as a favorite         | `MEMBER#<id>` `REL#BY#<other>`, written with the other's row     |
| a member's day; a range of days                 | `MEMBER#<id>` `DAY#<date>`; between two dates                    |
| a long title; those of a range of days; all     | `MEMBER#<id>` `TITLE#<date>#<booking>`; between; begins with     |
| a recorded response; all of them                | `MEMBER#<id>` `ANSWER#<digest of the idempotency key>`           |
| an invite link by its token                     | `INVITE#<digest of the token>` `LINK`                            |
| the invite links of a member                    | `MEMBER#<id>` `LINK#<link>`; begins with                         |
| an API key by its secret                        | `KEY#<digest of the secret>` `KEY`                               |
| the API keys of a member                        | `MEMBER#<id>` `KEY#<key>`; begins with                           |
| a versioned limit of a member                   | `MEMBER#<id>` `GUARD#<limit>`; `GUARD#bookings` follows the days |
| a member's days ahead and limit of bookings     | `MEMBER#<id>` from `DAY#<date>` to `GUARD#bookings`              |
| the waiting rows of a slot, by queue position   | `POOL#<date>#<partition>` `<slot>#<position>#<member>`           |
| the same in another queue shard of the slot     | `POOL#<date>#<slot>#<shard>` `<slot>#<position>#<member>`        |
| the number of queue shards of a popular slot    | `<slot>#!` in each queue shard, before the waiting rows          |
| all waiting rows of a date                      | `POOL#<date>#<partition>`, one query each; then the other shards |
| the pair rows of a slot                         | as the waiting rows, with `PAIRS` for `POOL`: `<slot>#<pair>`    |
| the jobs that are not yet done                  | `CHORE#<shard>` `<id>`                                           |

A slot is spelled `<hhmm>#<minutes>`. A queue position is spelled `<0 displaced, 1 not>#<microseconds since 1970>`, so
that the rows of a slot sort by queue position.
"""

import hashlib
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.slot import Slot

# The first queue shards of a date's slots are spread over this number of partitions. One query reads the queue of a
# slot, and the popular hours of a date do not share a partition. The number is part of the layout: a change moves rows.
DATE_PARTITIONS = 4
JOB_SHARDS = 2

# Some prefixes are older words for the same nouns, such as CHORE# for jobs. A change would move stored items.
PROFILE = "PROFILE"
RELATION = "REL#"
ABOUT = f"{RELATION}ABOUT#"
BY = f"{RELATION}BY#"
DAY = "DAY#"
LINK = "LINK#"
KEY = "KEY#"
VERSIONED_LIMIT = "GUARD#"
RECORDED_RESPONSE = "ANSWER#"
TITLE = "TITLE#"
POOL = "POOL#"
PAIRS = "PAIRS#"
# Sorts before every queue position.
QUEUE_SHARDS = "!"
JOB = "CHORE#"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Key(NamedTuple):
    """A primary key of the table."""

    pk: str
    sk: str


# The item with the schema of the table.
TABLE_SCHEMA = Key("META", "SCHEMA")


def member(member_id: str) -> str:
    """Return the partition of all items that belong to the member."""
    return f"MEMBER#{member_id}"


def profile(member_id: str) -> Key:
    """Return the key of the member's profile."""
    return Key(member(member_id), PROFILE)


def about(member_id: str, other_id: str) -> Key:
    """Return the key of the member's relation to the other."""
    return Key(member(member_id), f"{ABOUT}{other_id}")


def by(member_id: str, other_id: str) -> Key:
    """Return the key of the row that says that the other has the member as a favorite."""
    return Key(member(member_id), f"{BY}{other_id}")


def day(member_id: str, on: date) -> Key:
    """Return the key of the member's day."""
    return Key(member(member_id), f"{DAY}{on.isoformat()}")


def title(member_id: str, booking_id: str) -> Key:
    """Return the key of the long title of the member's booking. Titles sort by the dates of their bookings."""
    on, token, _ = booking_id.split("-")
    return Key(member(member_id), f"{TITLE}{on}#{token}")


def booking_of_title(key: Key) -> tuple[str, str]:
    """Return the owner and the booking of a key, the inverse of `title`. Raise ValueError for any other key."""
    owner = key.pk.removeprefix(member(""))
    on, token = key.sk.removeprefix(TITLE).split("#")
    return owner, session_id(owner, date.fromisoformat(on), token)


def recorded_response(member_id: str, idempotency_key: str) -> Key:
    """Return the key of the recorded response to the member's idempotency key."""
    return recorded_response_of(member_id, hashlib.sha256(idempotency_key.encode()).hexdigest()[:32])


def recorded_response_of(member_id: str, digest: str) -> Key:
    """Return the key of the recorded response whose idempotency key has that digest."""
    return Key(member(member_id), f"{RECORDED_RESPONSE}{digest}")


def invite(digest: str) -> Key:
    """Return the key of the invite link whose token has that digest."""
    return Key(f"INVITE#{digest}", "LINK")


def link(member_id: str, link_id: str) -> Key:
    """Return the key of an invite link's entry in its owner's list."""
    return Key(member(member_id), f"{LINK}{link_id}")


def api_key(digest: str) -> Key:
    """Return the key of the API key with that digest."""
    return Key(f"{KEY}{digest}", "KEY")


def listed_key(member_id: str, key_id: str) -> Key:
    """Return the key of an API key's entry in its owner's list."""
    return Key(member(member_id), f"{KEY}{key_id}")


def versioned_limit(member_id: str, name: str) -> Key:
    """Return the key of one of the member's versioned limits."""
    return Key(member(member_id), f"{VERSIONED_LIMIT}{name}")


def pool(on: date, shard: int) -> str:
    """Return one of the partitions that hold the first queue shards of a date's slots."""
    return f"{POOL}{on.isoformat()}#{shard}"


def pool_of(slot: Slot, queue_shard: int) -> str:
    """Return the partition of the waiting rows in one queue shard of a slot."""
    return f"{POOL}{_queue_partition(slot, queue_shard)}"


def pairs_of(slot: Slot, queue_shard: int) -> str:
    """Return the partition of the pair rows in one queue shard of a slot."""
    return f"{PAIRS}{_queue_partition(slot, queue_shard)}"


def queue_shards(slot: Slot, queue_shard: int) -> Key:
    """Return the key of the item that, in one queue shard of a slot, holds the number of its queue shards."""
    return Key(pool_of(slot, queue_shard), f"{slot_prefix(slot)}{QUEUE_SHARDS}")


def slot_prefix(slot: Slot) -> str:
    """Return the text with which the sort keys of a slot's rows begin."""
    return f"{slot.start:%H%M}#{slot.minutes}#"


def positions_since_start(slot: Slot) -> tuple[str, str]:
    """Return two texts between which the sort keys of a slot's waiting rows since its start are."""
    prefix = slot_prefix(slot)
    return f"{prefix}{position_text(QueuePosition(displaced=False, since=slot.start))}", f"{prefix}2"


def waiting(row: WaitingRow) -> Key:
    """Return the key of a waiting row."""
    return Key(
        pool_of(row.slot, row.queue_shard),
        f"{slot_prefix(row.slot)}{position_text(row.queue_position)}#{row.member_id}",
    )


def waiting_row(pk: str, sk: str) -> WaitingRow:
    """Return the waiting row of a key, the inverse of `waiting`. Raise ValueError for any other key."""
    _, _, order, since, member_id = sk.split("#")
    slot, queue_shard = _slot_and_queue_shard(POOL, pk, sk)
    return WaitingRow(slot, position_from(f"{order}#{since}"), member_id, queue_shard)


def is_queue_shards(key: Key) -> bool:
    """Return whether the key of a queue is that of the number of queue shards, not of a waiting row."""
    return key.sk.endswith(f"#{QUEUE_SHARDS}")


def slot_at(pk: str, sk: str) -> Slot:
    """Return the slot of a key in a queue."""
    return _slot_and_queue_shard(POOL, pk, sk)[0]


def queue_shard_at(pk: str, sk: str) -> tuple[Slot, int]:
    """Return the slot and the queue shard of a key in a queue, the inverse of `queue_shards`."""
    return _slot_and_queue_shard(POOL, pk, sk)


def pair(row: PairRow) -> Key:
    """Return the key of a pair row."""
    return Key(pairs_of(row.slot, row.queue_shard), f"{slot_prefix(row.slot)}{row.pair_id}")


def pair_row(pk: str, sk: str, members: frozenset[str]) -> PairRow:
    """Return the pair row of a key, the inverse of `pair`. Raise ValueError for any other key."""
    slot, queue_shard = _slot_and_queue_shard(PAIRS, pk, sk)
    return PairRow(slot, sk.split("#")[2], members, queue_shard)


def slot_of_pair(pk: str, sk: str) -> Slot:
    """Return the slot of the key of a pair row."""
    return _slot_and_queue_shard(PAIRS, pk, sk)[0]


def jobs(shard: int) -> str:
    """Return one of the partitions of jobs."""
    return f"{JOB}{shard}"


def job(job_id: str) -> Key:
    """Return the key of a job."""
    return Key(jobs(zlib.crc32(job_id.encode()) % JOB_SHARDS), job_id)


def position_text(queue_position: QueuePosition) -> str:
    """Return a queue position as keys and days spell it."""
    return f"{int(not queue_position.displaced)}#{(queue_position.since - _EPOCH) // _MICROSECOND:016d}"


def position_from(text: str) -> QueuePosition:
    """Return the queue position of a text, the inverse of `position_text`."""
    order, since = text.split("#")
    return QueuePosition(order != "1", _EPOCH + int(since) * _MICROSECOND)


def _queue_partition(slot: Slot, queue_shard: int) -> str:
    """Return the partition of a queue shard. The first one of a slot shares it with other slots of the date."""
    on = slot.date.isoformat()
    return f"{on}#{slot.start:%H%M}#{slot.minutes}#{queue_shard}" if queue_shard else f"{on}#{_date_partition(slot)}"


def _slot_and_queue_shard(head: str, pk: str, sk: str) -> tuple[Slot, int]:
    """Return the slot and the queue shard of a key."""
    if not pk.startswith(head):
        raise ValueError(pk)
    on, *queue_shard = pk.removeprefix(head).split("#")
    hhmm, minutes, _ = sk.split("#", 2)
    start = datetime.fromisoformat(f"{on}T{hhmm}+0000")
    return Slot(start, int(minutes)), int(queue_shard[2]) if len(queue_shard) == 3 else 0


def _date_partition(slot: Slot) -> int:
    return zlib.crc32(slot_prefix(slot).encode()) % DATE_PARTITIONS
