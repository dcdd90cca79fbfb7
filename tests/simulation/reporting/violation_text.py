"""Violations of the invariants as text, with names for ids."""

from chalicelib.domain.audit.invariants import Invariant, Violation
from tests.simulation.scenarios.cast import NAME_OF

_SENTENCES = {
    Invariant.READABLE: "an item cannot be read",
    Invariant.VERSION: "{0}'s day is stored without a version",
    Invariant.FORM: "a booking of {0} contradicts itself",
    Invariant.NOT_ONESELF: "{0} is paired with {0}",
    Invariant.MUTUAL: "{0} is paired with {1}, who is not paired with {0}",
    Invariant.NO_OVERLAP: "{0} holds two bookings that overlap",
    Invariant.OVERNIGHT: "{0}'s booking past midnight and {0}'s next day do not agree",
    Invariant.ROW: "{0} waits or is matched, but the row of the queue is missing",
    Invariant.SURPLUS_ROW: "a row of the queue names {0}, who has no such booking",
    Invariant.QUEUE_SHARD: "{0} waits in a queue shard that is not searched",
    Invariant.QUEUE_SHARDS: "the queue shards of a slot do not agree on their number",
    Invariant.OWN_ROOM: "two pairs have the same room",
    Invariant.BLOCK: "{0} blocks {1}, and the two have a pair ahead",
    Invariant.DELETION: "{0} has no account, and has a booking ahead, an empty day, a relation or an API key",
    Invariant.SUSPENSION: "{0} is suspended, and has a booking ahead",
    Invariant.JOB: "{0}'s account is deleted, but neither erased nor the subject of a job",
    Invariant.MIRROR: "{0}'s favorite {1} and the copy of it do not agree",
    Invariant.INVITE_USES: "{0}'s invite link has more uses than its maximum",
    Invariant.INVITE_LISTED: "{0}'s invite link and {0}'s list of links do not agree",
    Invariant.KEY_LISTED: "{0}'s API key and {0}'s list of keys do not agree",
    Invariant.TITLE: "{0}'s booking and the item of its long title do not agree",
}


def describe_violation(violation: Violation) -> str:
    """Return the violation as text, with the time of its slot."""
    names = [NAME_OF.get(id_, "unknown") for id_ in (*violation.ids, "")]
    at = f" ({violation.slot.start:%H:%M})" if violation.slot else ""
    return _SENTENCES[violation.invariant].format(*names) + at
