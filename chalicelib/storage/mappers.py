"""The domain's values as items of the table, and back: each translation beside its inverse."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.decisions.queue_rows import ROWS_KEPT, PairRow, WaitingRow
from chalicelib.domain.decisions.write_set import Job, JobKind, QueueShardsOpened, RecordedResponse
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.booking import Booking, Change, ChangeKind, Partner, PartnerPreference, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import (
    NO_RELATION,
    Account,
    Activity,
    Availability,
    Gender,
    PartnerGender,
    Profile,
    Relation,
    Tombstone,
    WorkStyle,
)
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.storage import keys
from chalicelib.storage.items import (
    ApiKeyItem,
    BookingMap,
    DayItem,
    InviteItem,
    Item,
    JobItem,
    LinkItem,
    ListedKeyItem,
    PairItem,
    ProfileItem,
    QueueShardsItem,
    RecordedResponseItem,
    RelationItem,
    TombstoneItem,
    VersionedLimitItem,
    WaitingItem,
)

_STATES: Mapping[State, str] = {State.WAITING: "w", State.MATCHED: "m", State.LOCKED_IN: "l", State.CANCELLED: "c"}
_ACTIVITIES: Mapping[Activity, str] = {Activity.DESK: "d", Activity.MOVING: "m", Activity.ANYTHING: "a"}
_CHANGES: Mapping[ChangeKind, str] = {
    ChangeKind.MATCHED: "m",
    ChangeKind.LOCKED_IN: "l",
    ChangeKind.DISPLACED: "d",
    ChangeKind.PARTNER_CANCELLED: "c",
    ChangeKind.PARTED: "p",
}
_STATE_OF = {letter: state for state, letter in _STATES.items()}
_ACTIVITY_OF = {letter: activity for activity, letter in _ACTIVITIES.items()}
_CHANGE_OF = {letter: change for change, letter in _CHANGES.items()}


def seconds(instant: datetime) -> int:
    """An instant as the table keeps it where whole seconds do."""
    return int(instant.timestamp())


def instant(number: float) -> datetime:
    """The inverse of `seconds`."""
    return datetime.fromtimestamp(number, UTC)


def account_item(account: Account) -> ProfileItem | TombstoneItem:
    """A profile or a tombstone as the table keeps it."""
    if isinstance(account, Profile):
        return profile_item(account)
    return TombstoneItem(
        *keys.profile(account.member_id),
        revision=account.revision,
        deleted_at=seconds(account.deleted_at),
        erased=account.erased,
    )


def account_from(item: Item | None) -> Account | None:
    """The inverse of `account_item`; None where there is no account."""
    if isinstance(item, TombstoneItem):
        member_id = item.pk.partition("#")[2]
        return Tombstone(member_id, instant(item.deleted_at), item.revision, item.erased)
    return profile_from(item) if isinstance(item, ProfileItem) else None


def profile_item(profile: Profile) -> ProfileItem:
    """A profile as the table keeps it."""
    return ProfileItem(
        *keys.profile(profile.member_id),
        revision=profile.revision,
        name=profile.name,
        time_zone=profile.time_zone,
        member_since=seconds(profile.member_since),
        photo_url=profile.photo_url,
        gender=profile.gender,
        partner_gender=profile.partner_gender,
        availability=profile.availability,
        activity=profile.work_style.activity,
        quiet=profile.work_style.quiet,
        deleted_at=seconds(profile.deleted_at) if profile.deleted_at else None,
    )


def profile_from(item: ProfileItem) -> Profile:
    """The inverse of `profile_item`."""
    return Profile(
        member_id=item.pk.partition("#")[2],
        name=item.name,
        time_zone=item.time_zone,
        member_since=instant(item.member_since),
        revision=item.revision,
        photo_url=item.photo_url,
        gender=Gender(item.gender) if item.gender else None,
        partner_gender=PartnerGender(item.partner_gender),
        availability=Availability(item.availability),
        work_style=WorkStyle(Activity(item.activity), item.quiet),
        deleted_at=None if item.deleted_at is None else instant(item.deleted_at),
    )


def relation_from(item: RelationItem | None) -> Relation:
    """What a relation item says; a missing one says nothing."""
    if item is None:
        return NO_RELATION
    until = None if item.snoozed_until is None else instant(item.snoozed_until)
    return Relation(bool(item.favorite), until, bool(item.blocked), item.revision)


def relation_item(key: keys.Key, relation: Relation) -> RelationItem:
    """What is said, as the table keeps it under one of its two keys."""
    return RelationItem(
        *key,
        favorite=relation.favorite or None,
        snoozed_until=seconds(relation.snoozed_until) if relation.snoozed_until else None,
        blocked=relation.blocked or None,
        revision=relation.revision,
    )


def day_item(day: Day) -> DayItem:
    """A day as the table keeps it."""
    cancelled_by = {
        f"{keys.slot_prefix(slot)}{member_id}" for slot, members in day.cancelled_by.items() for member_id in members
    }
    return DayItem(
        *keys.day(*day.key),
        version=day.version,
        bookings=[_booking_map(booking) for booking in day.bookings] or None,
        overnight_until=None if day.overnight_until is None else _minute(day.date, day.overnight_until),
        operations=list(day.operations) or None,
        cancelled_by=cancelled_by or None,
        met=list(day.met) or None,
        cancelled_locks=_cancelled_locks_text(day),
    )


def day_from(item: DayItem) -> Day:
    """The inverse of `day_item`."""
    member_id = item.pk.partition("#")[2]
    on = date.fromisoformat(item.sk.removeprefix(keys.DAY))
    cancelled_locks_on, cancelled_locks = _cancelled_locks_from(item.cancelled_locks)
    return Day(
        member_id=member_id,
        date=on,
        version=int(item.version),
        bookings=tuple(_booking_from(member_id, on, entry) for entry in item.bookings or ()),
        overnight_until=None if item.overnight_until is None else _at_minute(on, item.overnight_until),
        operations=tuple(str(operation) for operation in item.operations or ()),
        cancelled_by=_cancelled_by_from(on, item.cancelled_by or set()),
        met=tuple(str(member) for member in item.met or ()),
        cancelled_locks=cancelled_locks,
        cancelled_locks_on=cancelled_locks_on,
    )


def row_item(row: WaitingRow | PairRow) -> Item:
    """A row of the pool as the table keeps it."""
    expires = _row_expires(row.slot)
    if isinstance(row, WaitingRow):
        return WaitingItem(*keys.waiting(row), expires=expires)
    return PairItem(*keys.pair(row), members=set(row.members), expires=expires)


def pair_row_from(item: PairItem) -> PairRow:
    """The inverse of `row_item` for the row of a pair."""
    return keys.pair_row(item.pk, item.sk, frozenset(item.members))


def queue_shards_item(change: QueueShardsOpened, queue_shard: int) -> QueueShardsItem:
    """How many lanes a slot has from now on, as the table keeps it in one of them."""
    return QueueShardsItem(
        *keys.queue_shards(change.slot, queue_shard), queue_shards=change.after, expires=_row_expires(change.slot)
    )


def recorded_response_item(answer: RecordedResponse) -> RecordedResponseItem:
    """A stored answer as the table keeps it."""
    booking = answer.booking
    return RecordedResponseItem(
        *keys.recorded_response(booking.member_id, answer.key),
        request_digest=answer.request_digest,
        date=booking.slot.date.isoformat(),
        booking=_booking_map(booking),
        new=answer.new,
        is_favorite=answer.is_favorite,
        at=seconds(answer.at),
        expires=seconds(answer.expires),
    )


def recorded_response_from(item: RecordedResponseItem, member_id: str, key: str) -> RecordedResponse:
    """The inverse of `answer_item`."""
    return RecordedResponse(
        key=key,
        request_digest=item.request_digest,
        booking=_booking_from(member_id, date.fromisoformat(item.date), item.booking),
        new=item.new,
        is_favorite=item.is_favorite,
        at=instant(item.at),
        expires=instant(item.expires),
    )


def invite_item(link: InviteLink) -> InviteItem:
    """An invite link as the table keeps it."""
    return InviteItem(
        *keys.invite(link.digest),
        link_id=link.link_id,
        owner_id=link.owner_id,
        made_at=seconds(link.made_at),
        session_id=link.session_id,
        expires_at=seconds(link.expires_at) if link.expires_at else None,
        max_uses=link.max_uses,
        uses=link.uses,
    )


def invite_from(item: InviteItem) -> InviteLink:
    """The inverse of `invite_item`."""
    return InviteLink(
        link_id=item.link_id,
        owner_id=item.owner_id,
        digest=item.pk.partition("#")[2],
        made_at=instant(item.made_at),
        session_id=item.session_id,
        expires_at=None if item.expires_at is None else instant(item.expires_at),
        max_uses=None if item.max_uses is None else int(item.max_uses),
        uses=int(item.uses),
    )


def link_item(link: InviteLink) -> LinkItem:
    """The row that lists an invite link with its owner."""
    return LinkItem(*keys.link(link.owner_id, link.link_id), digest=link.digest)


def api_key_item(key: ApiKey) -> ApiKeyItem:
    """An API key as the table keeps it."""
    return ApiKeyItem(
        *keys.api_key(key.digest),
        key_id=key.key_id,
        owner_id=key.owner_id,
        name=key.name,
        scope=key.scope,
        made_at=seconds(key.made_at),
        last_used=key.last_used.isoformat() if key.last_used else None,
    )


def api_key_from(item: ApiKeyItem) -> ApiKey:
    """The inverse of `api_key_item`."""
    return ApiKey(
        key_id=item.key_id,
        owner_id=item.owner_id,
        digest=item.pk.partition("#")[2],
        name=item.name,
        scope=Scope(item.scope),
        made_at=instant(item.made_at),
        last_used=date.fromisoformat(item.last_used) if item.last_used else None,
    )


def listed_key_item(key: ApiKey) -> ListedKeyItem:
    """The row that lists an API key with its owner."""
    return ListedKeyItem(*keys.listed_key(key.owner_id, key.key_id), digest=key.digest)


def versioned_limit_item(versioned_limit: VersionedLimit) -> VersionedLimitItem:
    """A guard as the table keeps it."""
    expires = versioned_limit.expires and seconds(versioned_limit.expires)
    return VersionedLimitItem(
        *keys.versioned_limit(versioned_limit.member_id, versioned_limit.name),
        version=versioned_limit.version,
        expires=expires,
    )


def versioned_limit_from(item: VersionedLimitItem) -> VersionedLimit:
    """The inverse of `guard_item`."""
    expires = instant(item.expires) if item.expires else None
    return VersionedLimit(item.pk.partition("#")[2], item.sk.removeprefix(keys.GUARD), int(item.version), expires)


def job_item(job: Job) -> JobItem:
    """A chore as the table keeps it."""
    return JobItem(*keys.job(job.job_id), task=job.kind, member_id=job.member_id, other_id=job.other_id)


def job_from(item: JobItem) -> Job:
    """The inverse of `chore_item`."""
    return Job(item.sk, JobKind(item.task), item.member_id, item.other_id)


def _row_expires(slot: Slot) -> int:
    return seconds(slot.start + ROWS_KEPT)


def _booking_map(booking: Booking) -> BookingMap:
    partner, change = booking.partner, booking.last_change
    return BookingMap(  # type: ignore[no-untyped-call]  # PynamoDB does not annotate it
        token=booking.booking_id.split("-")[1],
        start=_minute(booking.slot.date, booking.slot.start),
        minutes=booking.slot.minutes,
        requested_at=seconds(booking.requested_at),
        state=_STATES[booking.state],
        work_style=_work_style_text(booking.work_style),
        favorites=booking.preference.favorites or None,
        named=booking.preference.named,
        title=booking.title,
        queue_position=keys.position_text(booking.queue_position) if booking.queue_position else None,
        partner=partner.member_id if partner else None,
        pair=partner.pair_id if partner else None,
        partner_work_style=_work_style_text(partner.work_style) if partner else None,
        change=_CHANGES[change.kind] if change else None,
        change_at=seconds(change.at) if change else None,
        late=booking.cancelled_late or None,
        queue_shard=booking.queue_shard or None,
        moved=booking.moved or None,
        lock_requested=booking.lock_requested or None,
    )


def _booking_from(member_id: str, on: date, entry: BookingMap) -> Booking:
    booking = Booking(
        booking_id=session_id(member_id, on, entry.token),
        member_id=member_id,
        slot=Slot(_at_minute(on, entry.start), int(entry.minutes)),
        requested_at=instant(entry.requested_at),
        state=_STATE_OF[entry.state],
        work_style=_work_style_from(entry.work_style),
        preference=PartnerPreference(bool(entry.favorites), entry.named),
        title=entry.title,
        queue_position=keys.position_from(entry.queue_position) if entry.queue_position else None,
        cancelled_late=bool(entry.late),
        queue_shard=int(entry.queue_shard or 0),
        moved=bool(entry.moved),
        lock_requested=bool(entry.lock_requested),
    )
    if entry.partner:
        booking = replace(
            booking, partner=Partner(entry.partner, entry.pair, _work_style_from(entry.partner_work_style))
        )
    if entry.change:
        booking = replace(booking, last_change=Change(_CHANGE_OF[entry.change], instant(entry.change_at)))
    return booking


def _cancelled_by_from(on: date, entries: set[str]) -> dict[Slot, frozenset[str]]:
    found: dict[Slot, frozenset[str]] = {}
    for entry in entries:
        hhmm, minutes, member_id = entry.split("#")
        slot = Slot(_at_minute(on, int(hhmm[:2]) * 60 + int(hhmm[2:])), int(minutes))
        found[slot] = found.get(slot, frozenset()) | {member_id}
    return found


def _cancelled_locks_text(day: Day) -> str | None:
    """`<date> <beginning of an id>:<times> ...`, and nothing where nothing was given up."""
    counted = (f"{who}:{times}" for who, times in day.cancelled_locks.items())
    return " ".join((day.cancelled_locks_on.isoformat(), *counted)) if day.cancelled_locks_on else None


def _cancelled_locks_from(text: str | None) -> tuple[date | None, dict[str, int]]:
    on, *entries = (text or "").split(" ")
    counted = {who: int(times) for who, times in (entry.split(":") for entry in entries)}
    return date.fromisoformat(on) if on else None, counted


def _work_style_text(work_style: WorkStyle) -> str:
    return _ACTIVITIES[work_style.activity] + ("q" if work_style.quiet else "")


def _work_style_from(text: str) -> WorkStyle:
    return WorkStyle(_ACTIVITY_OF[text[0]], text.endswith("q"))


def _minute(on: date, at: datetime) -> int:
    return (at - day_start(on)) // timedelta(minutes=1)


def _at_minute(on: date, minute: float) -> datetime:
    return day_start(on) + timedelta(minutes=int(minute))
