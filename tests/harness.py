"""A deployment in process, with real use cases, a DynamoDB engine and a controlled clock and random generator."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.write_set import (
    Decision,
    Job,
    JobKind,
    ProfileChange,
    RelationChange,
    WriteSet,
)
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.booking import PartnerPreference
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.ids import token_digest
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, MemberLimits, versioned_limit_of
from chalicelib.domain.model.member import Profile, Relation, RelationKind, Tombstone
from chalicelib.domain.model.slot import Slot
from chalicelib.handlers.events.stream import handle_records
from chalicelib.handlers.http.responses import serializers
from chalicelib.services.bookings.book import KeyedRequest, book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.bookings.sessions import SessionView, get_session, list_sessions
from chalicelib.services.context import Context
from chalicelib.services.members.api_keys import NewKey, make_api_key
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.invite_links import InviteLimits, list_invites, make_invite, revoke_invite
from chalicelib.services.members.profiles import Claims, change_profile, get_or_create_member
from chalicelib.services.members.relationships import remove_relation, set_relation
from chalicelib.services.rooms.attendance import join_session
from chalicelib.services.slot_matching.scheduled_matching import finalize, sweep
from chalicelib.services.transaction import run_transaction
from chalicelib.settings import EVER, Settings, from_environment
from chalicelib.storage import keys, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.mappers import relation_item
from tests import batches
from tests.invariants import check_all
from tests.table_snapshot import read_whole_table, take_snapshot

TABLE = "lockstep-tests"
ROOMS = "https://app.example/rooms"
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def settings(endpoint: str, stream_arn: str) -> Settings:
    """Return the settings of a deployment with every default."""
    return from_environment(
        {
            "LOCKSTEP_TABLE": TABLE,
            "AWS_REGION": "us-east-1",
            "LOCKSTEP_ENDPOINT": endpoint,
            "LOCKSTEP_STREAM_ARN": stream_arn or "no stream",
            "LOCKSTEP_ISSUER": "https://issuer.example/",
            "LOCKSTEP_AUDIENCE": "lockstep",
            "LOCKSTEP_READ_AUDIENCE": "reader",
            "LOCKSTEP_JWKS_URL": "https://issuer.example/jwks.json",
            "LOCKSTEP_STAFF_CLAIM": "groups",
            "LOCKSTEP_APP_URL": "https://app.example",
            "LOCKSTEP_ATTENDANCE": "off",
            "LOCKSTEP_INVITE_URL": "https://lockstep.example/i",
            "LOCKSTEP_CURSOR_KEY": "cursors",
            "LOCKSTEP_IDENTITY_KEY": "identities",
        }
    )


def at(hours: float, *, minutes: int = 50) -> Slot:
    """Return the slot that starts `hours` after the start of every test, which is Monday at 8 am UTC."""
    return Slot(MONDAY + timedelta(hours=hours), minutes)


class RenderedReply(NamedTuple):
    """The status and body of the response to a booking."""

    status: int
    body: str


@dataclass
class StreamReader:
    """A reader of the table's stream that returns each record once."""

    client: Any
    arn: str

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        (shard,) = self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
        oldest = {"StreamArn": self.arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        self._iterator = self.client.get_shard_iterator(**oldest)["ShardIterator"]

    def records(self) -> list[dict[str, Any]]:
        """Return the records since the last read."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.client.get_records(ShardIterator=self._iterator)
            self._iterator = answer["NextShardIterator"]
            if not answer["Records"]:
                return found
            found += answer["Records"]

    def skip(self) -> None:
        """Skip the records up to now."""
        try:
            self.records()
        except self.client.exceptions.TrimmedDataAccessException:
            # Seen on DynamoDB Local: the records after the last read were trimmed already.
            self._begin()
            self.records()


@dataclass
class World:
    """A deployment under test. Each method runs one use case or reads one view."""

    settings: Settings
    streams: StreamReader
    table: Table
    now: datetime = MONDAY
    rng: Random = field(default_factory=lambda: Random(7))

    def __post_init__(self) -> None:
        # Ids differ between tests, because the engine stores the idempotency tokens of transactions.
        self.ids = SystemRandom()
        self.context = Context(self.settings, self.table, lambda: self.now, self.rng, self.ids, pause=lambda _: None)

    def clear(self) -> None:
        """Empty the table and skip the records of its stream."""
        batches.delete(self.table, read_whole_table(self.table))
        self.streams.skip()

    def allow(self, **limits: int) -> None:
        """Set the limits of members."""
        self.context.settings = replace(self.settings, limits=MemberLimits(**limits))

    def cut_off_locks(self, minutes: float = 5) -> timedelta:
        """Set an operator's cut-off of locks and return it (R22)."""
        cutoff = timedelta(minutes=minutes)
        self.context.settings = replace(self.settings, lock_cutoff=cutoff)
        return cutoff

    def record_attendance(self, least: int = 0, *, since: datetime = EVER) -> None:
        """Let sessions be completed only if both members joined, and set the least score in percent (R37, R39)."""
        self.context.settings = replace(
            self.context.settings, attendance=True, attendance_since=since, least_attendance=least
        )

    def after(self, **time: float) -> "World":
        """Advance the clock."""
        self.now += timedelta(**time)
        return self

    def member(self, name: str, **changes: Any) -> Profile:
        """Create a member with these settings."""
        claims = Claims(self.settings.issuer, f"{name} {self.ids.random()}", name, None, "UTC", MONDAY)
        profile = get_or_create_member(self.context, claims)
        return self.set(profile, **changes) if changes else profile

    def members(self, *names: str) -> list[Profile]:
        """Create members with default settings."""
        return [self.member(name) for name in names]

    def set(self, member: Profile, **changes: Any) -> Profile:
        """Change settings of a member."""
        return change_profile(self.context, member.member_id, lambda profile: replace(profile, **changes))

    def leave(self, member: Profile) -> None:
        """Delete a member's account. The deletion is always dated Monday at 8 am UTC."""
        delete_account(self.context, member.member_id, deleted_at=MONDAY)

    def begin_to_leave(self, member: Profile) -> Tombstone:
        """Commit only the first transaction of a deletion, as a crash would leave it."""
        before = reads.profile(self.table, member.member_id)
        assert before is not None
        tombstone = Tombstone(member.member_id, MONDAY + timedelta(seconds=1), self.context.token(8))
        changes = WriteSet(
            profile=ProfileChange(before, tombstone),
            job=Job(tombstone.revision, JobKind.DELETION, member.member_id, made_at=self.now),
        )
        run_transaction(self.context, lambda _attempt: Decision(None, changes))
        return tombstone

    def begin_to_block(self, member: Profile, other: Profile) -> None:
        """Commit only the first transaction of a block, as a crash would leave it."""
        before = self.says(member, other)
        after = before.saying(RelationKind.BLOCK, holds=True)
        job = Job(self.context.token(16), JobKind.PARTING, member.member_id, other.member_id, made_at=self.now)
        changes = WriteSet(
            relation=RelationChange(member.member_id, other.member_id, before, after),
            versioned_limit=reads.versioned_limit(
                self.table, versioned_limit_of(member.member_id, LimitKind.RELATIONS)
            ).counting(self.now),
            job=job,
        )
        run_transaction(self.context, lambda _attempt: Decision(None, changes))

    def say(self, member: Profile, kind: RelationKind, other: Profile, **until: Any) -> None:
        """Set one relation of a member about another."""
        set_relation(self.context, member.member_id, other.member_id, kind, **until)

    def take_back(self, member: Profile, kind: RelationKind, other: Profile) -> None:
        """Remove one relation of a member about another."""
        remove_relation(self.context, member.member_id, other.member_id, kind)

    def favorite(self, member: Profile, *others: Profile) -> None:
        """Set favorites of a member."""
        for other in others:
            self.say(member, RelationKind.FAVORITE, other)

    def relate(self, pairs: Iterable[tuple[Profile, Profile]], **kind: Any) -> None:
        """Store a relation of the first member of each pair about the second, without a use case."""
        relation = Relation(**kind)
        ids = [(one.member_id, other.member_id) for one, other in pairs]
        found = [relation_item(keys.about(one, other), relation) for one, other in ids]
        if relation.favorite:
            found += [relation_item(keys.by(other, one), Relation(favorite=True)) for one, other in ids]
        batches.save(self.table, found)

    def reply(
        self, member: Profile, booking_request: BookingRequest, keyed: KeyedRequest | None = None
    ) -> RenderedReply:
        """Book a slot and return the rendered reply."""
        reply = book_session(self.context, member, booking_request, keyed)
        return RenderedReply(201 if reply.new else 200, json.dumps({"session": self._shown(reply.view)}))

    def book(
        self, member: Profile, slot: Slot, *, prefer: Profile | None = None, **booking_request: Any
    ) -> dict[str, Any]:
        """Book a slot for a random partner and return the member's view of the session."""
        preference = PartnerPreference(
            favorites=booking_request.pop("prefer_favorites", False), named=prefer.member_id if prefer else None
        )
        return json.loads(self.reply(member, BookingRequest(slot, preference=preference, **booking_request)).body)[
            "session"
        ]

    def lock(self, member: Profile, target: Profile | str, slot: Slot, **booking_request: Any) -> dict[str, Any]:
        """Lock a member in with a target and return the member's view of the session."""
        target_id = target if isinstance(target, str) else target.member_id
        return json.loads(self.reply(member, BookingRequest(slot, lock_with=target_id, **booking_request)).body)[
            "session"
        ]

    def invite(self, owner: Profile, **limits: Any) -> str:
        """Make an invite link and return the token of its address."""
        return make_invite(self.context, owner.member_id, InviteLimits(**limits)).token

    def links(self, owner: Profile) -> list[InviteLink]:
        """Return the invite links of a member."""
        return list_invites(self.context, owner.member_id, after=None, limit=None).items

    def revoke(self, owner: Profile) -> None:
        """Revoke every invite link of a member."""
        for link in self.links(owner):
            revoke_invite(self.context, owner.member_id, link.link_id)

    def api_key(self, owner: Profile, scope: Scope, expires_at: datetime | None = None) -> NewKey:
        """Make an API key of a member."""
        return make_api_key(self.context, owner.member_id, "A script", scope, expires_at)

    def accept(self, guest: Profile, token: str, slot: Slot, **booking_request: Any) -> dict[str, Any]:
        """Lock a guest in by an invite link and return the guest's view of the session."""
        return json.loads(self.reply(guest, BookingRequest(slot, invite=token_digest(token), **booking_request)).body)[
            "session"
        ]

    def cancel(self, member: Profile, session: dict[str, Any]) -> None:
        """Cancel a session."""
        cancel_session(self.context, member.member_id, session["sessionId"])

    def join(self, member: Profile, session: dict[str, Any]) -> dict[str, Any]:
        """Join a session and return the member's view of it."""
        return self._shown(join_session(self.context, member, session["sessionId"]).view)

    def session(self, member: Profile, session: dict[str, Any]) -> dict[str, Any]:
        """Return the owner's current view of a session."""
        return self._shown(get_session(self.context, member, session["sessionId"]))

    def seen(self, member: Profile, slot: Slot) -> dict[str, Any] | None:
        """Return the member's session in a slot, or None."""
        views = list_sessions(self.context, member, slot.start, slot.start, before=None, limit=None)
        return next((self._shown(view) for view in views if view.booking.slot == slot), None)

    def state(self, member: Profile, slot: Slot) -> tuple[str, str | None]:
        """Return the state of the member's session in a slot and the partner's name."""
        session = self.seen(member, slot)
        if session is None:
            return ("none", None)
        partners = session["users"][1:]
        return (session["state"], partners[0]["name"] if partners else None)

    def says(self, member: Profile, other: Profile) -> Relation:
        """Return the relation of one member about another."""
        return reads.relation(self.table, member.member_id, other.member_id)

    def day(self, member: Profile, slot: Slot) -> Day:
        """Return the member's day of a slot."""
        return reads.days(self.table, [(member.member_id, slot.date)])[member.member_id, slot.date]

    def records(self) -> list[dict[str, Any]]:
        """Return the stream records since the last read."""
        return self.streams.records()

    def deliver(self, *, times: int = 1) -> None:
        """Deliver stream records to the handler until no delivery writes a new one."""
        while records := self.records():
            for _ in range(times):
                assert handle_records(self.context, records) == {"batchItemFailures": []}

    def tick(self) -> None:
        """Run the schedules once, with a sweep of all queues."""
        finalize(self.context)
        sweep(self.context)

    def check(self) -> None:
        """Assert all invariants."""
        check_all(take_snapshot(self.table), self.now)

    def _shown(self, view: SessionView) -> dict[str, Any]:
        return msgspec.json.decode(msgspec.json.encode(serializers.session(view)))
