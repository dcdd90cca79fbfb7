"""A program that plays the story of a locked-in session with the client. Its argument is the address of a runner."""

import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from lockstep_client import AuthenticatedClient
from lockstep_client.api.api_keys import post_key
from lockstep_client.api.availability import get_favorites_availability
from lockstep_client.api.invite_links import get_invite, post_invite, post_link
from lockstep_client.api.me import get_me, patch_me
from lockstep_client.api.people import put_favorite
from lockstep_client.api.sessions import (
    delete_session,
    get_own_session,
    get_sessions,
    patch_session,
    post_session,
    post_sessions,
)
from lockstep_client.models import (
    AcceptBody,
    Availability,
    BatchBody,
    BatchResults,
    BookBody,
    ChangeKind,
    Duration,
    EditBody,
    Invite,
    KeyBody,
    LinkBody,
    OneApiKey,
    OneInviteLink,
    OneSession,
    OwnUser,
    ProblemCode,
    ProblemDetails,
    ProfileBody,
    Scope,
    Session,
    SessionChange,
    SessionList,
    SessionState,
    SharedSlots,
)
from lockstep_client.types import UNSET, Response, Unset

T = TypeVar("T")

BASE_URL = sys.argv[1]
MATCHED_SECONDS = 60
# This event is never set. A wait on it ends after its timeout.
NEVER_SET = threading.Event()


class Member:
    """A signed-in member with an own client."""

    def __init__(self, name: str) -> None:
        signed_in = httpx.post(f"{BASE_URL}/dev/sign-in", json={"name": name}, timeout=60).json()
        self.user_id: str = signed_in["userId"]
        self.client = AuthenticatedClient(base_url=BASE_URL, token=signed_in["token"], timeout=httpx.Timeout(60))

    def favor(self, other: "Member") -> None:
        """Make another member a favorite."""
        done = put_favorite.sync_detailed(other.user_id, client=self.client)
        assert done.status_code == 204, done

    def book(self, body: BookBody, status: int = 201) -> Session:
        """Book a slot."""
        return parsed(post_session.sync_detailed(client=self.client, body=body), OneSession, status).session

    def is_refused(self, body: BookBody, status: int) -> ProblemDetails:
        """Return the problem of a refused booking."""
        return parsed(post_session.sync_detailed(client=self.client, body=body), ProblemDetails, status)

    def read(self, session: Session) -> Session:
        """Return the stored session."""
        found = get_own_session.sync_detailed(session.session_id, client=self.client)
        return parsed(found, OneSession).session

    def becomes(self, session: Session, state: SessionState, partner: "Member | None" = None) -> Session:
        """Read a session until it has this state and partner."""
        expected = [partner.user_id] if partner else []
        deadline = datetime.now(UTC) + timedelta(seconds=MATCHED_SECONDS)
        while True:
            found = self.read(session)
            if (found.state, [user.user_id for user in found.users[1:]]) == (state, expected):
                return found
            assert datetime.now(UTC) < deadline, found
            NEVER_SET.wait(0.05)

    def list(self, limit: int) -> "list[Session]":
        """Return all sessions of the next month, read page by page."""
        found: list[Session] = []
        cursor: str | Unset = UNSET
        while True:
            response = get_sessions.sync_detailed(
                client=self.client, start=TODAY, end=TODAY + timedelta(days=30), limit=limit, cursor=cursor
            )
            page = parsed(response, SessionList)
            found += page.sessions
            cursor = page.next_cursor
            if isinstance(cursor, Unset):
                return found


def parsed(response: Response[Any], kind: type[T], status: int = 200) -> T:
    """Return the body of a response with this status."""
    assert response.status_code == status, response
    assert isinstance(response.parsed, kind), response
    return response.parsed


def kind_of(change: SessionChange | None) -> ChangeKind | None:
    """Return the kind of a session's last change."""
    return change.kind if change else None


TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
START = TODAY + timedelta(days=3, hours=9)
FIFTH = TODAY + timedelta(days=5)


def play() -> None:
    """Play the whole story."""
    ada, ben, cy, dee = (Member(name) for name in ("Ada", "Ben", "Cy", "Dee"))
    lock_and_cancel(ada, ben, cy, dee)
    book_and_list(ada)
    use_key_and_link(ada, dee)


