"""The scheduled audit: a line in the log for every violation, and one line of metrics at the end. Ids only."""

import json
import logging
from collections import Counter
from datetime import datetime, timedelta

from chalicelib.domain.invariants import Violation
from chalicelib.services.audit import audit
from chalicelib.services.lockstep import Lockstep

log = logging.getLogger(__name__)

# Less than the function is given, so that it can say how far it came.
LIMIT = timedelta(minutes=13)
NAMESPACE = "Lockstep"


def report_audit(lockstep: Lockstep) -> None:
    """Walk the table for as long as there is time; log every violation when it is found, and tell the counts.

    `AuditComplete` is 1 where the walk came to the end of the table.
    """
    until = lockstep.clock() + LIMIT
    items = unsettled = complete = 0
    kinds: Counter[str] = Counter()
    for page in audit(lockstep.clock, lockstep.pause):
        items += page.items
        unsettled += page.unsettled
        for violation in page.violations:
            log.error(line_of(violation))
            kinds[violation.invariant] += 1
        if lockstep.clock() >= until:
            break
    else:
        complete = 1
    counts = {
        "AuditItems": items,
        "AuditViolations": kinds.total(),
        "AuditUnsettled": unsettled,
        "AuditComplete": complete,
    }
    lockstep.tell(metrics(lockstep.settings.table, lockstep.clock(), counts, kinds))


def line_of(violation: Violation) -> str:
    """A violation as a line of the log."""
    slot = violation.slot and f"{violation.slot.start:%Y-%m-%dT%H:%MZ}/{violation.slot.minutes}"
    return json.dumps({"violated": violation.invariant, "ids": violation.ids, "slot": slot})


def metrics(table: str, now: datetime, counts: dict[str, int], kinds: dict[str, int]) -> str:
    """Counts as CloudWatch takes metrics from a line of the log (its embedded metric format).

    `kinds`, the violations by invariant, stand beside them for whoever reads the line.
    """
    declared = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Table"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    about = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [declared]}
    return json.dumps({"_aws": about, "Table": table, **counts, "violated": kinds})
