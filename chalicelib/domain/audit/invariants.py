"""What holds at every commit, whatever happened before, as far as one look at the table can tell.

Each invariant yields its violations. What is judged and what it is judged by are told apart, so that an item can be
judged by no more than what surrounds it; `violations` judges everything by everything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.queue_rows import ROWS_KEPT, PairRow, Row, WaitingRow, row_of
from chalicelib.domain.decisions.write_set import JobKind
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, Partner, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import NO_RELATION, Account, Tombstone
from chalicelib.domain.model.slot import GRID, Slot, day_start

_ONE_DAY = timedelta(days=1)


class Invariant(StrEnum):
    """What can be violated."""

    READABLE = "readable"
    VERSION = "version"
    FORM = "form"
    NOT_ONESELF = "not_oneself"
    MUTUAL = "mutual"
    NO_OVERLAP = "no_overlap"
    TAIL = "tail"
    ROW = "row"
    SURPLUS_ROW = "surplus_row"
    LANE = "lane"
    LANES = "lanes"
    OWN_ROOM = "own_room"
    BLOCK = "block"
    DELETION = "deletion"
    CHORE = "chore"
    MIRROR = "mirror"
    INVITE_USES = "invite_uses"
    INVITE_LISTED = "invite_listed"
    KEY_LISTED = "key_listed"


class Violation(Struct, frozen=True):
    """An invariant that does not hold, the ids of whom or what it does not hold for, and the slot, if one is meant.

    Ids only: neither a name nor a title nor a token.
    """

    invariant: Invariant
    ids: tuple[str, ...]
    slot: Slot | None = None


def violations(seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """Every violation in the whole table."""
    yield from violations_of(seen, seen, now)
    yield from shared_rooms(seen)


def violations_of(subject: Snapshot, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """Every violation of what `subject` holds, judged by `seen`: the same and what surrounds it.

    Leaves out what only the whole table tells (`shared_rooms`).
    """
    for key in sorted(subject.unreadable):
        yield Violation(Invariant.READABLE, key)
    for day in subject.days.values():
        yield from _of_day(day, seen, now)
    for row in subject.rows:
        yield from _of_row(row, seen, now)
    for (slot, queue_shard), queue_shards in subject.queue_shards.items():
        if now < slot.start + ROWS_KEPT:
            yield from _of_lanes(slot, queue_shard, queue_shards, seen)
    for account in subject.accounts.values():
        yield from _of_account(account, seen)
    yield from _of_relations(subject, seen)
    for link in subject.invites.values():
        yield from _of_invite(link, seen)
    for (owner, link_id), digest in subject.links.items():
        found = seen.invites.get(digest)
        if found is None or (found.owner_id, found.link_id) != (owner, link_id):
            yield Violation(Invariant.INVITE_LISTED, (owner, link_id))
    for api_key in subject.api_keys.values():
        yield from _of_api_key(api_key, seen)
    for (owner, key_id), digest in subject.listed_keys.items():
        made = seen.api_keys.get(digest)
        if made is None or (made.owner_id, made.key_id) != (owner, key_id):
            yield Violation(Invariant.KEY_LISTED, (owner, key_id))


def shared_rooms(seen: Snapshot) -> Iterator[Violation]:
    """A pair's id, which is its room, serves no other pair (R34)."""
    found: defaultdict[str, list[Booking]] = defaultdict(list)
    for held in (held for day in seen.days.values() for held in day.active):
        if held.partner:
            found[held.partner.pair_id].append(held)
    for pair_id, sharing in found.items():
        if len(sharing) > 2:
            yield Violation(Invariant.OWN_ROOM, (pair_id, *sorted(held.member_id for held in sharing)))


