"""Entrants: the bookings of one slot as its finalizing sees them (R20, R21)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

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
    """A member who waits, or is in a random pair that may be moved: then there is no `turn`.

    `wishes` are those asked for: by name, or the favorites where favorites were asked for. `apart` are those whom the
    member may not be paired with, for a block, a snooze or a cancelling there; it is enough that one of the two has
    the other there. `met` are those met lately; of that, too, one side is enough.
    """

    member_id: str
    queue_position: QueuePosition | None = None
    work_style: WorkStyle = WorkStyle()
    gender: Gender | None = None
    partner_gender: PartnerGender = PartnerGender.ANY
    wishes: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    met: frozenset[str] = frozenset()

    @property
    def place(self) -> tuple[bool, datetime] | tuple[()]:
        """Sorts those who have a partner before those who wait, and these by their turns."""
        return self.queue_position.sort_key if self.queue_position else ()

    @property
    def displaced(self) -> bool:
        """Whether the member waits because a partner was locked in by another (R13)."""
        return self.queue_position is not None and self.queue_position.displaced

    @property
    def kind(self) -> Kind:
        """What it has in common with others: the same people suit them, but for exceptions. There are few kinds."""
        return (self.gender, self.partner_gender, self.work_style.activity, self.work_style.quiet)

    def meets_preferences(self, other: "Candidate") -> bool:
        """Whether the gender preferences of both are met (R6)."""
        return accepts_gender(self.partner_gender, self.gender, other.gender) and accepts_gender(
            other.partner_gender, other.gender, self.gender
        )


def candidate_of(
    booking: Booking, day: Day, known: MemberRelations, members: Mapping[str, str], now: datetime
) -> Candidate:
    """The entrant that a booking of a day makes, for what is known of its member.

    `members` are the ids of all who enter, by their beginnings: nobody else counts.
    """

    def here(others: Iterable[str]) -> frozenset[str]:
        return frozenset(other for other in others if members.get(id_prefix(other)) == other)

    favorites = (other for other, said in known.outgoing.items() if said.favorite and booking.preference.favorites)
    kept_apart = (other for says in (known.outgoing, known.incoming) for other in says if says[other].shuts_out(now))
    return Candidate(
        member_id=booking.member_id,
        queue_position=booking.queue_position,
        work_style=booking.work_style,
        gender=known.profile.gender,
        partner_gender=known.profile.partner_gender,
        wishes=here((*favorites, booking.preference.named or "")),
        apart=here((*kept_apart, *day.members_who_cancelled(booking.slot))),
        met=frozenset(members[met] for met in day.met_lately & members.keys()),
    )


def candidate_from_profile(profile: Profile) -> Candidate:
    """What a profile tells of somebody who is in a random pair: enough to look whether the pair may be of use."""
    return Candidate(profile.member_id, gender=profile.gender, partner_gender=profile.partner_gender)
