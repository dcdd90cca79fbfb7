"""Violations of the invariants as a person reads them: names for ids, and a sentence for what is wrong."""

from chalicelib.domain.audit.invariants import Invariant, Violation
from tests.simulation.scenarios.cast import NAME_OF

_SENTENCES = {
    Invariant.READABLE: "there is an item that nobody can read",
    Invariant.VERSION: "{0}'s day is stored without ever having been written",
    Invariant.FORM: "a booking of {0} contradicts itself",
    Invariant.NOT_ONESELF: "{0} is paired with {0}",
    Invariant.MUTUAL: "{0} is paired with {1}, who is not paired with {0}",
    Invariant.NO_OVERLAP: "{0} holds two bookings that overlap",
    Invariant.OVERNIGHT: "{0}'s booking past midnight and {0}'s next day do not agree",
    Invariant.ROW: "{0} waits or is matched, and no row of the pool says so",
    Invariant.SURPLUS_ROW: "a row of the pool names {0}, and no booking asks for it",
    Invariant.QUEUE_SHARD: "{0} stands in a lane that nobody looks into",
    Invariant.QUEUE_SHARDS: "the lanes of the slot do not agree on how many there are",
    Invariant.OWN_ROOM: "two pairs have the same room",
    Invariant.BLOCK: "{0} blocks {1}, and the two have a pair ahead",
    Invariant.DELETION: "{0} has no account, and has a booking ahead",
    Invariant.JOB: "{0}'s account is deleted, and nobody is left to erase it",
    Invariant.MIRROR: "what {0} says about {1} is not the same with both",
    Invariant.INVITE_USES: "{0}'s invite link is used more often than it may be",
    Invariant.INVITE_LISTED: "{0}'s invite link and {0}'s list of links do not agree",
    Invariant.KEY_LISTED: "{0}'s API key and {0}'s list of keys do not agree",
}


def describe_violation(violation: Violation) -> str:
    """What is wrong, and when the slot begins that it is about."""
    names = [NAME_OF.get(id_, "somebody") for id_ in (*violation.ids, "")]
    at = f" ({violation.slot.start:%H:%M})" if violation.slot else ""
    return _SENTENCES[violation.invariant].format(*names) + at
