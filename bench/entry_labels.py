"""The labels under which a trace counts its requests."""

from chalicelib.domain.model.booking import State

WAITS, PAIRS = "booking: waits", "booking: pairs at once"
MATCHES, FINDS_NO_PARTNER = "stream: matches a waiting member", "stream: finds no partner"
REMATCHES, MATCHES_DISPLACED = "stream: re-match after a cancel", "stream: re-match after a lock"
LOCK_OVER = ("lock: no match displaced", "lock: over one random match", "lock: over two random matches")
LOCK_OWN, LOCK_REFUSED = "lock: of the random partner", "lock: refused"
CANCEL_OF = {
    State.WAITING: "cancel: of waiting",
    State.MATCHED: "cancel: of matched",
    State.LOCKED_IN: "cancel: of locked-in",
}
LISTS = "list of two weeks of sessions"
FINALIZES, SWEEPS = "schedule: finalize, one minute", "schedule: sweep of the horizon"
SETUP = "members, settings, relations"
TRACE_READS = "reads of the trace itself"
