"""The shapes that go out: what presenting builds, and what the description of the API is made from.

Every instant that goes out is in UTC; every length is in milliseconds.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.booking import ChangeKind
from chalicelib.domain.model.member import Activity, Availability, Gender, PartnerGender
from chalicelib.handlers.http.schema_types import Duration, Instant, NextCursor, SessionState


def reference(name: str) -> dict[str, str]:
    """What stands for another shape in a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


class Schema(Struct, rename="camel"):
    """Something that goes out as JSON. A shape without fields of its own stands for any of its subclasses."""


class ProblemDetails(Schema):
    """A refusal (RFC 9457); `message` and `error` repeat the title for older clients."""

    type: str
    title: str
    status: int
    detail: Annotated[str, Meta(description="What is wrong and what to do, for a person.")]
    instance: Annotated[str, Meta(description="What tells this request from every other.")]
    code: Annotated[str, Meta(description="What is wrong, for a program: it stays the same.")]
    message: str
    error: str
    field: Annotated[str, Meta(description="The input at fault, where one is.")] | UnsetType = UNSET


class Health(Schema):
    """That the service answers."""

    status: Literal["ok"] = "ok"


class Person(Schema):
    """A member in a list; one whose account is gone is called `Former member`."""

    user_id: str
    name: str
    photo_url: str | None


class LastChange(Schema):
    """What last happened to a session by somebody else's doing."""

    kind: ChangeKind
    at: Instant


class Participant(Schema):
    """A member of a session: the caller, always first, or the partner."""


class CurrentParticipant(Participant):
    """The caller in a session of their own."""

    user_id: str
    role: None
    requested_at: Instant
    joined_at: None
    completed: Annotated[bool, Meta(description="There was a partner, and the end has passed.")]
    session_title: str | None
    activity_type: Activity
    quiet_mode: bool


class SessionPartner(Participant):
    """What a member may see of the partner (R34)."""

    user_id: str
    name: str
    photo_url: str | None
    role: None
    is_favorite: bool
    activity_type: Activity
    quiet_mode: bool


Participants = Annotated[
    tuple[Participant, ...],
    Meta(
        description="The caller, then the partner, if there is one.",
        extra_json_schema={
            "prefixItems": [reference(CurrentParticipant.__name__), reference(SessionPartner.__name__)],
            "minItems": 1,
            "maxItems": 2,
        },
    ),
]


class Session(Schema):
    """A booking as its owner sees it. Its id stays the same, whoever the partner is."""

    session_id: str
    session_type: Literal["paired"]
    start_time: Instant
    duration: Duration
    title: str | None
    state: SessionState
    locked: Annotated[bool, Meta(description="The partner changes only if one of the two cancels (R1).")]
    final: Annotated[bool, Meta(description="A random match that is neither moved nor overridden any more (R22).")]
    last_change: LastChange | None
    cancelled_late: bool
    room_url: Annotated[str, Meta(description="Both members of a pair get the same one.")] | None
    users: Participants


class OneSession(Schema):
    """An answer that holds one session."""

    session: Session


class Sessions(Schema):
    """The caller's sessions, newest first."""

    sessions: list[Session]
    next_cursor: NextCursor | UnsetType = UNSET


class BatchResult(Schema):
    """What became of one item of a batch."""


class BatchedSession(BatchResult):
    """The item was booked."""

    session: Session


class BatchedProblem(BatchResult):
    """The item was refused, as it would have been alone."""

    problem: ProblemDetails


class BatchResults(Schema):
    """What became of the items, in their order."""

    results: list[BatchResult]


class PublicProfile(Schema):
    """What anybody signed in may see of a member."""

    user_id: str
    name: str
    total_session_count: Annotated[int, Meta(description="Sessions with a partner that are over.")]
    time_zone: Annotated[str, Meta(description="An IANA time zone.")]
    photo_url: str | None
    member_since: Instant


class OtherProfile(PublicProfile):
    """Another member, and whether the caller favorited them."""

    is_favorite: bool


class OwnProfile(PublicProfile):
    """What a member sees of themself: the public profile and the settings (R31)."""

    gender: Gender | None
    partner_gender: PartnerGender
    availability: Availability
    quiet_mode: bool
    activity_type: Activity


