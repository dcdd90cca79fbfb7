"""Every key of the table, and the access patterns they serve.

| pattern                                    | key                                                               |
|--------------------------------------------|-------------------------------------------------------------------|
| a member and the member's settings         | `MEMBER#<id>` `PROFILE`; a tombstone once the account is deleted  |
| what a member says about another           | `MEMBER#<id>` `REL#ABOUT#<other>`; all of it: begins with         |
| what others say about a member             | `MEMBER#<id>` `REL#BY#<other>`, written with the row above        |
| a member's day; a range of days            | `MEMBER#<id>` `DAY#<date>`; between two dates                     |
| the first answer to an idempotency key     | `MEMBER#<id>` `ANSWER#<digest of the key>`; all of them           |
| an invite link by the token in its address | `INVITE#<digest of the token>` `LINK`                            |
| the invite links of a member               | `MEMBER#<id>` `LINK#<link>`; all of them: begins with             |
| an API key by what its owner was shown     | `KEY#<digest of it>` `KEY`                                        |
| the API keys of a member                   | `MEMBER#<id>` `KEY#<key>`; all of them: begins with               |
| what changes that a quota counts pass      | `MEMBER#<id>` `GUARD#<quota>`; that of bookings right after days  |
| a member's days ahead, and that guard      | `MEMBER#<id>` from `DAY#<date>` to `GUARD#bookings`               |
| who waits in a slot, in whose turn         | `POOL#<date>#<shard>` `<slot>#<turn>#<member>`; begins with slot  |
| who waits in another lane of a popular one | `POOL#<date>#<slot>#<lane>` `<slot>#<turn>#<member>`              |
| how many lanes a popular slot has          | in each of its lanes `<slot>#!`: it comes before whoever waits    |
| all who wait on a date                     | `POOL#<date>#<shard>`, one query for each shard; then the lanes   |
| the random pairs of a slot                 | `PAIRS` in the place of `POOL`, `<slot>#<pair>`                   |
| work left to do                            | `JOB#<shard>` `<id>`                                            |

A slot reads `<hhmm>#<minutes>`, a turn `<0 displaced, 1 not>#<microseconds since 1970>`: keys sort as turns do.
"""

import hashlib
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.model.booking import QueuePosition
from chalicelib.domain.model.slot import Slot

# The first lane of a slot is in one shard, the slots of a date in several: one query finds who waits in a slot, and the
# popular hours of a date do not share a partition. Changing the number moves rows: it is part of the layout.
POOL_SHARDS = 4
JOB_SHARDS = 2

PROFILE = "PROFILE"
RELATION = "REL#"
ABOUT = f"{RELATION}ABOUT#"
BY = f"{RELATION}BY#"
DAY = "DAY#"
LINK = "LINK#"
KEY = "KEY#"
GUARD = "GUARD#"
ANSWER = "ANSWER#"
POOL = "POOL#"
PAIRS = "PAIRS#"
# Before every turn.
QUEUE_SHARDS = "!"
JOB = "JOB#"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Key(NamedTuple):
    """A primary key of the table."""

    pk: str
    sk: str


def member(member_id: str) -> str:
    """The partition of everything that is a member's own."""
    return f"MEMBER#{member_id}"


def profile(member_id: str) -> Key:
    """The member's profile."""
    return Key(member(member_id), PROFILE)


def about(member_id: str, other_id: str) -> Key:
    """What the member says about the other."""
    return Key(member(member_id), f"{ABOUT}{other_id}")


def by(member_id: str, other_id: str) -> Key:
    """What the other says about the member."""
    return Key(member(member_id), f"{BY}{other_id}")


def day(member_id: str, on: date) -> Key:
    """The member's day."""
    return Key(member(member_id), f"{DAY}{on.isoformat()}")


def recorded_response(member_id: str, idempotency_key: str) -> Key:
    """The stored answer to the member's idempotency key."""
    return recorded_response_of(member_id, hashlib.sha256(idempotency_key.encode()).hexdigest()[:32])


def recorded_response_of(member_id: str, digest: str) -> Key:
    """The stored answer to the idempotency key of that digest."""
    return Key(member(member_id), f"{ANSWER}{digest}")


def invite(digest: str) -> Key:
    """The invite link whose token has that digest."""
    return Key(f"INVITE#{digest}", "LINK")


def link(member_id: str, link_id: str) -> Key:
    """The row that lists an invite link with its owner."""
    return Key(member(member_id), f"{LINK}{link_id}")


def api_key(digest: str) -> Key:
    """The API key with that digest."""
    return Key(f"{KEY}{digest}", "KEY")


