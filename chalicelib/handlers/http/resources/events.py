"""The view of `/v1/events`, the caller's event log."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.model.errors import InvalidCursor
from chalicelib.domain.model.event import BEGINNING, Event, Place
from chalicelib.handlers.http.call import Call, EarlyCall, MemberCall
from chalicelib.handlers.http.inputs import cursors
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import LARGEST_LIMIT
from chalicelib.handlers.http.operations import Ok, begins, refuses
from chalicelib.handlers.http.responses import event_schemas, event_serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.notices.event_list import list_events, read_events

EVENTS = "/v1/events"


class EventsQuery(Struct, kw_only=True):
    """The requested part of the event log, from its beginning without `after`."""

    after: (
        Annotated[
            str,
            # Described and not judged: an empty cursor is refused as one of another list.
            Meta(description="The `nextCursor` of an earlier response.", extra_json_schema={"minLength": 1}),
        ]
        | UnsetType
    ) = UNSET
    limit: Annotated[int, Meta(ge=1, le=LARGEST_LIMIT, description="The number of events, at most 50.")] | UnsetType = (
        UNSET
    )

    @across("after")
    def check_after(self, call: MemberCall) -> None:
        """Raise InvalidCursor for a cursor of another list."""
        self.place(call)

    def place(self, call: MemberCall) -> Place:
        """Return the place in the log after which the page begins."""
        after = None if isinstance(self.after, UnsetType) else self.after
        scope = f"{call.member_id} {EVENTS}"
        position = cursors.position_in(call.context.settings.cursor_key, scope, after, field="after")
        return Place(*map(int, position.split("."))) if position else BEGINNING

    @property
    def size(self) -> int | None:
        """The number of events, None for the most."""
        return None if isinstance(self.limit, UnsetType) else self.limit


def _read_events(call: EarlyCall, query: EventsQuery) -> dict[Place, Event]:
    return read_events(call.context, call.member_id, query.place(call), query.size)


@begins(_read_events)
@refuses(InvalidCursor)
def get_events(call: Call, query: EventsQuery, begun: Begun[dict[Place, Event]]) -> Ok[event_schemas.EventList]:
    """List the caller's events of the last 7 days, oldest first, after the cursor `after`.

    The log keeps the latest 500 changes. `nextCursor` is always present. Ask again with it for later events.
    """
    page = list_events(call.context, call.caller, after=query.place(call), limit=query.size, begun=begun)
    shown = [event_serializers.event(details) for details in page.events]
    key = call.context.settings.cursor_key
    return Ok(event_schemas.EventList(shown, cursor_after(key, call.caller.member_id, page.last)))


def cursor_after(key: bytes, member_id: str, place: Place) -> str:
    """Return the cursor of the events that follow a place in the member's log."""
    return cursors.sign(key, f"{member_id} {EVENTS}", f"{place.sequence}.{place.number}")
