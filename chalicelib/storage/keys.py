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
| who waits in a slot, in whose turn         | `POOL#<date>#<shard>` `<slot>#<turn>#<member>`; begins with slot  |
| all who wait on a date                     | the same, one query for each shard                                |
| the random pairs of a slot                 | `PAIRS#<date>#<shard>` `<slot>#<pair>`                            |
| work left to do                            | `CHORE#<shard>` `<id>`                                            |

A slot reads `<hhmm>#<minutes>`, a turn `<0 displaced, 1 settled>#<microseconds since 1970>`: keys sort as turns do.
"""

import hashlib
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.booking import Turn
from chalicelib.domain.rows import PairRow, WaitingRow
from chalicelib.domain.slot import Slot

# A slot lives in one shard, the slots of a date in several: one query finds who waits in a slot, and the popular
# hours of a date do not share a partition. Changing the number moves rows: it is part of the layout.
POOL_SHARDS = 4
CHORE_SHARDS = 2

PROFILE = "PROFILE"
RELATION = "REL#"
ABOUT = f"{RELATION}ABOUT#"
BY = f"{RELATION}BY#"
DAY = "DAY#"
LINK = "LINK#"
ANSWER = "ANSWER#"
POOL = "POOL#"
CHORE = "CHORE#"

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


def answer(member_id: str, idempotency_key: str) -> Key:
    """The stored answer to the member's idempotency key."""
    return answer_of(member_id, hashlib.sha256(idempotency_key.encode()).hexdigest()[:32])


def answer_of(member_id: str, digest: str) -> Key:
    """The stored answer to the idempotency key of that digest."""
    return Key(member(member_id), f"{ANSWER}{digest}")


def invite(digest: str) -> Key:
    """The invite link whose token has that digest."""
    return Key(f"INVITE#{digest}", "LINK")


def link(member_id: str, link_id: str) -> Key:
    """The row that lists an invite link with its owner."""
    return Key(member(member_id), f"{LINK}{link_id}")


def pool(on: date, shard: int) -> str:
    """The partition of those who wait on a date, one of its shards."""
    return f"{POOL}{on.isoformat()}#{shard}"


def pool_of(slot: Slot) -> str:
    """The partition of those who wait in a slot."""
    return pool(slot.date, _shard(slot))


def slot_prefix(slot: Slot) -> str:
    """What the sort keys of a slot's rows begin with."""
    return f"{slot.start:%H%M}#{slot.minutes}#"


def waiting(row: WaitingRow) -> Key:
    """The row of somebody who waits."""
    return Key(pool_of(row.slot), f"{slot_prefix(row.slot)}{turn_text(row.turn)}#{row.member_id}")


def waiting_row(pk: str, sk: str) -> WaitingRow:
    """The row that a key of the pool stands for: the inverse of `waiting`. Raises ValueError where it is none."""
    head, on, _shard_text = pk.split("#")
    hhmm, minutes, settled, since, member_id = sk.split("#")
    if f"{head}#" != POOL:
        raise ValueError(pk)
    start = datetime.strptime(f"{on}{hhmm}+0000", "%Y-%m-%d%H%M%z")
    return WaitingRow(Slot(start, int(minutes)), turn_from(f"{settled}#{since}"), member_id)


def pair(row: PairRow) -> Key:
    """The row of a random pair."""
    return Key(f"PAIRS#{row.slot.date.isoformat()}#{_shard(row.slot)}", f"{slot_prefix(row.slot)}{row.pair_id}")


def chores(shard: int) -> str:
    """One of the partitions of work left to do."""
    return f"{CHORE}{shard}"


def chore(chore_id: str) -> Key:
    """A piece of work left to do."""
    return Key(chores(zlib.crc32(chore_id.encode()) % CHORE_SHARDS), chore_id)


def turn_text(turn: Turn) -> str:
    """A turn as keys and days spell it."""
    return f"{int(turn.settled)}#{(turn.since - _EPOCH) // _MICROSECOND:016d}"


def turn_from(text: str) -> Turn:
    """The inverse of `turn_text`."""
    settled, since = text.split("#")
    return Turn(settled == "1", _EPOCH + int(since) * _MICROSECOND)


def _shard(slot: Slot) -> int:
    return zlib.crc32(slot_prefix(slot).encode()) % POOL_SHARDS