def listed_key(member_id: str, key_id: str) -> Key:
    """The row that lists an API key with its owner."""
    return Key(member(member_id), f"{KEY}{key_id}")


def versioned_limit(member_id: str, name: str) -> Key:
    """What changes pass that one of the member's quotas counts."""
    return Key(member(member_id), f"{GUARD}{name}")


def pool(on: date, shard: int) -> str:
    """The partition of those who wait on a date in the first lanes of their slots, one of its shards."""
    return f"{POOL}{on.isoformat()}#{shard}"


def pool_of(slot: Slot, queue_shard: int) -> str:
    """The partition of those who wait in one lane of a slot."""
    return f"{POOL}{_place(slot, queue_shard)}"


def pairs_of(slot: Slot, queue_shard: int) -> str:
    """The partition of the random pairs in one lane of a slot."""
    return f"{PAIRS}{_place(slot, queue_shard)}"


def queue_shards(slot: Slot, queue_shard: int) -> Key:
    """What tells in one lane of a slot how many it has, where that is more than one."""
    return Key(pool_of(slot, queue_shard), f"{slot_prefix(slot)}{QUEUE_SHARDS}")


def slot_prefix(slot: Slot) -> str:
    """What the sort keys of a slot's rows begin with."""
    return f"{slot.start:%H%M}#{slot.minutes}#"


def waiting(row: WaitingRow) -> Key:
    """The row of somebody who waits."""
    return Key(
        pool_of(row.slot, row.queue_shard),
        f"{slot_prefix(row.slot)}{position_text(row.queue_position)}#{row.member_id}",
    )


def waiting_row(pk: str, sk: str) -> WaitingRow:
    """The row that a key of the pool stands for: the inverse of `waiting`. Raises ValueError where it is none."""
    _, _, order, since, member_id = sk.split("#")
    slot, queue_shard = _stands_in(POOL, pk, sk)
    return WaitingRow(slot, position_from(f"{order}#{since}"), member_id, queue_shard)


def is_queue_shards(key: Key) -> bool:
    """Whether a key of the pool tells how many lanes a slot has, and not who waits there."""
    return key.sk.endswith(f"#{QUEUE_SHARDS}")


def slot_at(pk: str, sk: str) -> Slot:
    """The slot that a key of the pool belongs to."""
    return _stands_in(POOL, pk, sk)[0]


def queue_shard_at(pk: str, sk: str) -> tuple[Slot, int]:
    """The slot and the lane that a key of the pool belongs to: the inverse of `lanes`."""
    return _stands_in(POOL, pk, sk)


def pair(row: PairRow) -> Key:
    """The row of a random pair."""
    return Key(pairs_of(row.slot, row.queue_shard), f"{slot_prefix(row.slot)}{row.pair_id}")


def pair_row(pk: str, sk: str, members: frozenset[str]) -> PairRow:
    """The row of two members that a key stands for: the inverse of `pair`. Raises ValueError where it is none."""
    slot, queue_shard = _stands_in(PAIRS, pk, sk)
    return PairRow(slot, sk.split("#")[2], members, queue_shard)


def jobs(shard: int) -> str:
    """One of the partitions of work left to do."""
    return f"{JOB}{shard}"


def job(job_id: str) -> Key:
    """A piece of work left to do."""
    return Key(jobs(zlib.crc32(job_id.encode()) % JOB_SHARDS), job_id)


def position_text(queue_position: QueuePosition) -> str:
    """A turn as keys and days spell it."""
    return f"{int(not queue_position.displaced)}#{(queue_position.since - _EPOCH) // _MICROSECOND:016d}"


def position_from(text: str) -> QueuePosition:
    """The inverse of `turn_text`."""
    order, since = text.split("#")
    return QueuePosition(order != "1", _EPOCH + int(since) * _MICROSECOND)


def _place(slot: Slot, queue_shard: int) -> str:
    """Where a lane is: the first in one of the date's shards, any other by itself."""
    on = slot.date.isoformat()
    return f"{on}#{slot.start:%H%M}#{slot.minutes}#{queue_shard}" if queue_shard else f"{on}#{_shard(slot)}"


def _stands_in(head: str, pk: str, sk: str) -> tuple[Slot, int]:
    """The slot and the lane of a key."""
    if not pk.startswith(head):
        raise ValueError(pk)
    on, *queue_shard = pk.removeprefix(head).split("#")
    hhmm, minutes, _ = sk.split("#", 2)
    start = datetime.fromisoformat(f"{on}T{hhmm}+0000")
    return Slot(start, int(minutes)), int(queue_shard[2]) if len(queue_shard) == 3 else 0


def _shard(slot: Slot) -> int:
    return zlib.crc32(slot_prefix(slot).encode()) % POOL_SHARDS
