"""Invariants that hold for every snapshot after every commit.

Each invariant yields its violations. The checked items and the items that they are compared with are two snapshots. So
an item can be checked with its related items only, and `violations` checks the whole table against itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

from chalicelib.domain.audit.snapshot import Snapshot
from chalicelib.domain.decisions.queue_rows import ROWS_KEPT, PairRow, Row, WaitingRow, row_of
from chalicelib.domain.decisions.write_set import JobKind
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.booking import Booking, Partner, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_date
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import NO_RELATION, Account, Profile, Tombstone
from chalicelib.domain.model.slot import GRID, ONE_DAY, Slot, day_start


class Invariant(StrEnum):
    """The invariants. The values stand in the log lines of the audit."""

    READABLE = "readable"
    VERSION = "version"
    FORM = "form"
    NOT_ONESELF = "not_oneself"
    MUTUAL = "mutual"
    NO_OVERLAP = "no_overlap"
    OVERNIGHT = "overnight"
    ROW = "row"
    SURPLUS_ROW = "surplus_row"
    QUEUE_SHARD = "queue_shard"
    QUEUE_SHARDS = "queue_shards"
    OWN_ROOM = "own_room"
    BLOCK = "block"
    DELETION = "deletion"
    SUSPENSION = "suspension"
    JOB = "job"
    MIRROR = "mirror"
    INVITE_USES = "invite_uses"
    INVITE_LISTED = "invite_listed"
    KEY_LISTED = "key_listed"
    TITLE = "title"


class Violation(Struct, frozen=True):
    """A broken invariant with the ids of its members and items, and the slot if there is one.

    It holds ids only, no name, title or token.
    """

    invariant: Invariant
    ids: tuple[str, ...]
    slot: Slot | None = None


def violations(seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """Yield every violation in the whole table."""
    yield from violations_of(seen, seen, now)
    yield from shared_rooms(seen)


def violations_of(subject: Snapshot, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """Yield every violation of the items of `subject`. `seen` has the same items and their related items.

    A room shared by two pairs is not detected. That needs the whole table (`shared_rooms`).
    """
    for key in sorted(subject.unreadable):
        yield Violation(Invariant.READABLE, key)
    for day in subject.days.values():
        yield from _of_day(day, seen, now)
    for row in subject.rows:
        yield from _of_row(row, seen, now)
    for (slot, queue_shard), number in subject.queue_shards.items():
        if now < slot.start + ROWS_KEPT:
            yield from _of_queue_shard(slot, queue_shard, number, seen)
    for account in subject.accounts.values():
        yield from _of_account(account, seen)
    yield from _of_relations(subject, seen)
    for (owner, booking_id), digest in subject.titles.items():
        yield from _of_title(owner, booking_id, digest, seen)
    for key, owner in sorted(subject.documents.items()):
        # The deletion of the account erased its documents (R33).
        if _is_erased(owner, seen):
            yield Violation(Invariant.DELETION, key)
    for link in subject.invites.values():
        yield from _of_invite(link, seen)
    for (owner, link_id), digest in subject.links.items():
        invite = seen.invites.get(digest)
        # The list entry must lead to a link of this owner and id (R25).
        if invite is None or (invite.owner_id, invite.link_id) != (owner, link_id):
            yield Violation(Invariant.INVITE_LISTED, (owner, link_id))
    for api_key in subject.api_keys.values():
        yield from _of_api_key(api_key, seen)
    for (owner, key_id), digest in subject.listed_keys.items():
        listed = seen.api_keys.get(digest)
        # The list entry must lead to a key of this owner and id (R35).
        if listed is None or (listed.owner_id, listed.key_id) != (owner, key_id):
            yield Violation(Invariant.KEY_LISTED, (owner, key_id))


def shared_rooms(seen: Snapshot) -> Iterator[Violation]:
    """Yield each pair id that more than one pair uses. The pair id is the room (R34)."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for booking in (booking for day in seen.days.values() for booking in day.active):
        if booking.partner:
            members[booking.partner.pair_id].append(booking.member_id)
    for pair_id, sharing in members.items():
        if len(sharing) > 2:
            yield Violation(Invariant.OWN_ROOM, (pair_id, *sorted(sharing)))