def _of_day(day: Day, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    malformed = list(dict.fromkeys(_form(day)))
    if malformed:
        # Nothing more can be told of it.
        yield from malformed
        return
    yield from _overlaps(day, seen)
    yield from _overnight(day, seen)
    for held in day.active:
        ahead = now < held.slot.start
        yield from _row_of(held, seen, now)
        if held.partner:
            yield from _pair(held, held.partner, seen)
        if held.partner and ahead:
            yield from _block(held, held.partner, seen)
        if ahead:
            yield from _deletion(held, seen)


def _form(day: Day) -> Iterator[Violation]:
    """A stored day was written, and holds bookings of its own date, on the quarter hour, each once and in one state."""
    if day.version <= 0:
        yield Violation(Invariant.VERSION, (day.member_id, day.date.isoformat()))
    times = Counter(held.booking_id for held in day.bookings)
    for held in day.bookings:
        on_grid = held.slot.date == day.date and not (held.slot.start - day_start(day.date)) % GRID
        expected = (held.state is State.WAITING, held.state in (State.MATCHED, State.LOCKED_IN))
        found = (held.queue_position is not None, held.partner is not None)
        if times[held.booking_id] > 1 or not on_grid or found != expected:
            yield Violation(Invariant.FORM, (held.member_id, held.booking_id), held.slot)


def _pair(held: Booking, pair: Partner, seen: Snapshot) -> Iterator[Violation]:
    """Whoever names a partner is named back: same slot, kind and id of the pair; and nobody names themself (R3, R4)."""
    if pair.member_id == held.member_id:
        yield Violation(Invariant.NOT_ONESELF, (held.member_id, held.booking_id), held.slot)
    elif not any(_is_other_half(other, held, pair) for other in seen.active(pair.member_id, held.slot.date)):
        yield Violation(Invariant.MUTUAL, (held.member_id, pair.member_id, pair.pair_id), held.slot)


def _is_other_half(other: Booking, held: Booking, pair: Partner) -> bool:
    same = (other.slot, other.state) == (held.slot, held.state)
    back = other.partner
    return same and back is not None and (back.member_id, back.pair_id) == (held.member_id, pair.pair_id)


def _overlaps(day: Day, seen: Snapshot) -> Iterator[Violation]:
    """No member holds two active bookings whose footprints share a moment, midnight or not (R3)."""
    own = sorted(day.active, key=lambda held: held.slot)
    if own and own[-1].slot.past_midnight:
        own += sorted(seen.active(day.member_id, day.date + _ONE_DAY), key=lambda held: held.slot)[:1]
    # Sorted by start, an overlap of any two is an overlap of neighbours.
    for earlier, later in pairwise(own):
        if earlier.slot.overlaps(later.slot):
            yield Violation(Invariant.NO_OVERLAP, (day.member_id, earlier.booking_id, later.booking_id), later.slot)


def _overnight(day: Day, seen: Snapshot) -> Iterator[Violation]:
    """The tail of a day is what the booking past midnight of the day before says, and nothing where there is none."""
    before = seen.active(day.member_id, day.date - _ONE_DAY) if day.overnight_until else ()
    if day.overnight_until and day.overnight_until not in [
        held.slot.footprint_end for held in before if held.slot.past_midnight
    ]:
        yield Violation(Invariant.TAIL, (day.member_id, day.date.isoformat()))
    for held in day.active:
        if held.slot.past_midnight:
            after = seen.days.get((day.member_id, day.date + _ONE_DAY))
            if after is None or after.overnight_until != held.slot.footprint_end:
                yield Violation(Invariant.TAIL, (day.member_id, held.booking_id), held.slot)


def _row_of(held: Booking, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """Whoever waits has the row that asks for a partner, in that very turn; a random pair has its own (R19)."""
    row = row_of(held)
    if row and now < held.slot.start + ROWS_KEPT and row not in seen.rows:
        yield Violation(Invariant.ROW, (held.member_id, held.booking_id), held.slot)


def _block(held: Booking, pair: Partner, seen: Snapshot) -> Iterator[Violation]:
    """Nobody has a pair ahead with somebody they blocked, unless there is a chore that parts the two (R1)."""
    blocked = seen.relations.get((held.member_id, pair.member_id), NO_RELATION).blocked
    parting = (JobKind.PARTING, held.member_id, pair.member_id)
    if blocked and not any((job.kind, job.member_id, job.other_id) == parting for job in seen.jobs.values()):
        yield Violation(Invariant.BLOCK, (held.member_id, pair.member_id, pair.pair_id), held.slot)


def _deletion(held: Booking, seen: Snapshot) -> Iterator[Violation]:
    """Nothing is booked ahead by whom there is no account, or none any more and nothing left to erase (R33)."""
    if _is_gone(held.member_id, seen):
        yield Violation(Invariant.DELETION, (held.member_id, held.booking_id), held.slot)


def _of_row(row: Row, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """A row of the pool is what days ask for, and stands in a lane of which the slot tells (R19)."""
    members = (row.member_id,) if isinstance(row, WaitingRow) else sorted(row.members)
    named = (*members, row.pair_id) if isinstance(row, PairRow) else tuple(members)
    if not all(row in map(row_of, seen.active(member, row.slot.date)) for member in members):
        yield Violation(Invariant.SURPLUS_ROW, named, row.slot)
    # What is kept no longer may go in any order.
    if now < row.slot.start + ROWS_KEPT and row.queue_shard >= seen.queue_shards.get((row.slot, 0), 1):
        yield Violation(Invariant.LANE, named, row.slot)


def _of_lanes(slot: Slot, queue_shard: int, queue_shards: int, seen: Snapshot) -> Iterator[Violation]:
    """How many lanes a slot has is told in each of them, and the same: whoever looks at one knows of all (R19)."""
    if queue_shard >= queue_shards or {seen.queue_shards.get((slot, other)) for other in range(queue_shards)} != {
        queue_shards
    }:
        yield Violation(Invariant.LANES, (str(queue_shard),), slot)


def _of_account(account: Account, seen: Snapshot) -> Iterator[Violation]:
    """A deleted account of which something may be left has the chore that erases it (R33)."""
    if isinstance(account, Tombstone) and not account.erased:
        erasing = (JobKind.DELETION, account.member_id)
        if not any((job.kind, job.member_id) == erasing for job in seen.jobs.values()):
            yield Violation(Invariant.CHORE, (account.member_id,))


def _of_relations(subject: Snapshot, seen: Snapshot) -> Iterator[Violation]:
    """What a member says about another is stored with both, and the same."""
    for pair, said in subject.relations.items():
        if seen.mirrors.get(pair) != said:
            yield Violation(Invariant.MIRROR, pair)
    for pair in subject.mirrors:
        if pair not in seen.relations:
            yield Violation(Invariant.MIRROR, pair)


def _of_invite(link: InviteLink, seen: Snapshot) -> Iterator[Violation]:
    """An invite link is used no more often than it may be (R29), and listed with its owner (R25)."""
    if link.max_uses is not None and link.uses > link.max_uses:
        yield Violation(Invariant.INVITE_USES, (link.owner_id, link.link_id))
    if seen.links.get((link.owner_id, link.link_id)) != link.digest:
        yield Violation(Invariant.INVITE_LISTED, (link.owner_id, link.link_id))


def _of_api_key(key: ApiKey, seen: Snapshot) -> Iterator[Violation]:
    """An API key is listed with its owner (R35), who has not deleted the account (R33)."""
    if seen.listed_keys.get((key.owner_id, key.key_id)) != key.digest:
        yield Violation(Invariant.KEY_LISTED, (key.owner_id, key.key_id))
    if _is_gone(key.owner_id, seen):
        yield Violation(Invariant.DELETION, (key.owner_id, key.key_id))


def _is_gone(member_id: str, seen: Snapshot) -> bool:
    """Whether there is no such account, or none any more and nothing left to erase (R33)."""
    account = seen.accounts.get(member_id)
    return account is None or (isinstance(account, Tombstone) and account.erased)
