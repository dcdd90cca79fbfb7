"""Commits whose outcome a test compares."""

from chalicelib.domain.decisions.write_set import WriteSet
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.transactions import commit
from tests.harness import World


def try_commit(world: World, changes: WriteSet) -> type[TableRequestFailed] | None:
    """Commit the changes, and return the outcome of a failure or None."""
    try:
        commit(world.table, changes, token=world.context.token(26), now=world.now)
    except TableRequestFailed as outcome:
        return type(outcome)
    return None
