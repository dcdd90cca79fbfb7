"""The four use cases of `bench.server` on PostgreSQL, each in one transaction with row locks.

What decides about the answers of the bench is here: who may lock, who is displaced, which two are matched, and what a
member sees. The rest is not: gender preferences, snoozes, favorites and meetings in a match, events, idempotency keys,
limits of a day, work styles and cursors. A transaction locks the row of its caller, then that of the slot, so that none
waits for another in a circle.
"""

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

SCHEMA = Path(__file__).with_name("postgres_schema.sql")
MOST_AHEAD = 200
# From this number of waiting members on a slot shows `many` (R46).
MANY = 5

Row = dict[str, Any]


class Refused(Exception):
    """A refusal with the code of its problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def connect(address: str) -> Connection[Row]:
    """Return a connection whose rows are dictionaries."""
    return Connection.connect(address, autocommit=True, row_factory=dict_row)


def sign_in(database: Connection[Row], name: str) -> tuple[str, str]:
    """Create a member, and return the id and the token."""
    member, token = secrets.token_hex(8), secrets.token_hex(16)
    database.execute("INSERT INTO member (id, name, token) VALUES (%s, %s, %s)", (member, name, token))
    return member, token


def favor(database: Connection[Row], token: str, other: str) -> None:
    """Make another member a favorite of the caller."""
    with database.transaction():
        database.execute(
            "INSERT INTO relation (member, other, favorite) VALUES (%s, %s, true) "
            "ON CONFLICT (member, other) DO UPDATE SET favorite = true",
            (_caller(database, token), other),
        )


def book(database: Connection[Row], token: str, start: datetime, minutes: int, partner: str | None) -> tuple[bool, Row]:
    """Book a slot, locked in with `partner` if given. Return whether anything changed, and the session (R3, R12, R20).

    Raises Refused.
    """
    with database.transaction():
        me = _locked_caller(database, token)
        _lock_slot(database, start, minutes)
        target = _lockable(database, me, start, minutes, partner) if partner else None
        own = _own_booking(database, me, start, minutes)
        # The caller has what the request asks for.
        if own and (own["partner"] == target["id"] and own["state"] == "locked_in" if target else True):
            return False, _session(database, own["id"])
        if own and own["state"] == "locked_in":
            raise Refused("time_conflict")
        own = own or _insert(database, me, start, minutes)
        if target:
            _lock_in(database, own, target)
        else:
            _match(database, own)
        return True, _session(database, own["id"])


def cancel(database: Connection[Row], token: str, session: str) -> None:
    """Cancel a session of the caller. The partner waits ahead of all others and is matched again (R17, R18).

    Raises Refused.
    """
    with database.transaction():
        me = _locked_caller(database, token)
        own = _one(database, "SELECT * FROM booking WHERE id = %s AND member = %s", session, me)
        if not own:
            raise Refused("not_found")
        _lock_slot(database, own["start"], own["minutes"])
        # The partner may have changed until the slot was locked.
        own = _one(database, "SELECT * FROM booking WHERE id = %s", session)
        database.execute("UPDATE booking SET state = 'cancelled', partner = NULL WHERE id = %s", (session,))
        if own["partner"]:
            left = _displace(database, own["partner"])
            database.execute("UPDATE booking SET cancelled_by = cancelled_by || %s WHERE id = %s", ([me], left["id"]))
            _match(database, left)


def calendar(database: Connection[Row], token: str, start: datetime, end: datetime) -> list[Row]:
    """Return the caller's sessions, the favorites who are booked, and the demand, by slot (R10, R46)."""
    with database.transaction():
        arguments = {"me": _caller(database, token), "start": start, "end": end, "many": MANY}
        own = database.execute(
            """SELECT * FROM session WHERE member = %(me)s AND state <> 'cancelled'
            AND until > %(start)s AND start <= %(end)s""",
            arguments,
        ).fetchall()
        favorites = database.execute(
            """SELECT s.start, s.minutes, m.id, m.name, s.state = 'locked_in' AS locked,
            s.state <> 'locked_in' AND lets_lock(m.availability, m.id, %(me)s) AS lockable
            FROM relation f JOIN member m ON m.id = f.other JOIN session s ON s.member = m.id
            WHERE f.member = %(me)s AND f.favorite AND s.state <> 'cancelled' AND s.start BETWEEN %(start)s AND %(end)s
            AND (s.state <> 'locked_in' OR s.partner_id = %(me)s) AND without_block(m.id, %(me)s) ORDER BY m.name""",
            arguments,
        ).fetchall()
        waiting = database.execute(
            """SELECT b.start, b.minutes, count(*) >= %(many)s AS many FROM booking b
            LEFT JOIN booking o ON o.member = %(me)s AND o.start = b.start AND o.minutes = b.minutes
            WHERE b.state = 'waiting' AND b.start BETWEEN %(start)s AND %(end)s AND b.member <> %(me)s
            AND %(me)s <> ALL (b.cancelled_by) AND b.member <> ALL (coalesce(o.cancelled_by, '{}'))
            AND without_block(b.member, %(me)s) GROUP BY b.start, b.minutes""",
            arguments,
        ).fetchall()
    return _by_slot(own, favorites, waiting)


def _caller(database: Connection[Row], token: str) -> str:
    return _known(_one(database, "SELECT id FROM member WHERE token = %s", token))


