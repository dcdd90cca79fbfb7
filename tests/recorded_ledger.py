"""A ledger in memory, in place of the bucket of a deployment."""

from datetime import datetime

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from tests.harness import World


class RecordedLedger:
    """A ledger that keeps its entries. It fails as often as `failures` says, before it accepts any."""

    def __init__(self, failures: int = 0) -> None:
        self.accepted: list[LedgerEntry] = []
        self.failures = failures

    def put(self, entry: LedgerEntry) -> None:
        """Accept an entry."""
        if self.failures:
            self.failures -= 1
            raise SendFailed("ledger")
        self.accepted.append(entry)

    def entries(self, kind: LedgerKind, since: datetime) -> list[LedgerEntry]:
        """Return the entries of a kind from an instant on. A bucket has one object for each."""
        return [entry for entry in dict.fromkeys(self.accepted) if entry.kind is kind and entry.at >= since]


def record_acts(world: World, failures: int = 0) -> RecordedLedger:
    """Replace the ledger of a deployment, and return the new one."""
    ledger = RecordedLedger(failures)
    world.context.channels.ledger = ledger  # type: ignore[assignment]  # It has the same methods.
    return ledger
