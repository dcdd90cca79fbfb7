"""The public schemas of responses, from which the OpenAPI document is generated.

Instants are in UTC and lengths in milliseconds. Their docstrings are descriptions of the document.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.model.booking import ChangeKind
from chalicelib.domain.model.demand import Demand
from chalicelib.domain.model.member import Activity, Availability, Gender, PartnerGender
from chalicelib.handlers.http.schema_types import Duration, Instant, NextCursor, SessionState, SessionType
from chalicelib.room_settings import RoomProvider

# The component with every code of a problem. openapi.py fills in the codes.
PROBLEM_CODE = "ProblemCode"


def reference(name: str) -> dict[str, str]:
    """Return the reference to another schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


class Schema(Struct, rename="camel"):
    """A body of a response, or a part of one."""


class FieldError(Schema):
    """An invalid input of a refused request."""

    field: Annotated[str, Meta(description="The name of a field, of a query parameter or of a header.")]
    detail: Annotated[str, Meta(description="The reason, in words for a person.")]


class ProblemDetails(Schema):
    """A refusal (RFC 9457). `message` repeats the detail, and `error` the title, for older clients."""

    type: str
    title: str
    status: int
    detail: Annotated[str, Meta(description="The reason and the remedy, in words for a person.")]
    instance: Annotated[str, Meta(description="The unique identifier of this request.")]
    code: Annotated[str, Meta(title=PROBLEM_CODE, description="The stable identifier of the reason, for programs.")]
    message: str
    error: str
    field: Annotated[str, Meta(description="The first invalid input, if there is one.")] | UnsetType = UNSET
    errors: Annotated[list[FieldError], Meta(description="Every invalid input, if there is one.")] | UnsetType = UNSET


class Health(Schema):
    """The state of the service."""

    status: Annotated[Literal["ok"], Meta(title="HealthStatus", description="The only state that can answer.")]


class Person(Schema):
    """A member in a list. A deleted member has the name `Former member`."""

    user_id: str
    name: str
    photo_url: str | None


class SessionChange(Schema):
    """A change of a session by another member."""

    kind: ChangeKind
    at: Instant


class Participant(Schema, kw_only=True):
    """A member of a session, first the caller and then the partner, by the data that the caller may see (R34)."""

    user_id: str
    name: Annotated[str, Meta(description="Of the partner only.")] | UnsetType = UNSET
    photo_url: Annotated[str | None, Meta(description="Of the partner only.")] | UnsetType = UNSET
    role: Annotated[str, Meta(description="Null, unless a later version gives roles.")] | None
    is_favorite: Annotated[bool, Meta(description="Of the partner only.")] | UnsetType = UNSET
    requested_at: (
        Annotated[Instant, Meta(description="The booking of the session. Absent for a partner of an old pair.")]
        | UnsetType
    ) = UNSET
    joined_at: Annotated[Instant, Meta(description="The first time at which the member joined.")] | None
    completed: Annotated[bool, Meta(description="Both members joined (R37).")]
    session_title: Annotated[str | None, Meta(description="Of the caller only.")] | UnsetType = UNSET
    activity_type: Activity
    quiet_mode: bool


class Session(Schema):
    """A booking of the caller. Its id never changes, also when the partner does."""

    session_id: str
    session_type: SessionType
    start_time: Instant
    duration: Duration
    title: str | None
    state: SessionState
    locked: Annotated[bool, Meta(description="The partner changes only if one of the two cancels (R1).")]
    final: Annotated[bool, Meta(description="Nothing but a cancel changes the partner of the random match (R22).")]
    last_change: SessionChange | None
    changes: Annotated[
        list[SessionChange],
        Meta(description="The last three, newest first. `lastChange` is the first of them."),
    ]
    cancelled_late: bool
    prefer_favorites: Annotated[bool, Meta(description="Favorites are preferred in the choice of a random partner.")]
    repeat_id: Annotated[str, Meta(description="The repeat that made the session.")] | None
    can_join: Annotated[bool, Meta(description="The session has a partner, and its members may join now (R37).")]
    room_url: Annotated[str, Meta(description="The page of the pair's room, which opens for its members only.")] | None
    users: Annotated[
        list[Participant],
        Meta(min_length=1, max_length=2, description="The caller first, then the partner if there is one."),
    ]


class OneSession(Schema):
    """A response with one session."""

    session: Session


