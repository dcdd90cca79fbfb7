"""The public schemas of a member's invite links, API keys and data export."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.api_key import Scope
from chalicelib.handlers.http.responses.export_schemas import ExportedNotices, ExportedReport
from chalicelib.handlers.http.responses.repeat_schemas import Repeat
from chalicelib.handlers.http.responses.schemas import OwnProfile, Person, Schema, Session, Slot
from chalicelib.handlers.http.schema_types import Instant, NextCursor


class InviteLink(Schema):
    """An invite link of the caller. A limit that is null does not apply."""

    invite_link_id: str
    session_id: Annotated[str, Meta(description="The only session that the link offers.")] | None
    expires_at: Instant | None
    max_uses: int | None
    uses: int


class NewInviteLink(InviteLink):
    """A new invite link with its address, which no later response contains."""

    url: str


class OneInviteLink(Schema):
    """The response to the creation of an invite link."""

    invite_link: NewInviteLink


class InviteLinkList(Schema):
    """The caller's invite links that are not revoked."""

    invite_links: list[InviteLink]
    next_cursor: NextCursor | UnsetType = UNSET


class Attendance(Schema):
    """The caller's attendance in the last 20 paired sessions that ended (R39)."""

    score: Annotated[float, Meta(ge=0, le=1, description="The share joined in time. Null without a session.")] | None
    sessions: Annotated[int, Meta(ge=0, le=20, description="The number of sessions that count.")]
    joined_in_time: Annotated[int, Meta(ge=0, le=20, description="The number joined within 5 minutes of the start.")]


class OwnAttendance(Schema):
    """A response with the caller's attendance."""

    attendance: Attendance


class NamedApiKey(Schema):
    """The name, the scope and the expiry of an API key."""

    api_key_id: str
    name: str
    scope: Scope
    expires_at: Instant | None


class ApiKey(NamedApiKey):
    """An API key of the caller (R35)."""

    last_used: (
        Annotated[str, Meta(description="The UTC date of the last use.", extra_json_schema={"format": "date"})] | None
    )


class NewApiKey(NamedApiKey):
    """A new API key with its secret text, which no later response contains."""

    key: str


class OneApiKey(Schema):
    """The response to the creation of an API key."""

    api_key: NewApiKey


class ApiKeyList(Schema):
    """The caller's API keys that are not revoked."""

    api_keys: list[ApiKey]
    next_cursor: NextCursor | UnsetType = UNSET


class AccessUse(Schema):
    """The use of one credential on one UTC date, with the kinds of requests (R35)."""

    credential: Annotated[str, Meta(description="The id of an API key, or `browser` for bearer tokens.")]
    name: Annotated[str, Meta(description="The name of the API key.")] | None
    day: Annotated[str, Meta(description="A UTC date.", extra_json_schema={"format": "date"})]
    kinds: list[AccessKind]


class AccessUses(Schema):
    """The uses of the caller's credentials in the last 30 days, the latest day first."""

    uses: list[AccessUse]


class Host(Schema):
    """The owner of an invite link, by public name and picture."""

    name: str
    photo_url: str | None


class Invite(Schema):
    """The public view of an invite link, with its owner and the free slots (R27)."""

    host: Host
    slots: list[Slot]
    sessions: (
        Annotated[
            list[Session],
            Meta(
                description="The caller's locked-in sessions with the owner that have not ended, with credentials only."
            ),
        ]
        | UnsetType
    ) = UNSET


class ExportedSession(Session):
    """A session with the member that its booking prefers as its partner."""

    preferred_partner_id: str | None


class ExportedPerson(Person):
    """All relations of the caller to another member."""

    favorite: bool
    snoozed_until: Instant | None
    blocked: bool
    watched: bool


class ExportedInviteLink(InviteLink):
    """An invite link with the instant of its creation."""

    made_at: Instant
    made_by: Annotated[str, Meta(description="The id of the API key that made the link.")] | None


class ExportedApiKey(ApiKey):
    """An API key with the instant of its creation."""

    made_at: Instant


class Export(Schema):
    """All data that is stored about the caller (R33)."""

    user: OwnProfile
    earlier_account_deleted_at: Instant | None
    sessions: list[ExportedSession]
    repeats: list[Repeat]
    people: list[ExportedPerson]
    invite_links: list[ExportedInviteLink]
    api_keys: list[ExportedApiKey]
    uses: list[AccessUse]
    notices: ExportedNotices
    reports: list[ExportedReport]
