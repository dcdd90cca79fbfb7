"""The assertion of all invariants, with which every test of use cases ends."""

from datetime import datetime

from chalicelib.domain.audit.invariants import violations
from chalicelib.domain.audit.snapshot import Snapshot


def check_all(snapshot: Snapshot, now: datetime) -> None:
    """Raise AssertionError with every violation of the snapshot, if there is one."""
    found = list(violations(snapshot, now))
    assert not found, "\n".join(map(str, found))
