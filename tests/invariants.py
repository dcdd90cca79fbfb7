"""The assertion that the invariants hold: what every test of use cases ends with."""

from datetime import datetime

from chalicelib.domain.audit.invariants import violations
from chalicelib.domain.audit.snapshot import Snapshot


def check_all(snapshot: Snapshot, now: datetime) -> None:
    """Raise AssertionError, saying who and where, unless the whole table is in order."""
    found = list(violations(snapshot, now))
    assert not found, "\n".join(map(str, found))
