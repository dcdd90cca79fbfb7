"""The members and slots of all runs, and their names."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from chalicelib.domain.model.ids import member_id
from chalicelib.domain.model.slot import Slot
from infra.simulation.deployment import settings

# A Monday. Every run starts around eight, and the sessions are one hour later and around midnight.
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ISSUER = "simulation"
NAMES = ("Ada", "Ben", "Cy", "Dee", "Eve", "Fay")
IDS: Mapping[str, str] = {name: member_id(ISSUER, name, settings().identity_key) for name in NAMES}
NAME_OF: Mapping[str, str] = {id_: name for name, id_ in IDS.items()}


def _slot(hours: float, minutes: int) -> Slot:
    return Slot(MORNING + timedelta(hours=hours), minutes)


# With this low limit, two cancels of one member are enough for a refusal (R36).
CANCELLED_MATCHES = 2
SLOTS: Mapping[str, Slot] = {
    "nine": _slot(1, 50),
    "half past nine": _slot(1.5, 50),
    "midnight": _slot(15.5, 50),
    "after midnight": _slot(16.25, 25),
}


@lru_cache(maxsize=100_000)
def key_text(pk: str, sk: str) -> str:
    """Return a key as text, with names for ids and without instants and versions."""
    head, *rest = pk.split("#")
    match head:
        case "MEMBER":
            owner = NAME_OF.get(rest[0], "unknown")
            kind, _, more = sk.partition("#")
            if kind == "REL":
                way, _, other = more.partition("#")
                return f"{owner} {way.lower()} {NAME_OF.get(other, 'unknown')}"
            return f"{owner} {kind.lower()} {more[5:] if kind == 'DAY' else ''}".rstrip()
        case "POOL":
            slot, who = sk[:7], NAME_OF.get(sk.rpartition("#")[2], "")
            return f"queue {rest[0][5:]} {slot} {who or 'shards' if sk else ''}".rstrip()
        case "PAIRS":
            return f"pairs {rest[0][5:]} {sk[:7]}"
        case "INVITE":
            return "invite"
    return head.lower()
