"""The eligibility oracle, a second implementation of the rules for pairs, independent of the service's."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import product

from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Availability, PartnerGender, Profile, Relation
from tests.simulation.oracles.table_history import Values, account, relation

PairFacts = tuple[Profile, Profile, Relation, Relation]


def possible_relations(moments: Iterable[Values], one: str, other: str) -> Iterator[PairFacts]:
    """Yield each pair of profiles and relations that a reader could have found within these moments.

    A reader reads the four items one by one, so they can be of different moments.
    """
    found: tuple[list[object], ...] = ([], [], [], [])
    for values in moments:
        pieces = (
            account(values, one),
            account(values, other),
            relation(values, one, other),
            relation(values, other, one),
        )
        for seen, piece in zip(found, pieces, strict=True):
            if piece not in seen:
                seen.append(piece)
    for pair_relations in product(*found):
        if isinstance(pair_relations[0], Profile) and isinstance(pair_relations[1], Profile):
            yield pair_relations  # type: ignore[misc]


def is_admitted(by: Profile, other: Profile) -> bool:
    """Return True if the gender preference of `by` permits the other member."""
    return by.partner_gender is PartnerGender.ANY or (by.gender is not None and by.gender is other.gender)


def is_snoozed(outgoing: Relation, at: datetime) -> bool:
    """Return True if the snooze is effective at an instant."""
    return outgoing.snoozed_until is not None and at < outgoing.snoozed_until


def are_compatible(pair_relations: PairFacts, at: datetime) -> bool:
    """Return True if two members may be matched at random, apart from blocks (R6, R20, R47)."""
    one, other, outgoing, incoming = pair_relations
    if one.suspension or other.suspension:
        return False
    snoozed = is_snoozed(outgoing, at) or is_snoozed(incoming, at)
    return not snoozed and is_admitted(one, other) and is_admitted(other, one)


def may_be_locked(pair_relations: PairFacts, at: datetime) -> bool:
    """Return True if the first member may lock in with the second, apart from blocks (R5, R6, R7)."""
    booker, target, outgoing, incoming = pair_relations
    if booker.suspension or target.suspension:
        return False
    if is_snoozed(outgoing, at) or is_snoozed(incoming, at) or not outgoing.favorite:
        return False
    if target.availability is Availability.FAVORITES:
        return incoming.favorite
    return target.availability is Availability.EVERYONE and is_admitted(target, booker)


def is_open(link: InviteLink, at: datetime) -> bool:
    """Return True if the link can be used at an instant (R25)."""
    used_up = link.max_uses is not None and link.uses >= link.max_uses
    return not used_up and (link.expires_at is None or at < link.expires_at)


def consents(pair_relations: PairFacts, at: datetime) -> bool:
    """Return True if the owner of an open link accepts this guest, apart from blocks (R26)."""
    guest, owner, _, incoming = pair_relations
    return not (guest.suspension or owner.suspension or is_snoozed(incoming, at))


def is_blocked(values: Values, one: str, other: str) -> bool:
    """Return True if either member blocks the other."""
    return relation(values, one, other).blocked or relation(values, other, one).blocked
