"""Days, bookings and recorded responses as items of the table, and back."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, Partner, PartnerPreference, State
from chalicelib.domain.model.day import ID_PREFIX_LENGTH, KEPT_CANCELLED_BY, Day, id_prefix
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.member import Activity, WorkStyle
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.storage import keys
from chalicelib.storage.items import BookingMap, DayItem, RecordedResponseItem, TitleItem
from chalicelib.storage.mappers import instant, seconds
from chalicelib.storage.retention import date_of, expiry_seconds
from chalicelib.version import FORMER_SCHEMA, SCHEMA

_STATES: Mapping[State, str] = {
    State.WAITING: "w",
    State.MATCHED: "m",
    State.LOCKED_IN: "l",
    State.CANCELLED: "c",
    State.MISSED: "n",
}
_ACTIVITIES: Mapping[Activity, str] = {Activity.DESK: "d", Activity.MOVING: "m", Activity.ANYTHING: "a"}
_CHANGES: Mapping[ChangeKind, str] = {
    ChangeKind.MATCHED: "m",
    ChangeKind.LOCKED_IN: "l",
    ChangeKind.DISPLACED: "d",
    ChangeKind.PARTNER_CANCELLED: "c",
}
# The entry of the random matches among the counts of cancelled locks, which have the id prefix of the partner.
_MATCHES = ""
_RESPONSES = "+"
_STATE_OF = {letter: state for state, letter in _STATES.items()}
_ACTIVITY_OF = {letter: activity for activity, letter in _ACTIVITIES.items()}
# An earlier release stored a pair that a block had parted under a letter of its own.
_CHANGE_OF = {letter: change for change, letter in _CHANGES.items()} | {"p": ChangeKind.PARTNER_CANCELLED}


def day_item(day: Day, schema: int = SCHEMA, retention: timedelta | None = None) -> DayItem:
    """Return the item of a day. The release of the former schema loses what that schema has not.

    With a `retention` the item expires (R33).
    """
    return DayItem(
        *keys.day(*day.key),
        version=day.version,
        bookings=[_booking_map(_without_long_title(booking), schema) for booking in day.bookings] or None,
        overnight_until=None if day.overnight_until is None else _minute(day.date, day.overnight_until),
        operations=list(day.operations) or None,
        met=[f"{prefix}{days}" for prefix, days in day.met.items()] or None,
        cancelled_counts=_counts_text(day),
        latest_cancelled_by=_cancelled_by_text(day),
        bumped_at=_seconds_or_none(day.bumped_at),
        expires=expiry_seconds(day.date, retention),
    )


def day_from(item: DayItem) -> Day:
    """Return the day of an item, the inverse of `day_item`."""
    member_id = item.pk.partition("#")[2]
    on = date.fromisoformat(item.sk.removeprefix(keys.DAY))
    cancelled_on, counts = _counts_from(item.cancelled_counts)
    # A day of an earlier release has a set of whole ids instead, without an order.
    cancels = item.latest_cancelled_by.split(" ") if item.latest_cancelled_by else sorted(item.cancelled_by or ())
    return Day(
        member_id=member_id,
        date=on,
        version=int(item.version),
        bookings=tuple(_booking_from(member_id, on, entry) for entry in item.bookings or ()),
        overnight_until=None if item.overnight_until is None else _at_minute(on, item.overnight_until),
        operations=tuple(str(operation) for operation in item.operations or ()),
        cancelled_by=tuple(_cancel_from(on, cancel) for cancel in cancels[-KEPT_CANCELLED_BY:]),
        met=dict(_met_from(str(text)) for text in item.met or ()),
        cancelled_matches=counts.pop(_MATCHES, 0),
        recorded_responses=counts.pop(_RESPONSES, 0),
        cancelled_locks=counts,
        cancelled_on=cancelled_on,
        bumped_at=_instant_or_none(item.bumped_at),
    )


def recorded_response_item(response: RecordedResponse) -> RecordedResponseItem:
    """Return the item of a recorded response."""
    booking = response.booking
    return RecordedResponseItem(
        *keys.recorded_response(booking.member_id, response.key),
        request_digest=response.request_digest,
        date=booking.slot.date.isoformat(),
        booking=_booking_map(booking),
        new=response.new,
        is_favorite=response.is_favorite,
        at=seconds(response.at),
        expires=seconds(response.expires),
    )


def recorded_response_from(item: RecordedResponseItem, member_id: str, key: str) -> RecordedResponse:
    """Return the recorded response of an item, the inverse of `recorded_response_item`."""
    return RecordedResponse(
        key=key,
        request_digest=item.request_digest,
        booking=_booking_from(member_id, date.fromisoformat(item.date), item.booking),
        new=item.new,
        is_favorite=item.is_favorite,
        at=instant(item.at),
        expires=instant(item.expires),
    )


def title_item(title: LongTitle, retention: timedelta | None = None) -> TitleItem:
    """Return the item of a long title. With a `retention` it expires with its day (R33)."""
    key = keys.title(title.member_id, title.booking_id)
    return TitleItem(*key, text=title.text, expires=expiry_seconds(date_of(key), retention))


def title_from(item: TitleItem) -> LongTitle:
    """Return the long title of an item, the inverse of `title_item`."""
    return LongTitle(*keys.booking_of_title(keys.Key(item.pk, item.sk)), item.text)


def _without_long_title(booking: Booking) -> Booking:
    """Return the booking as a day stores it. The text of a long title is an item of its own (R36)."""
    return replace(booking, title=None) if booking.long_title else booking


def _booking_map(booking: Booking, schema: int = SCHEMA) -> BookingMap:
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
        earlier_changes=" ".join(map(_change_text, booking.changes[1:])) or None,
        long_title=booking.long_title,
        joined_at=_seconds_or_none(booking.joined_at),
        partner_joined_at=_seconds_or_none(partner.joined_at) if partner else None,
        seeks_again=booking.seeks_again or None,
        repeat_id=booking.repeat_id,
        partner_requested_at=_seconds_or_none(partner.requested_at) if partner and schema > FORMER_SCHEMA else None,
        lost=(" ".join(booking.lost) or None) if schema > FORMER_SCHEMA else None,
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
        long_title=entry.long_title,
        joined_at=_instant_or_none(entry.joined_at),
        seeks_again=bool(entry.seeks_again),
        repeat_id=entry.repeat_id,
        lost=tuple(entry.lost.split(" ")) if entry.lost else (),
    )
    if entry.partner:
        partner = Partner(
            entry.partner,
            entry.pair,
            _work_style_from(entry.partner_work_style),
            _instant_or_none(entry.partner_joined_at),
            _instant_or_none(entry.partner_requested_at),
        )
        booking = replace(booking, partner=partner)
    if entry.change:
        last = BookingChange(_CHANGE_OF[entry.change], instant(entry.change_at))
        earlier = (_change_from(text) for text in (entry.earlier_changes or "").split())
        booking = replace(booking, changes=(last, *earlier))
    return booking


def _seconds_or_none(at: datetime | None) -> int | None:
    return None if at is None else seconds(at)


def _instant_or_none(stored: float | None) -> datetime | None:
    return None if stored is None else instant(stored)


def _cancelled_by_text(day: Day) -> str | None:
    """Return the cancels of partners as `<hhmm>#<minutes>#<id prefix> ...`, or None without any."""
    return " ".join(f"{keys.slot_prefix(slot)}{prefix}" for slot, prefix in day.cancelled_by) or None


def _change_text(change: BookingChange) -> str:
    return f"{_CHANGES[change.kind]}{seconds(change.at)}"


def _change_from(text: str) -> BookingChange:
    return BookingChange(_CHANGE_OF[text[0]], instant(int(text[1:])))


def _cancel_from(on: date, entry: str) -> tuple[Slot, str]:
    hhmm, minutes, member_id = entry.split("#")
    return Slot(_at_minute(on, int(hhmm[:2]) * 60 + int(hhmm[2:])), int(minutes)), id_prefix(member_id)


def _met_from(text: str) -> tuple[str, int]:
    """Return an id prefix and the days since. An earlier release stored no days, which counts as just met."""
    return text[:ID_PREFIX_LENGTH], int(text[ID_PREFIX_LENGTH:] or 0)


def _counts_text(day: Day) -> str | None:
    """Return the counts as `<date> :<matches> +:<responses> <id prefix>:<locks> ...`, or None without any."""
    named = {_MATCHES: day.cancelled_matches, _RESPONSES: day.recorded_responses}
    counts = {**{name: count for name, count in named.items() if count}, **day.cancelled_locks}
    counted = (f"{name}:{count}" for name, count in counts.items())
    return " ".join((day.cancelled_on.isoformat(), *counted)) if day.cancelled_on else None


def _counts_from(text: str | None) -> tuple[date | None, dict[str, int]]:
    """Return the date of the counts, and the counts by name or by id prefix of the partner."""
    on, *entries = (text or "").split(" ")
    counts = {name: int(count) for name, count in (entry.split(":") for entry in entries)}
    return date.fromisoformat(on) if on else None, counts


def _work_style_text(work_style: WorkStyle) -> str:
    return _ACTIVITIES[work_style.activity] + ("q" if work_style.quiet else "")


def _work_style_from(text: str) -> WorkStyle:
    return WorkStyle(_ACTIVITY_OF[text[0]], text.endswith("q"))


def _minute(on: date, at: datetime) -> int:
    return (at - day_start(on)) // timedelta(minutes=1)


def _at_minute(on: date, minute: float) -> datetime:
    return day_start(on) + timedelta(minutes=int(minute))