class OtherUser(Schema):
    """An answer about another member."""

    user: OtherProfile


class OwnUser(Schema):
    """An answer about the caller."""

    user: OwnProfile


class SnoozedPerson(Person):
    """Somebody whom the caller snoozed, and until when."""

    until: Instant


class People(Schema):
    """Those about whom the caller says something, by what is said."""

    favorites: list[Person]
    snoozed: list[SnoozedPerson]
    blocked: list[Person]
    next_cursor: NextCursor | UnsetType = UNSET


class PartnerAtSlot(Person):
    """Somebody with a booking in a slot; `lockable` if the caller can be locked in with them now."""

    locked: Annotated[bool, Meta(description="Locked in with the caller.")]
    lockable: bool


class Slot(Schema):
    """A start and a length."""

    start_time: Instant
    duration: Duration


class AvailableSlot(Slot):
    """A slot in which the caller can lock a member in (`lockable`), or has (`locked`)."""

    locked: bool
    lockable: bool


class AvailableSlots(Schema):
    """One member's availability, by start."""

    slots: list[AvailableSlot]
    next_cursor: NextCursor | UnsetType = UNSET


class SharedSlot(Slot):
    """A slot in which the caller can lock favorites in, or has."""

    partners: list[PartnerAtSlot]


class SharedSlots(Schema):
    """The availability of all favorites, by start."""

    slots: list[SharedSlot]
    next_cursor: NextCursor | UnsetType = UNSET


class CalendarSlot(Slot):
    """A slot of the calendar: the caller's own session there, and the partner panel (R10)."""

    session: Session | None
    favorites: list[PartnerAtSlot]


class Calendar(Schema):
    """The slots in which the caller has a session or a favorite can be seen, by start."""

    slots: list[CalendarSlot]
    next_cursor: NextCursor | UnsetType = UNSET


class InviteLink(Schema):
    """An invite link as its owner sees it; null sets no such limit."""

    invite_link_id: str
    session_id: Annotated[str, Meta(description="The one session that it is for.")] | None
    expires_at: Instant | None
    max_uses: int | None
    uses: int


class NewInviteLink(InviteLink):
    """A link just made, and its address, which is told this once."""

    url: str


class OneInviteLink(Schema):
    """An answer to making an invite link."""

    invite_link: NewInviteLink


class InviteLinks(Schema):
    """The caller's invite links that were not revoked."""

    invite_links: list[InviteLink]
    next_cursor: NextCursor | UnsetType = UNSET


class NamedApiKey(Schema):
    """An API key by what its owner calls it, and what it may do."""

    api_key_id: str
    name: str
    scope: Scope


class ApiKey(NamedApiKey):
    """A personal API key as its owner sees it (R35)."""

    last_used: Annotated[str, Meta(description="A date in UTC.", extra_json_schema={"format": "date"})] | None


class NewApiKey(NamedApiKey):
    """A key just made, and its text, which is told this once."""

    key: str


class OneApiKey(Schema):
    """An answer to making an API key."""

    api_key: NewApiKey


class ApiKeys(Schema):
    """The caller's API keys that were not revoked."""

    api_keys: list[ApiKey]
    next_cursor: NextCursor | UnsetType = UNSET


class Host(Schema):
    """The owner of an invite link, as anybody may see them."""

    name: str
    photo_url: str | None


class Invite(Schema):
    """What an invite link shows to anybody (R27)."""

    host: Host
    slots: list[Slot]


class ExportedSession(Session):
    """A session with what the member asked for."""

    prefer_favorites: bool
    preferred_partner_id: str | None


class ExportedPerson(Person):
    """Everything that the member says about somebody."""

    favorite: bool
    snoozed_until: Instant | None
    blocked: bool


class ExportedInviteLink(InviteLink):
    """A link and when it was made."""

    made_at: Instant


class ExportedApiKey(ApiKey):
    """A key and when it was made."""

    made_at: Instant


class Export(Schema):
    """Everything stored about the caller (R33)."""

    user: OwnProfile
    earlier_account_deleted_at: Instant | None
    sessions: list[ExportedSession]
    people: list[ExportedPerson]
    invite_links: list[ExportedInviteLink]
    api_keys: list[ExportedApiKey]
