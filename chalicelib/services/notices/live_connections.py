"""The live connections of members' pages (R43)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.document import NEW
from chalicelib.domain.model.errors import Forbidden
from chalicelib.domain.model.event import Place
from chalicelib.domain.model.member import CLOCKS_DIFFER, Profile
from chalicelib.domain.model.notices import LiveConnection, LiveConnectionOwner, Subscriptions
from chalicelib.services.context import Context
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import notice_reads, reads

# API Gateway closes a connection at this age.
LONGEST = timedelta(hours=2)
# The number of connections of one member. A further one replaces the oldest (R36).
MOST_CONNECTIONS = 20

# No change has more events, so this number follows every event of a row.
MOST_EVENTS_OF_ROW = 1000

OTHER_MEMBER_DETAIL = "This connection belongs to another member. Open a new one."


class Opened(Struct, frozen=True):
    """A connection that gets the member's events from now on.

    `place` follows the latest event of the log. `replaced` are the older connections that get none from now on.
    """

    expires: datetime
    place: Place
    replaced: tuple[str, ...]


class Audience(Struct, frozen=True):
    """A member and the live connections, those that get the member's events and those whose tokens have expired."""

    member: Profile
    connections: Sequence[LiveConnection]
    expired: Sequence[LiveConnection]


def open_connection(
    context: Context,
    member: Profile,
    connection_id: str,
    *,
    token_expires: datetime,
    now: datetime,
    may_write: bool = True,
) -> Opened:
    """Let a connection get the member's events until its token expires, at most 2 hours.

    `now` is real time, as the expiry of the token. A repeated call extends an open connection. Without `may_write` the
    connection takes part in no room. Raises Forbidden for the connection of another member.
    """
    # A request with the token is accepted for the same time.
    expires = min(token_expires + CLOCKS_DIFFER, now + LONGEST)
    owner = LiveConnectionOwner(
        member_id=member.member_id, connection_id=connection_id, opened_at=now, expires=expires, may_write=may_write
    )

    def decide(_attempt: Attempt) -> Decision[Opened]:
        before = notice_reads.live_connection_owner_of(context.table, connection_id)
        if before and before.member_id != member.member_id:
            raise Forbidden(OTHER_MEMBER_DETAIL)
        found = notice_reads.subscriptions(context.table, member.member_id)
        after = replace(owner, opened_at=before.opened_at) if before else owner
        replaced = _replaced(found, connection_id, now)
        settings = found.settings
        documents = (
            # Of two connections that open at the same time, one conflicts and counts again (R36).
            DocumentChange(settings if settings.version != NEW else None, settings),
            *_writes(found, before, after),
            *(deletion for connection in replaced for deletion in _deletions(connection)),
        )
        opened = Opened(
            expires, Place(found.log.sequence, MOST_EVENTS_OF_ROW), tuple(one.connection_id for one in replaced)
        )
        return Decision(opened, WriteSet(documents=documents, present=(member.member_id,)))

    return run_transaction(context, decide)


def connection_owner(context: Context, connection_id: str, *, now: datetime) -> LiveConnectionOwner | None:
    """Return the owner of a connection, or None for one without a token or with an expired one."""
    owner = notice_reads.live_connection_owner_of(context.table, connection_id)
    return owner if owner and not owner.is_expired(now) else None


def forget_connection(context: Context, connection_id: str) -> None:
    """Delete a closed connection. It is idempotent."""

    def decide(_attempt: Attempt) -> Decision[None]:
        owner = notice_reads.live_connection_owner_of(context.table, connection_id)
        return Decision(None, WriteSet(documents=_deletions(owner.connection)) if owner else WriteSet())

    run_transaction(context, decide)


def end_connections(context: Context, member_id: str, *, but: str | None = None) -> None:
    """Close every connection of a member but the given one. It is idempotent.

    The account is deleted (R33), or the member sends too many signals (R36).
    """
    connections = notice_reads.subscriptions(context.table, member_id).connections
    found = [connection for connection in connections if connection.connection_id != but]
    documents = tuple(deletion for connection in found for deletion in _deletions(connection))
    run_transaction(context, lambda _attempt: Decision(None, WriteSet(documents=documents)))
    for connection in found:
        close_connection(context, connection.connection_id)


def close_connection(context: Context, connection_id: str) -> None:
    """Close a connection that gets no more events. One that cannot be closed now is closed by its next message."""
    with suppress(SendFailed):
        context.channels.live.close(connection_id)


def audience(context: Context, member_id: str, *, now: datetime) -> Audience | None:
    """Return the member and the live connections, or None without an account or for a suspended one (R33, R47)."""
    member = reads.profile(context.table, member_id)
    if member is None or member.suspension:
        return None
    found = notice_reads.subscriptions(context.table, member_id).connections
    expired = [connection for connection in found if connection.is_expired(now)]
    return Audience(member, [connection for connection in found if connection not in expired], expired)


def _replaced(found: Subscriptions, connection_id: str, now: datetime) -> list[LiveConnection]:
    """Return the other connections that have expired, and the oldest ones beyond the limit."""
    others = [connection for connection in found.connections if connection.connection_id != connection_id]
    expired = [connection for connection in others if connection.is_expired(now)]
    running = sorted((one for one in others if one not in expired), key=lambda one: one.opened_at)
    return expired + running[: max(0, len(running) + 1 - MOST_CONNECTIONS)]


def _writes(
    found: Subscriptions, before: LiveConnectionOwner | None, after: LiveConnectionOwner
) -> tuple[DocumentChange, DocumentChange]:
    same = next((one for one in found.connections if one.connection_id == after.connection_id), None)
    return DocumentChange(same, after.connection), DocumentChange(before, after)


def _deletions(connection: LiveConnection) -> tuple[DocumentChange, DocumentChange]:
    """Return the deletion of a connection and of its owner, also if one of them is gone already."""
    owner = LiveConnectionOwner(
        member_id=connection.member_id, connection_id=connection.connection_id, opened_at=connection.opened_at
    )
    return DocumentChange(connection, None, regardless=True), DocumentChange(owner, None, regardless=True)
