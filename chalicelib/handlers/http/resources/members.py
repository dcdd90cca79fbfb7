"""The views of `/v1/me` and `/v1/users`, the profiles and settings of members (R31)."""

from collections.abc import Iterator
from typing import TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import InvalidRequest, NotFound
from chalicelib.domain.model.member import Activity, Availability, Gender, PartnerGender, Profile, WorkStyle
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall
from chalicelib.handlers.http.inputs import display_text
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import Body
from chalicelib.handlers.http.operations import Done, Ok, begins, refuses
from chalicelib.handlers.http.responses import account_schemas, account_serializers, schemas, serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.members.api_keys import all_keys, list_uses
from chalicelib.services.members.attendance import attendance_of, days_scored
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.export import export_account
from chalicelib.services.members.profiles import MemberRead, change_profile, read_member, view_member, view_self

T = TypeVar("T")


class ProfileBody(Body):
    """A change of profile and settings. Absent fields stay unchanged."""

    name: display_text.Name | UnsetType = UNSET
    time_zone: schema_types.TimeZone | UnsetType = UNSET
    photo_url: schema_types.PhotoUrl | None | UnsetType = UNSET
    gender: Gender | None | UnsetType = UNSET
    partner_gender: PartnerGender | UnsetType = UNSET
    availability: Availability | UnsetType = UNSET
    quiet_mode: bool | UnsetType = UNSET
    activity_type: Activity | UnsetType = UNSET

    @across("gender", "partner_gender")
    def check_gender(self, call: Call) -> None:
        """Raise InvalidRequest for the preference `same` without a gender (R6)."""
        self._check_gender_of(call.caller)

    def _check_gender_of(self, profile: Profile) -> None:
        gender, partner_gender = _or(self.gender, profile.gender), _or(self.partner_gender, profile.partner_gender)
        if partner_gender is PartnerGender.SAME and gender is None:
            invalid = "gender" if self.partner_gender is UNSET else "partnerGender"
            raise InvalidRequest(input_texts.MISSING_GENDER, field=invalid)

    def applied_to(self, profile: Profile) -> Profile:
        """Return the changed profile. Raises InvalidRequest for the preference `same` without a gender (R6)."""
        self._check_gender_of(profile)
        work_style = WorkStyle(
            _or(self.activity_type, profile.work_style.activity),
            _or(self.quiet_mode, profile.work_style.quiet),
        )
        renamed = profile if isinstance(self.name, UnsetType) else profile.named(display_text.shown(self.name, "name"))
        return replace(
            renamed,
            time_zone=_or(self.time_zone, profile.time_zone),
            photo_url=_or(self.photo_url, profile.photo_url),
            gender=_or(self.gender, profile.gender),
            partner_gender=_or(self.partner_gender, profile.partner_gender),
            availability=_or(self.availability, profile.availability),
            work_style=work_style,
        )


def get_me(call: Call) -> Ok[schemas.OwnUser]:
    """Get the caller's profile and settings."""
    return Ok(schemas.OwnUser(serializers.own_profile(view_self(call.context, call.caller), is_staff=call.is_staff)))


def patch_me(call: Call, body: ProfileBody) -> Ok[schemas.OwnUser]:
    """Change the caller's profile and settings. Absent fields stay unchanged."""
    profile = change_profile(call.context, call.caller.member_id, body.applied_to)
    return Ok(schemas.OwnUser(serializers.own_profile(view_self(call.context, profile), is_staff=call.is_staff)))


def delete_me(call: Call) -> Done:
    """Delete the caller's account. Tokens issued before the deletion become invalid (R33)."""
    delete_account(call.context, call.caller.member_id, deleted_at=call.token_clock())
    return Done()


def _read_keys(call: EarlyCall) -> list[ApiKey]:
    return all_keys(call.context, call.member_id)


@begins(_read_keys)
def get_access(call: Call, begun: Begun[list[ApiKey]]) -> Ok[account_schemas.AccessUses]:
    """List the uses of the caller's API keys and bearer tokens in the last 30 days."""
    return Ok(account_schemas.AccessUses(account_serializers.uses(list_uses(call.context, call.caller, begun))))


def _read_attendance(call: EarlyCall) -> Iterator[Day]:
    return days_scored(call.context, call.member_id)


@begins(_read_attendance)
def get_attendance(call: Call, begun: Begun[Iterator[Day]]) -> Ok[account_schemas.OwnAttendance]:
    """Get the caller's attendance score, of the last 20 paired sessions that ended (R39)."""
    score = attendance_of(call.context, call.caller, begun)
    return Ok(account_schemas.OwnAttendance(account_serializers.attendance(score)))


def get_export(call: Call) -> Ok[account_schemas.Export]:
    """Export all data that is stored about the caller."""
    return Ok(account_serializers.export(export_account(call.context, call.caller), is_staff=call.is_staff))


def _read_user(call: EarlyCall, userId: str) -> MemberRead:  # noqa: N803 - the name in the path
    return read_member(call.context, call.member_id, userId)


@begins(_read_user)
@refuses(NotFound)
def get_user(call: Call, userId: str, begun: Begun[MemberRead]) -> Ok[schemas.OtherUser]:  # noqa: N803
    """Get another member's public profile."""
    return Ok(schemas.OtherUser(serializers.other_profile(view_member(call.context, call.caller, userId, begun))))


def _or(given: T | UnsetType, present: T) -> T:
    return present if isinstance(given, UnsetType) else given