def lock_and_cancel(ada: Member, ben: Member, cy: Member, dee: Member) -> None:
    """Lock a matched member, displace the partner, cancel, and see both matched again."""
    settings = ProfileBody(availability=Availability.FAVORITES)
    user = parsed(patch_me.sync_detailed(client=ben.client, body=settings), OwnUser).user
    assert (user.user_id, user.availability, user.gender) == (ben.user_id, Availability.FAVORITES, None)
    of_ben = ben.book(BookBody(START, Duration.MINUTES_50))
    of_cy = cy.book(BookBody(START, Duration.MINUTES_50, title="Thesis"))
    ben.becomes(of_ben, SessionState.MATCHED, cy)

    # Ada cannot lock Ben before he favors her. Then she sees him in the view and locks him. Cy is displaced.
    ada.favor(ben)
    lock = BookBody(START, Duration.MINUTES_50, partner_id=ben.user_id)
    assert ada.is_refused(lock, 409).code is ProblemCode.NOT_AVAILABLE
    ben.favor(ada)
    (slot,) = parsed(get_favorites_availability.sync_detailed(client=ada.client), SharedSlots).slots
    assert (slot.start_time, [(partner.name, partner.lockable) for partner in slot.partners]) == (
        START,
        [("Ben", True)],
    )
    of_ada = ada.book(lock)
    assert (of_ada.state, of_ada.locked, kind_of(of_ada.last_change)) == (
        SessionState.LOCKED_IN,
        True,
        ChangeKind.LOCKED_IN,
    )
    own, partner = of_ada.users
    assert (own.user_id, own.name, own.completed) == (ada.user_id, UNSET, False)
    assert (partner.user_id, partner.name, partner.completed) == (ben.user_id, "Ben", False)
    assert ben.becomes(of_ben, SessionState.LOCKED_IN, ada).room_url == of_ada.room_url
    assert kind_of(cy.becomes(of_cy, SessionState.WAITING).last_change) is ChangeKind.DISPLACED

    # The same booking again has the status 200. Dee cannot lock Ben now.
    assert ada.book(lock, 200).session_id == of_ada.session_id
    dee.favor(ben)
    assert dee.is_refused(lock, 409).code is ProblemCode.NOT_AVAILABLE

    # Ada cancels. Ben keeps his session and is matched again, with Cy who waits.
    assert delete_session.sync_detailed(of_ada.session_id, client=ada.client).status_code == 204
    assert ada.read(of_ada).state is SessionState.CANCELLED
    ben.becomes(of_ben, SessionState.MATCHED, cy)
    cy.becomes(of_cy, SessionState.MATCHED, ben)


def book_and_list(ada: Member) -> None:
    """Book a batch, read refusals, and list the sessions page by page."""
    batch = BatchBody(
        [
            BookBody(FIFTH, Duration.MINUTES_25, title="Proofs"),
            BookBody(FIFTH + timedelta(minutes=15), Duration.MINUTES_75),
            BookBody(FIFTH + timedelta(days=1), Duration.MINUTES_75, prefer_favorites=True),
        ]
    )
    # A second request with the key has no second effect.
    for _ in range(2):
        booked = post_sessions.sync_detailed(client=ada.client, body=batch, idempotency_key="one")
        first, second, third = parsed(booked, BatchResults).results
        assert (first.status, second.status, third.status) == (201, 409, 201)
        assert isinstance(first.session, Session)
        assert isinstance(second.problem, ProblemDetails)
        assert (first.session.title, second.problem.code) == ("Proofs", ProblemCode.TIME_CONFLICT)
    # Without a key the status says that the session is held already.
    (again,) = parsed(
        post_sessions.sync_detailed(client=ada.client, body=BatchBody(batch.sessions[:1])), BatchResults
    ).results
    assert again.status == 200

    conflict = ada.is_refused(BookBody(FIFTH, Duration.MINUTES_50), 409)
    assert conflict.code is ProblemCode.TIME_CONFLICT
    wrong = ProfileBody(time_zone="Mars/X", name="")
    invalid = parsed(patch_me.sync_detailed(client=ada.client, body=wrong), ProblemDetails, 422)
    assert invalid.code is ProblemCode.INVALID_REQUEST
    assert isinstance(invalid.errors, list)
    assert sorted(error.field for error in invalid.errors) == ["name", "timeZone"]
    assert (invalid.field, invalid.message) == (invalid.errors[0].field, invalid.detail)

    pages = ada.list(limit=1)
    assert [session.title for session in pages] == [None, "Proofs"]
    assert [session.start_time for session in pages] == [FIFTH + timedelta(days=1), FIFTH]
    assert ada.list(limit=100) == pages
    edit = EditBody(title="Chapter 2", quiet_mode=True)
    edited = patch_session.sync_detailed(pages[0].session_id, client=ada.client, body=edit)
    session = parsed(edited, OneSession).session
    assert (session.title, session.users[0].session_title, session.users[0].quiet_mode) == ("Chapter 2",) * 2 + (True,)


def use_key_and_link(ada: Member, dee: Member) -> None:
    """Read by a key that may not book, and book by an invite link."""
    made = post_key.sync_detailed(client=ada.client, body=KeyBody("Script", Scope.READ))
    key = parsed(made, OneApiKey, 201).api_key.key
    script = AuthenticatedClient(BASE_URL, key, prefix="", auth_header_name="X-API-KEY", timeout=httpx.Timeout(60))
    assert parsed(get_me.sync_detailed(client=script), OwnUser).user.user_id == ada.user_id
    refused = post_session.sync_detailed(client=script, body=BookBody(START, Duration.MINUTES_50))
    assert parsed(refused, ProblemDetails, 403).code is ProblemCode.FORBIDDEN

    link = parsed(post_link.sync_detailed(client=ada.client, body=LinkBody(max_uses=1)), OneInviteLink, 201)
    token = link.invite_link.url.rpartition("/")[2]
    invite = parsed(get_invite.sync_detailed(token, client=dee.client), Invite)
    assert (invite.host.name, invite.sessions) == ("Ada", [])
    free = AcceptBody(invite.slots[0].start_time, invite.slots[0].duration)
    session = parsed(post_invite.sync_detailed(token, client=dee.client, body=free), OneSession, 201).session
    assert (session.state, session.users[1].name) == (SessionState.LOCKED_IN, "Ada")


if __name__ == "__main__":
    play()
    print("played")
