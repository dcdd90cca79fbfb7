"""Candidates of a slot, with the facts that matching needs (R20, R21)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.booking import Booking, QueuePosition
from chalicelib.domain.model.day import Day, id_prefix
from chalicelib.domain.model.member import (
    Activity,
    Gender,
    MemberRelations,
    PartnerGender,
    Profile,
    WorkStyle,
    accepts_gender,
)

Kind = tuple[Gender | None, PartnerGender, Activity, bool]


class Candidate(Struct, frozen=True):
    """A member of a slot who waits or whose random pair may move.

    `queue_position` is None for a paired candidate. `preferred` are the ids that the booking prefers: the named member,
    and the favorites if it asks for favorites. `incompatible` are the ids that the member's own block or snooze, or a
    cancellation in this slot, excludes (R1, R6, R18). `met` maps the ids of recent partners to the days since (R20). An
    entry of `incompatible` or `met` counts for both members.
    """

    member_id: str
    queue_position: QueuePosition | None = None
    work_style: WorkStyle = WorkStyle()
    gender: Gender | None = None
    partner_gender: PartnerGender = PartnerGender.ANY
    preferred: frozenset[str] = frozenset()
    incompatible: frozenset[str] = frozenset()
    met: Mapping[str, int] = MappingProxyType({})

    @property
    def sort_key(self) -> tuple[bool, datetime] | tuple[()]:
        """The key that sorts paired candidates first, then the waiting ones by queue position."""
        return self.queue_position.sort_key if self.queue_position else ()

    @property
    def displaced(self) -> bool:
        """True if the member waits because another member locked in the partner (R13)."""
        return self.queue_position is not None and self.queue_position.displaced

    @property
    def kind(self) -> Kind:
        """The settings that decide compatibility and work style. A slot has few kinds.

        Two candidates of one kind are compatible with the same candidates, except for `incompatible`.
        """
        return (self.gender, self.partner_gender, self.work_style.activity, self.work_style.quiet)

    def accepts_genders(self, other: "Candidate") -> bool:
        """Return true if the gender preferences of both members are met (R6)."""
        return accepts_gender(self.partner_gender, self.gender, other.gender) and accepts_gender(
            other.partner_gender, other.gender, self.gender
        )


def candidate_of(
    booking: Booking, day: Day, relations: MemberRelations, ids: Mapping[str, str], now: datetime
) -> Candidate:
    """Return the candidate of a booking, with the facts of its day and of its member's relations to others.

    The others' relations to the member are in their own candidates. `ids` maps id prefixes to the member ids of the
    slot's candidates. Other members are left out.
    """

    def candidates(others: Iterable[str]) -> frozenset[str]:
        return frozenset(other for other in others if ids.get(id_prefix(other)) == other)

    outgoing = relations.outgoing.items()
    favorites = (other for other, relation in outgoing if relation.favorite and booking.preference.favorites)
    excluded = (other for other, relation in outgoing if relation.keeps_apart(now))
    cancelled = frozenset(ids[prefix] for prefix in day.members_who_cancelled(booking.slot) & ids.keys())
    return Candidate(
        member_id=booking.member_id,
        queue_position=booking.queue_position and replace(booking.queue_position, since=booking.wait_counts_from),
        work_style=booking.work_style,
        gender=relations.profile.gender,
        partner_gender=relations.profile.partner_gender,
        preferred=candidates((*favorites, booking.preference.named or "")),
        incompatible=candidates(excluded) | cancelled,
        met={ids[prefix]: days for prefix, days in day.recently_met.items() if prefix in ids},
    )


def candidate_from_profile(profile: Profile) -> Candidate:
    """Return a paired candidate with gender and preference only, enough to choose movable pairs."""
    return Candidate(profile.member_id, gender=profile.gender, partner_gender=profile.partner_gender)
