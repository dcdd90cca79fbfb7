"""Five demo members with relations and sessions, created through the API.

Their sessions start at :15 and :45 only, so that they never match a user who books on the hour or half hour.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from infra.local.http.gateway import Gateway
from infra.local.identity.members import Members, SignedIn
from infra.local.state import LocalState

NAMES = ("Mara", "Noor", "Otto", "Pia", "Quin")
STAFF_NAMES = ("Mara",)

# The favorites of each member.
FAVORITES = {"Mara": ("Noor", "Otto"), "Noor": ("Mara",), "Otto": ("Pia", "Mara"), "Pia": ("Otto",), "Quin": ("Mara",)}

# Member, days ahead, UTC time, minutes, locked-in partner.
SESSIONS = (
    ("Mara", 1, (9, 15), 50, None),
    ("Noor", 1, (9, 15), 50, None),
    ("Otto", 1, (13, 45), 25, None),
    ("Pia", 2, (8, 15), 50, None),
    ("Otto", 2, (8, 15), 50, "Pia"),
    ("Mara", 2, (15, 45), 25, None),
    ("Quin", 3, (10, 15), 50, None),
    ("Noor", 4, (16, 45), 50, None),
)

ENTRY = "demo members"


def demo_members(
    gateway: Gateway, members: Members, state: LocalState, clock: Callable[[], datetime]
) -> list[SignedIn]:
    """Return the signed-in demo members, which are created once per engine."""
    known = state.read(ENTRY)
    if known is not None:
        return [signed_in for user_id in known if (signed_in := members.sign_in(user_id))]
    demo = {name: members.sign_up(name, is_staff=name in STAFF_NAMES) for name in NAMES}
    for name, favorites in FAVORITES.items():
        for favorite in favorites:
            _call(gateway, demo[name], "PUT", f"/v1/people/{demo[favorite].user_id}/favorite")
    today = clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for name, days, (hour, minute), minutes, partner in SESSIONS:
        start = today + timedelta(days=days, hours=hour, minutes=minute)
        booking = {"startTime": start.isoformat(), "duration": minutes * 60_000}
        if partner:
            booking["partnerId"] = demo[partner].user_id
        _call(gateway, demo[name], "POST", "/v1/sessions", booking)
    state.write(ENTRY, [member.user_id for member in demo.values()])
    return list(demo.values())


def demo_names(members: Members, state: LocalState) -> dict[str, str]:
    """Return the names of the demo members by their ids."""
    return {user_id: name for user_id in state.read(ENTRY) or () if (name := members.name_of(user_id))}


def _call(gateway: Gateway, member: SignedIn, method: str, path: str, payload: object = None) -> None:
    response = gateway.call(method, path, member.token, payload)
    if response.status >= 300:
        raise RuntimeError(f"{method} {path} returned {response.status} to {member.name}: {response.body.decode()}")
