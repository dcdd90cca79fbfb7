"""The snapshot of a started function, which AWS Lambda restores as many functions (SnapStart).

Before the snapshot the function loads what its first request needs. After each restore it makes new what the restored
functions must not share. Ids and secrets come from the operating system, which has new randomness after a restore.
"""

import random
from importlib import import_module

from chalicelib.handlers.bootstrap import connect_channels
from chalicelib.services.context import Context

# Imported with the first request otherwise.
FIRST_NEEDED = (
    "chalicelib.handlers.http.api",
    "chalicelib.handlers.http.identity.tokens",
    "chalicelib.handlers.http.resources.availability",
    "chalicelib.handlers.http.resources.members",
    "chalicelib.handlers.http.resources.sessions",
    "jwt",
)


def register_hooks(context: Context) -> None:
    """Let the Lambda runtime, the only one with these hooks, call the functions below."""
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot
    except ImportError:
        return
    register_before_snapshot(prepare, context)
    register_after_restore(renew, context)


def prepare(context: Context) -> None:
    """Load the modules of the first requests, and the client of the table with its description of the service."""
    for name in FIRST_NEEDED:
        import_module(name)
    context.table.connect()


def renew(context: Context) -> None:
    """Make new clients, whose connections are closed by now, and forget what was cached.

    Libraries draw the jitter of their retries and the boundaries of mails from Python's own generator, of which all
    restored functions have the same state.
    """
    random.seed()
    context.table.disconnect()
    context.queue_shards.clear()
    context.channels = connect_channels(context.settings)