def _of_day(day: Day, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    malformed = list(dict.fromkeys(_form(day)))
    if malformed:
        # The other invariants assume a well-formed day.
        yield from malformed
        return
    if day.is_empty and _is_erased(day.member_id, seen):
        yield Violation(Invariant.DELETION, (day.member_id, day.date.isoformat()))
    yield from _overlaps(day, seen)
    yield from _overnight(day, seen)
    for booking in day.bookings:
        # The long title of the booking must be stored.
        if booking.long_title and seen.titles.get((booking.member_id, booking.booking_id)) != booking.long_title:
            yield Violation(Invariant.TITLE, (booking.member_id, booking.booking_id), booking.slot)
    for booking in day.active:
        ahead = now < booking.slot.start
        yield from _missing_row(booking, seen, now)
        if booking.partner:
            yield from _mutual(booking, booking.partner, seen)
        if booking.partner and ahead:
            yield from _block(booking, booking.partner, seen)
        if ahead:
            yield from _deletion(booking, seen)
            yield from _suspension(booking, seen)
        elif booking.state is State.MISSED and _is_erased(booking.member_id, seen):
            # A session that began stays for a partner only (R33).
            yield Violation(Invariant.DELETION, (booking.member_id, booking.booking_id), booking.slot)


def _form(day: Day) -> Iterator[Violation]:
    """Yield the malformed bookings of a day, and the day if it was stored without a write.

    A booking is of the day's date, on the 15-minute grid, unique in the day, and has the fields of its state.
    """
    if day.version <= 0:
        yield Violation(Invariant.VERSION, (day.member_id, day.date.isoformat()))
    times = Counter(booking.booking_id for booking in day.bookings)
    for booking in day.bookings:
        on_grid = booking.slot.date == day.date and not (booking.slot.start - day_start(day.date)) % GRID
        expected = (booking.state is State.WAITING, booking.state in (State.MATCHED, State.LOCKED_IN))
        found = (booking.queue_position is not None, booking.partner is not None)
        # The booking is not unique, is off the grid, or its fields do not fit its state.
        if times[booking.booking_id] > 1 or not on_grid or found != expected or not _has_second_chance_form(booking):
            yield Violation(Invariant.FORM, (booking.member_id, booking.booking_id), booking.slot)


def _has_second_chance_form(booking: Booking) -> bool:
    """Return whether the fields of a second chance fit the state (R38).

    Who asks has joined, and waits since an instant after the start or has a random partner. No other booking waits
    since such an instant. Who missed a session has not joined it.
    """
    queue_position = booking.queue_position
    if booking.state is State.MISSED and booking.joined_at:
        return False
    waits_since_start = queue_position is not None and queue_position.since >= booking.slot.start
    if not booking.seeks_again:
        return not waits_since_start
    return booking.joined_at is not None and (waits_since_start or booking.state is State.MATCHED)


def _mutual(booking: Booking, pair: Partner, seen: Snapshot) -> Iterator[Violation]:
    """Yield a pair whose other booking does not name this one with the same slot, state and pair id (R3, R4).

    Each also has the instant at which the other joined (R37).
    """
    if pair.member_id == booking.member_id:
        yield Violation(Invariant.NOT_ONESELF, (booking.member_id, booking.booking_id), booking.slot)
    elif not any(_is_other_half(other, booking, pair) for other in seen.active(pair.member_id, booking.slot.date)):
        yield Violation(Invariant.MUTUAL, (booking.member_id, pair.member_id, pair.pair_id), booking.slot)


def _is_other_half(other: Booking, booking: Booking, pair: Partner) -> bool:
    same = (other.slot, other.state) == (booking.slot, booking.state)
    back = other.partner
    if not same or back is None or (back.member_id, back.pair_id) != (booking.member_id, pair.pair_id):
        return False
    return (back.joined_at, pair.joined_at) == (booking.joined_at, other.joined_at)


def _overlaps(day: Day, seen: Snapshot) -> Iterator[Violation]:
    """Yield active bookings of the member whose footprints overlap, also across midnight (R3)."""
    own = sorted(day.active, key=lambda booking: booking.slot)
    if own and own[-1].slot.past_midnight:
        own += sorted(seen.active(day.member_id, day.date + ONE_DAY), key=lambda booking: booking.slot)[:1]
    # If any two bookings overlap, two that are adjacent in the order of their starts overlap.
    for earlier, later in pairwise(own):
        if earlier.slot.overlaps(later.slot):
            yield Violation(Invariant.NO_OVERLAP, (day.member_id, earlier.booking_id, later.booking_id), later.slot)


def _overnight(day: Day, seen: Snapshot) -> Iterator[Violation]:
    """Yield a day whose `overnight_until` is not the footprint end of a booking past midnight on the day before."""
    before = seen.active(day.member_id, day.date - ONE_DAY) if day.overnight_until else ()
    ends = [booking.slot.footprint_end for booking in before if booking.slot.past_midnight]
    if day.overnight_until and day.overnight_until not in ends:
        yield Violation(Invariant.OVERNIGHT, (day.member_id, day.date.isoformat()))
    for booking in day.active:
        if booking.slot.past_midnight:
            after = seen.days.get((day.member_id, day.date + ONE_DAY))
            # The day after must store the end of this booking.
            if after is None or after.overnight_until != booking.slot.footprint_end:
                yield Violation(Invariant.OVERNIGHT, (day.member_id, booking.booking_id), booking.slot)


def _missing_row(booking: Booking, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """Yield a waiting booking without its waiting row, or a matched one without its pair row (R19)."""
    row = row_of(booking)
    # Expired rows may be missing.
    if row and now < booking.slot.start + ROWS_KEPT and row not in seen.rows:
        yield Violation(Invariant.ROW, (booking.member_id, booking.booking_id), booking.slot)


def _block(booking: Booking, pair: Partner, seen: Snapshot) -> Iterator[Violation]:
    """Yield a pair ahead whose member blocked the other, unless a job parts the two (R1)."""
    blocked = seen.relations.get((booking.member_id, pair.member_id), NO_RELATION).blocked
    parting = (JobKind.PARTING, booking.member_id, pair.member_id)
    # A job of the same direction excuses the pair.
    if blocked and not any((job.kind, job.member_id, job.other_id) == parting for job in seen.jobs.values()):
        yield Violation(Invariant.BLOCK, (booking.member_id, pair.member_id, pair.pair_id), booking.slot)


def _deletion(booking: Booking, seen: Snapshot) -> Iterator[Violation]:
    """Yield a booking ahead of a member without an account, or whose account is erased (R33).

    Until the account's job is done, a booking in flight may still be stored, which the job cancels.
    """
    if _is_gone(booking.member_id, seen) and not _is_being_erased(booking.member_id, seen):
        yield Violation(Invariant.DELETION, (booking.member_id, booking.booking_id), booking.slot)


def _suspension(booking: Booking, seen: Snapshot) -> Iterator[Violation]:
    """Yield a booking ahead of a suspended member whose job is done (R47)."""
    account = seen.accounts.get(booking.member_id)
    if isinstance(account, Profile) and account.suspension and account.revision not in seen.jobs:
        yield Violation(Invariant.SUSPENSION, (booking.member_id, booking.booking_id), booking.slot)


def _of_row(row: Row, seen: Snapshot, now: datetime) -> Iterator[Violation]:
    """Yield a row without its booking, or in a shard that the slot's queue does not have (R19)."""
    members = (row.member_id,) if isinstance(row, WaitingRow) else sorted(row.members)
    named = (*members, row.pair_id) if isinstance(row, PairRow) else tuple(members)
    if not all(row in map(row_of, seen.active(member, row.slot.date)) for member in members):
        yield Violation(Invariant.SURPLUS_ROW, named, row.slot)
    # After ROWS_KEPT the table deletes rows and numbers of shards in any order.
    if now < row.slot.start + ROWS_KEPT and row.queue_shard >= seen.queue_shards.get((row.slot, 0), 1):
        yield Violation(Invariant.QUEUE_SHARD, named, row.slot)


def _of_queue_shard(slot: Slot, queue_shard: int, number: int, seen: Snapshot) -> Iterator[Violation]:
    """Yield a queue shard unless every shard of the slot stores the same number of shards (R19)."""
    stored = {seen.queue_shards.get((slot, other)) for other in range(number)}
    if queue_shard >= number or stored != {number}:
        yield Violation(Invariant.QUEUE_SHARDS, (str(queue_shard),), slot)


def _of_account(account: Account, seen: Snapshot) -> Iterator[Violation]:
    """Yield a deleted account that is not erased and has no job that erases it (R33)."""
    if isinstance(account, Tombstone) and not account.erased and not _is_being_erased(account.member_id, seen):
        yield Violation(Invariant.JOB, (account.member_id,))


def _of_relations(subject: Snapshot, seen: Snapshot) -> Iterator[Violation]:
    """Yield a favorite without its copy in the other member's partition or the reverse, and those of erased accounts.

    A copy without a favorite is of an earlier release and means nothing. A block or snooze about an erased account
    stays, a favorite does not (R33).
    """
    for pair, relation in subject.relations.items():
        member_id, other = pair
        if relation.favorite and not seen.mirrors.get(pair, NO_RELATION).favorite:
            yield Violation(Invariant.MIRROR, pair)
        if _is_erased(member_id, seen) or (relation.favorite and _is_erased(other, seen)):
            yield Violation(Invariant.DELETION, pair)
    for pair, copy in subject.mirrors.items():
        if copy.favorite and not seen.relations.get(pair, NO_RELATION).favorite:
            yield Violation(Invariant.MIRROR, pair)


def _of_title(owner: str, booking_id: str, digest: str | None, seen: Snapshot) -> Iterator[Violation]:
    """Yield a long title without a booking that refers to it, unless a deletion erases the title (R33)."""
    on = session_date(owner, booking_id)
    day = seen.days.get((owner, on)) if on else None
    booking = day.find(booking_id) if day else None
    account = seen.accounts.get(owner)
    erasing = isinstance(account, Tombstone) and not account.erased
    if (booking is None or booking.long_title != digest) and not erasing:
        yield Violation(Invariant.TITLE, (owner, booking_id))


def _of_invite(link: InviteLink, seen: Snapshot) -> Iterator[Violation]:
    """Yield an invite link with too many uses (R29), or that is not in its owner's list (R25)."""
    if link.max_uses is not None and link.uses > link.max_uses:
        yield Violation(Invariant.INVITE_USES, (link.owner_id, link.link_id))
    if seen.links.get((link.owner_id, link.link_id)) != link.digest:
        yield Violation(Invariant.INVITE_LISTED, (link.owner_id, link.link_id))


def _of_api_key(key: ApiKey, seen: Snapshot) -> Iterator[Violation]:
    """Yield an API key that is not in its owner's list (R35), or whose owner has no account (R33)."""
    if seen.listed_keys.get((key.owner_id, key.key_id)) != key.digest:
        yield Violation(Invariant.KEY_LISTED, (key.owner_id, key.key_id))
    if _is_gone(key.owner_id, seen):
        yield Violation(Invariant.DELETION, (key.owner_id, key.key_id))


def _is_erased(member_id: str, seen: Snapshot) -> bool:
    """Return true for the tombstone of an erased account whose job is done (R33)."""
    account = seen.accounts.get(member_id)
    return isinstance(account, Tombstone) and account.erased and not _is_being_erased(member_id, seen)


def _is_being_erased(member_id: str, seen: Snapshot) -> bool:
    erasing = (JobKind.DELETION, member_id)
    return any((job.kind, job.member_id) == erasing for job in seen.jobs.values())


def _is_gone(member_id: str, seen: Snapshot) -> bool:
    """Return true if there is no account, or only a tombstone with nothing left to erase (R33)."""
    account = seen.accounts.get(member_id)
    return account is None or (isinstance(account, Tombstone) and account.erased)
