"""Finish what is too large for one transaction: parting after a block, erasing a deleted account (R1, R33)."""

from chalicelib.domain.changes import Chore, ChoreKind
from chalicelib.domain.errors import Busy
from chalicelib.observation import observed
from chalicelib.services.delete import erase
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.part import part
from chalicelib.storage import reads
from chalicelib.storage.keys import CHORE_SHARDS
from chalicelib.storage.outcomes import NotCommitted

_WORK = {ChoreKind.PARTING: part, ChoreKind.DELETION: erase}


def do_chore(lockstep: Lockstep, chore: Chore) -> None:
    """Do a piece of work to its end, then forget it. Done twice, it has one effect."""
    _WORK[chore.kind](lockstep, chore)


def do_chore_of(lockstep: Lockstep, chore_id: str) -> None:
    """Do the piece of work of that id, unless it is done already."""
    chore = reads.chore(lockstep.table, chore_id)
    if chore:
        do_chore(lockstep, chore)


def do_chores(lockstep: Lockstep) -> None:
    """Finish whatever work was begun and not finished; what cannot be done now holds nothing else up."""
    for chore in [chore for shard in range(CHORE_SHARDS) for chore in reads.chores(lockstep.table, shard)]:
        try:
            do_chore(lockstep, chore)
        except (Busy, NotCommitted):
            observed().left += 1
