"""What a trace calls the things it counts."""

from chalicelib.domain.model.booking import State

WAITS, PAIRS = "booking: waits", "booking: pairs at once"
MATCHES, FINDS_NOBODY = "stream: matches one who waits", "stream: finds nobody"
REMATCHES, MATCHES_DISPLACED = "stream: re-match after a cancel", "stream: re-match after a lock"
LOCK_OVER = ("lock: over nobody", "lock: over one random match", "lock: over two")
LOCK_OWN, LOCK_REFUSED = "lock: the two were matched", "lock: refused"
CANCEL_OF = {
    State.WAITING: "cancel: of waiting",
    State.MATCHED: "cancel: of matched",
    State.LOCKED_IN: "cancel: of locked-in",
}
LISTS = "list of two weeks of sessions"
FINALIZES, SWEEPS = "schedule: finalize, one minute", "schedule: sweep of the horizon"
SETUP = "members, settings, relations"
LOOKS = "the trace looks"