def _locked_caller(database: Connection[Row], token: str) -> str:
    """Return the id of the caller, whose other requests wait for this transaction."""
    return _known(_one(database, "SELECT id FROM member WHERE token = %s FOR UPDATE", token))


def _known(member: Row | None) -> str:
    if member is None:
        raise Refused("unauthenticated")
    return member["id"]


def _lock_slot(database: Connection[Row], start: datetime, minutes: int) -> None:
    slot = start, minutes
    database.execute("INSERT INTO slot (start, minutes) VALUES (%s, %s) ON CONFLICT DO NOTHING", slot)
    database.execute("SELECT FROM slot WHERE start = %s AND minutes = %s FOR UPDATE", slot)


def _lockable(database: Connection[Row], me: str, start: datetime, minutes: int, partner: str) -> Row:
    """Return the booking of a favorite that the caller may lock or has locked (R5 to R8, R15)."""
    found = _one(
        database,
        """SELECT s.* FROM session s JOIN member m ON m.id = s.member
        JOIN relation f ON f.member = %s AND f.other = m.id AND f.favorite
        WHERE m.id = %s AND s.start = %s AND s.minutes = %s AND s.state <> 'cancelled'
        AND (s.state <> 'locked_in' OR s.partner_id = f.member)
        AND lets_lock(m.availability, m.id, f.member) AND without_block(m.id, f.member)""",
        *(me, partner, start, minutes),
    )
    if not found:
        raise Refused("not_available")
    return found


def _own_booking(database: Connection[Row], me: str, start: datetime, minutes: int) -> Row | None:
    """Return the caller's booking of the slot. Raises Refused if another one overlaps it (R3)."""
    held = database.execute(
        "SELECT * FROM booking WHERE member = %s AND state <> 'cancelled' AND until > %s AND start < %s",
        (me, start, _until(start, minutes)),
    ).fetchall()
    own = next((each for each in held if (each["start"], each["minutes"]) == (start, minutes)), None)
    if any(each is not own for each in held):
        raise Refused("time_conflict")
    return own


def _insert(database: Connection[Row], me: str, start: datetime, minutes: int) -> Row:
    ahead = "SELECT count(*) AS held FROM booking WHERE member = %s AND state <> 'cancelled' AND until > now()"
    if _one(database, ahead, me)["held"] >= MOST_AHEAD:
        raise Refused("rate_limited")
    return _one(
        database,
        "INSERT INTO booking (id, member, start, minutes, until) VALUES (%s, %s, %s, %s, %s) RETURNING *",
        *(secrets.token_hex(8), me, start, minutes, _until(start, minutes)),
    )


def _until(start: datetime, minutes: int) -> datetime:
    """Return the end of the footprint, 30, 60 or 90 minutes after the start."""
    return start + timedelta(minutes=-(-minutes // 30) * 30)


def _lock_in(database: Connection[Row], own: Row, target: Row) -> None:
    """Lock two bookings. Their former partners are matched with each other or with others who wait (R12, R13)."""
    former = [each["partner"] for each in (own, target) if each["partner"] and own["partner"] != target["id"]]
    displaced = [_displace(database, booking) for booking in former]
    _pair(database, own["id"], target["id"], "locked_in")
    for booking in displaced:
        _match(database, booking)


def _displace(database: Connection[Row], booking: str) -> Row:
    return _one(
        database,
        "UPDATE booking SET state = 'waiting', partner = NULL, displaced = true WHERE id = %s RETURNING *",
        booking,
    )


def _match(database: Connection[Row], own: Row) -> None:
    """Pair a booking with the first of its queue that fits, unless it has a partner by now (R20)."""
    found = _one(
        database,
        """SELECT b.id FROM booking b JOIN booking own ON own.id = %s AND own.state = 'waiting'
        WHERE b.start = %s AND b.minutes = %s AND b.state = 'waiting' AND b.member <> own.member
        AND own.member <> ALL (b.cancelled_by) AND b.member <> ALL (own.cancelled_by)
        AND without_block(b.member, own.member) ORDER BY b.displaced DESC, b.requested_at LIMIT 1""",
        *(own["id"], own["start"], own["minutes"]),
    )
    if found:
        _pair(database, own["id"], found["id"], "matched")


def _pair(database: Connection[Row], one: str, two: str, state: str) -> None:
    for booking, partner in ((one, two), (two, one)):
        database.execute(
            "UPDATE booking SET state = %s, partner = %s, displaced = false WHERE id = %s", (state, partner, booking)
        )


def _session(database: Connection[Row], booking: str) -> Row:
    return _one(database, "SELECT * FROM session WHERE id = %s", booking)


def _by_slot(own: list[Row], favorites: list[Row], waiting: list[Row]) -> list[Row]:
    slots: dict[tuple[datetime, int], Row] = {}

    def slot(row: Row) -> Row:
        return slots.setdefault((row["start"], row["minutes"]), {"session": None, "favorites": [], "waiting": "none"})

    for row in own:
        slot(row)["session"] = row
    for row in favorites:
        slot(row)["favorites"].append(row)
    for row in waiting:
        slot(row)["waiting"] = "many" if row["many"] else "some"
    return [{"start": start, "minutes": minutes, **slots[start, minutes]} for start, minutes in sorted(slots)]


def _one(database: Connection[Row], query: str, *arguments: Any) -> Any:
    """Return the only row of a query, None without one."""
    return database.execute(query, arguments).fetchone()
