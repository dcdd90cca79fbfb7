"""The scheduled audit.

Each violation becomes one log line. The line of the run has the counts as metrics. Lines contain ids and no names.
"""

from collections import Counter
from datetime import timedelta

from chalicelib.domain.audit.invariants import Violation
from chalicelib.handlers.event_log import line_text, log_event, slot_text
from chalicelib.services.audit import audit
from chalicelib.services.context import Context

# Shorter than the function's timeout, so that the run can still log its counts.
LIMIT = timedelta(minutes=13)


def report_audit(context: Context) -> None:
    """Audit the table for at most `LIMIT` and log each violation when it is found.

    Each day the audit begins at another segment of the table. `AuditComplete` is 1 if it covered the whole table.
    `violated` counts the violations by invariant.
    """
    now = context.clock()
    deadline, first_segment = now + LIMIT, now.date().toordinal()
    items = unsettled = complete = 0
    by_invariant: Counter[str] = Counter()
    with log_event(context, "tick", schedule="audit") as line:
        for page in audit(context.table, context.clock, context.pause, first=first_segment):
            items += page.items
            unsettled += page.unsettled
            for violation in page.violations:
                context.log(line_of(violation))
                by_invariant[violation.invariant] += 1
            if context.clock() >= deadline:
                break
        else:
            complete = 1
        line.fields["violated"] = by_invariant
        line.metrics |= {
            "AuditItems": items,
            "AuditViolations": by_invariant.total(),
            "AuditUnsettled": unsettled,
            "AuditComplete": complete,
        }


def line_of(violation: Violation) -> str:
    """Format a violation as a log line."""
    slot = violation.slot and slot_text(violation.slot)
    return line_text(
        {"level": "error", "event": "violation", "violated": violation.invariant, "ids": violation.ids, "slot": slot}
    )
