"""Who may be paired with whom, told from the rules alone: a second opinion, of which the product knows nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import product

from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Availability, PartnerGender, Profile, Relation
from tests.simulation.oracles.table_history import Values, account, relation

PairFacts = tuple[Profile, Profile, Relation, Relation]


def pairs_relations(moments: Iterable[Values], one: str, other: str) -> Iterator[PairFacts]:
    """How two stood to each other, as whoever read it piece by piece in the course of these moments may have found."""
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
    """Whether a member's gender preference admits somebody."""
    return by.partner_gender is PartnerGender.ANY or (by.gender is not None and by.gender is other.gender)


def is_snoozed(outgoing: Relation, at: datetime) -> bool:
    """Whether a snooze holds at an instant."""
    return outgoing.snoozed_until is not None and at < outgoing.snoozed_until


def suit(pair_relations: PairFacts, at: datetime) -> bool:
    """Whether two may be paired at random, a block apart (R6, R20)."""
    one, other, outgoing, incoming = pair_relations
    snoozed = is_snoozed(outgoing, at) or is_snoozed(incoming, at)
    return not snoozed and is_admitted(one, other) and is_admitted(other, one)


def may_be_locked(pair_relations: PairFacts, at: datetime) -> bool:
    """Whether one may lock in with the other, a block apart (R5, R6, R7)."""
    _, target, outgoing, incoming = pair_relations
    if is_snoozed(outgoing, at) or is_snoozed(incoming, at) or not outgoing.favorite:
        return False
    if target.availability is Availability.FAVORITES:
        return incoming.favorite
    return target.availability is Availability.EVERYONE and is_admitted(target, pair_relations[0])


def is_open(link: InviteLink, at: datetime) -> bool:
    """Whether a link can be used at an instant, whoever uses it (R25)."""
    used_up = link.max_uses is not None and link.uses >= link.max_uses
    return not used_up and (link.expires_at is None or at < link.expires_at)


def consents(pair_relations: PairFacts, at: datetime) -> bool:
    """Whether an owner's open link is good for a guest, a block apart (R26)."""
    return not is_snoozed(pair_relations[3], at)


def is_blocked(values: Values, one: str, other: str) -> bool:
    """Whether either blocks the other."""
    return relation(values, one, other).blocked or relation(values, other, one).blocked