class IceServer(Schema):
    """An entry for `iceServers` of an `RTCPeerConnection`. Only TURN servers have credentials, until `expiresAt`."""

    urls: list[str]
    username: str | UnsetType = UNSET
    credential: str | UnsetType = UNSET


class Room(Schema):
    """A room, as it opens for the caller (R41). Only the provider `lockstep` has `iceServers` and `relayOnly`."""

    provider: RoomProvider
    url: Annotated[str, Meta(description="The address that opens the room for the caller. Do not store it.")]
    expires_at: Annotated[Instant, Meta(description="The end of the room.")]
    ice_servers: Annotated[list[IceServer], Meta(description="The servers for the connection.")] | UnsetType = UNSET
    relay_only: Annotated[bool, Meta(description="Whether all media must go through a TURN server.")] | UnsetType = (
        UNSET
    )


class JoinedSession(Schema):
    """A session that the caller has joined, and its room."""

    session: Session
    room: Room


class SessionList(Schema):
    """The caller's sessions, newest first."""

    sessions: list[Session]
    next_cursor: NextCursor | UnsetType = UNSET


class BatchResult(Schema):
    """The result of one item of a batch, a session or a problem."""

    status: Annotated[int, Meta(description="The status of the same single booking: 201, 200, or that of the problem.")]
    session: Session | UnsetType = UNSET
    problem: ProblemDetails | UnsetType = UNSET


class BatchResults(Schema):
    """The results of a batch in the order of its items."""

    results: list[BatchResult]


class PublicProfile(Schema):
    """The profile of a member for every signed-in member."""

    user_id: str
    name: str
    total_session_count: Annotated[
        int,
        Meta(description="The number of ended sessions with a partner, for other members at the last UTC midnight."),
    ]
    time_zone: Annotated[str, Meta(description="An IANA time zone.")]
    photo_url: str | None
    member_since: Instant


class OtherProfile(PublicProfile):
    """The profile of another member."""

    is_favorite: bool


class OwnProfile(PublicProfile):
    """The caller's public profile and settings (R31). `needs_name` asks the caller to set a name.

    `staff` says that the caller is staff (R47).
    """

    needs_name: bool
    staff: bool
    gender: Gender | None
    partner_gender: PartnerGender
    availability: Availability
    quiet_mode: bool
    activity_type: Activity


class OtherUser(Schema):
    """A response with another member's profile."""

    user: OtherProfile


class OwnUser(Schema):
    """A response with the caller's profile and settings."""

    user: OwnProfile


class SnoozedPerson(Person):
    """A member that the caller snoozed, and the instant at which the snooze ends."""

    until: Instant


class FavoritePerson(Person):
    """A favorite of the caller. The caller is notified of new sessions of a watched one (R45)."""

    is_watched: bool


class People(Schema):
    """The members with a relation of the caller, by relation."""

    favorites: list[FavoritePerson]
    snoozed: list[SnoozedPerson]
    blocked: list[Person]
    next_cursor: NextCursor | UnsetType = UNSET


class PartnerAtSlot(Person):
    """A member with a booking in a slot. `lockable` means that the caller can lock in with this member now."""

    locked: Annotated[bool, Meta(description="Locked in with the caller.")]
    lockable: bool


class Slot(Schema):
    """A start and a length."""

    start_time: Instant
    duration: Duration


class AvailableSlot(Slot):
    """A slot in which the caller can lock in with the member (`lockable`), or has done so (`locked`)."""

    locked: bool
    lockable: bool


class AvailableSlots(Schema):
    """The availability of one member, by start."""

    slots: list[AvailableSlot]
    next_cursor: NextCursor | UnsetType = UNSET


class SharedSlot(Slot):
    """A slot in which the caller can lock in with favorites, or has done so."""

    partners: list[PartnerAtSlot]


class SharedSlots(Schema):
    """The availability of all favorites, by start."""

    slots: list[SharedSlot]
    next_cursor: NextCursor | UnsetType = UNSET


class CalendarSlot(Slot):
    """A slot of the calendar with the caller's session, the partner panel (R10) and the demand (R46)."""

    session: Session | None
    waiting: Demand
    favorites: list[PartnerAtSlot]


class Calendar(Schema):
    """The slots with a session of the caller, a visible favorite or demand, by start."""

    slots: list[CalendarSlot]
    next_cursor: NextCursor | UnsetType = UNSET
