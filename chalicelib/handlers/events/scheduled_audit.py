"""The scheduled audit: a line of the log for every violation, and the counts as metrics of the run. Ids only."""

from collections import Counter
from datetime import timedelta

from chalicelib.domain.audit.invariants import Violation
from chalicelib.handlers.event_log import log_event, slot_text, text
from chalicelib.services.audit import audit
from chalicelib.services.context import Context

# Less than the function is given, so that it can say how far it came.
LIMIT = timedelta(minutes=13)


def report_audit(context: Context) -> None:
    """Walk the table for as long as there is time; tell every violation when it is found, and the counts.

    `AuditComplete` is 1 where the walk came round the whole table; it begins elsewhere each day. `violated` counts the
    violations by invariant.
    """
    now = context.clock()
    until, today = now + LIMIT, now.date().toordinal()
    items = unsettled = complete = 0
    kinds: Counter[str] = Counter()
    with log_event(context, "tick", schedule="audit") as line:
        for page in audit(context.table, context.clock, context.pause, first=today):
            items += page.items
            unsettled += page.unsettled
            for violation in page.violations:
                context.log(line_of(violation))
                kinds[violation.invariant] += 1
            if context.clock() >= until:
                break
        else:
            complete = 1
        line.fields["violated"] = kinds
        line.metrics |= {
            "AuditItems": items,
            "AuditViolations": kinds.total(),
            "AuditUnsettled": unsettled,
            "AuditComplete": complete,
        }


def line_of(violation: Violation) -> str:
    """A violation as a line of the log."""
    slot = violation.slot and slot_text(violation.slot)
    said = {"level": "error", "event": "violation", "violated": violation.invariant, "ids": violation.ids, "slot": slot}
    return text(said)
