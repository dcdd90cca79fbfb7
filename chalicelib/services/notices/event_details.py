"""Events with what their member sees now of the sessions and members that they name (R42)."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from chalicelib.domain.decisions.eligibility import may_see_hours
from chalicelib.domain.model.day import Days
from chalicelib.domain.model.event import Event
from chalicelib.domain.model.member import Profile
from chalicelib.services.bookings.sessions import SessionView, views
from chalicelib.services.context import Context
from chalicelib.storage import reads


class EventDetails(Struct, frozen=True):
    """An event with the session as its owner sees it now.

    `session` is None if the owner can no longer see it. `favorite` is None without one, or after its deletion (R33).
    """

    event: Event
    session: SessionView | None = None
    favorite: Profile | None = None


def details_of(context: Context, member: Profile, events: Sequence[Event]) -> list[EventDetails]:
    """Return the events of one member with the current sessions and favorites that they name.

    A request for the session would show the same, so an event reveals nothing else (R42). An event about a favorite who
    now hides the hours from the member is left out, as from every view (R10). Sessions and favorites are read in
    parallel.
    """
    with context.table.parallel(1) as threads:
        seen = threads.submit(_favorites, context, member, {event.other_id for event in events if event.other_id})
        sessions, favorites = _sessions(context, member, events), seen.result()
    return [
        EventDetails(
            event,
            sessions.get(event.booking_id) if event.booking_id else None,
            favorites[event.other_id] if event.other_id else None,
        )
        for event in events
        if event.other_id is None or event.other_id in favorites
    ]


def _sessions(context: Context, member: Profile, events: Sequence[Event]) -> dict[str, SessionView]:
    """Return the member's sessions that the events name, by id."""
    keys = {(member.member_id, event.slot.date) for event in events if event.booking_id}
    days = reads.days(context.table, keys) if keys else Days()
    wanted = {event.booking_id for event in events}
    held = [booking for day in days for booking in day.bookings if booking.booking_id in wanted]
    own = [booking for booking in held if member.is_of(booking.requested_at)]
    return {view.booking.booking_id: view for view in views(context, own, context.clock())} if own else {}


def _favorites(context: Context, member: Profile, others: Collection[str]) -> dict[str, Profile | None]:
    """Return the profiles of the others, None after a deletion, without those who hide their hours from the member.

    The same rows are read with and without a block (R11).
    """
    if not others:
        return {}
    pairs, now = [(member.member_id, other) for other in others], context.clock()
    found = zip(others, reads.pairs_relations(context.table, pairs, consistent=False), strict=True)
    return {other: one.other for other, one in found if one.other is None or may_see_hours(one, now)}
