"""Deletion of an account in two steps, with a crash after every transaction, and the export before it (R33)."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import DayEditor
from chalicelib.domain.decisions.write_set import SETTLE, Job, JobKind, WriteSet
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.day import Day, Days
from chalicelib.domain.model.errors import (
    Busy,
    InviteUnavailable,
    NotAvailable,
    NotFound,
    RateLimited,
    Refusal,
    Unauthenticated,
)
from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.member import CLOCKS_DIFFER, Activity, Profile, RelationKind, Tombstone, former_member
from chalicelib.handlers.http.responses import account_serializers, serializers
from chalicelib.metrics import collect_metrics
from chalicelib.services.bookings.availability import calendar, favorites_availability
from chalicelib.services.bookings.book import KeyedRequest
from chalicelib.services.bookings.sessions import SessionEdit, edit_session, get_session
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.delete import erase
from chalicelib.services.members.export import export_account
from chalicelib.services.members.invite_links import view_invite
from chalicelib.services.members.profiles import Claims, MemberView, get_or_create_member, view_member
from chalicelib.services.members.relationships import list_people
from chalicelib.services.transaction import ATTEMPTS
from chalicelib.storage import erasure_reads, keys, reads
from chalicelib.storage.day_mappers import day_item
from chalicelib.storage.transactions import commit
from tests import batches
from tests.fault_proxy import Fault, FaultProxy
from tests.harness import MONDAY, World, at
from tests.table_snapshot import read_whole_table, take_snapshot

STARTED, NINE, MIDNIGHT, LOCKED = at(1), at(30), at(39.5), at(60)
SECRET = "a private title"
LONG_SECRET = f"{SECRET}, too long for the day of its session by several words"
SLOTS = (STARTED, NINE, MIDNIGHT, LOCKED)


FORMER = {
    "name": "Former member",
    "photoUrl": None,
    "role": None,
    "isFavorite": False,
    "activityType": "anything",
    "quietMode": False,
    "joinedAt": None,
}


class AccountHistory:
    """Ada with sessions of every state, relations both ways and recorded responses. Ben and Cy are her partners."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.claims = Claims(world.settings.issuer, f"Ada {world.ids.random()}", "Ada", None, "UTC", MONDAY)
        self.ada = get_or_create_member(world.context, self.claims)
        self.ben, self.cy, self.outsider = world.members("Ben", "Cy", "Dee")
        world.set(self.ada, photo_url="https://pictures.example/ada", time_zone="Europe/Vienna")
        world.favorite(self.ada, self.ben, self.cy)
        world.favorite(self.ben, self.ada)
        world.say(self.cy, RelationKind.SNOOZE, self.ada, until=MONDAY + timedelta(minutes=1))
        world.after(minutes=1)
        moving = BookingRequest(STARTED, title=SECRET, activity=Activity.MOVING, quiet=True)
        world.reply(self.ada, moving, KeyedRequest("first", "digest"))
        world.reply(self.ada, BookingRequest(at(0.5, minutes=25), title=SECRET), KeyedRequest("second", "digest"))
        world.book(self.ben, STARTED)
        world.book(self.ben, NINE)
        world.book(self.ada, NINE, title=SECRET, prefer=self.ben)
        world.book(self.ben, LOCKED)
        world.lock(self.ada, self.ben, LOCKED, title=SECRET)
        world.book(self.ada, MIDNIGHT, title=LONG_SECRET)
        world.cancel(self.ada, world.book(self.ada, at(33), title=LONG_SECRET))
        world.now = STARTED.start
        world.records()
        self.of_ada = world.seen(self.ada, STARTED)["sessionId"]

    def final_state(self) -> Any:
        """Return the final state for Ada and her partners, which must not depend on an interruption."""
        self.world.deliver()
        self.world.check()
        # The schedule repeats the job until no request of the account can be in flight.
        self.world.now += SETTLE
        run_jobs(self.world.context)
        self.world.deliver()
        self.world.check()
        found = take_snapshot(self.world.table)
        partners = [
            (self.world.state(one, slot), self.kind(one, slot)) for one in (self.ben, self.cy) for slot in SLOTS
        ]
        own = sorted(
            (held.slot, held.state, held.title, held.preference) for day in self.days() for held in day.bookings
        )
        assert not any(owner == self.ada.member_id for owner, _ in found.titles)
        names = {one.member_id: one.name for one in (self.ada, self.ben, self.cy, self.outsider)}
        relations = [
            (*map(names.get, pair), relation.favorite, relation.snoozed_until is not None)
            for pair, relation in (*found.relations.items(), *found.mirrors.items())
            if self.ada.member_id in pair
        ]
        jobs, answers = (
            list(found.jobs.values()),
            list(erasure_reads.response_digests(self.world.table, self.ada.member_id)),
        )
        return partners, own, relations, jobs, answers, self.tombstone_state()

    def kind(self, member: Profile, slot: Any) -> str | None:
        session = self.world.seen(member, slot)
        return session["lastChange"]["kind"] if session and session["lastChange"] else None

    def days(self) -> list[Any]:
        first, last = MONDAY.date(), MONDAY.date() + timedelta(days=100)
        return list(reads.days_between(self.world.table, self.ada.member_id, first, last))

    def tombstone_state(self) -> tuple[datetime, bool]:
        tombstone = reads.account(self.world.table, self.ada.member_id)
        assert isinstance(tombstone, Tombstone)
        return tombstone.deleted_at, tombstone.erased

    def stored_texts(self) -> str:
        """Return the items of the table whose partition keys contain Ada's id."""
        items = read_whole_table(self.world.table).items()
        return "\n".join(str(raw) for key, raw in items if self.ada.member_id in key.pk)


@pytest.fixture
def story(world: World) -> AccountHistory:
    return AccountHistory(world)


def assert_complete(state: Any) -> None:
    """Assert the final state that R33 requires."""
    partners, own, relations, jobs, answers, tombstone_state = state
    assert partners == [
        (("matched", "Former member"), "matched"),
        (("waiting", None), "partner_cancelled"),
        (("none", None), None),
        (("waiting", None), "partner_cancelled"),
        *([(("none", None), None)] * 4),
    ]
    assert [(slot, title) for slot, _, title, _ in own] == [(STARTED, None)]
    # What Cy said about Ada stays.
    assert relations == [("Cy", "Ada", False, True)]
    assert (jobs, answers, tombstone_state[1]) == ([], [], True)


def test_r33_a_deletion_leaves_no_personal_data_and_partners_wait_again(story: AccountHistory) -> None:
    world = story.world
    assert SECRET in story.stored_texts()
    assert LONG_SECRET in story.stored_texts()
    world.leave(story.ada)
    assert_complete(story.final_state())
    texts = story.stored_texts()
    assert [word for word in (SECRET, "Ada", "Vienna", "pictures", story.ben.name) if word in texts] == []
    facts = {"requestedAt": "2026-03-02T08:01:00+00:00", "completed": False}
    assert world.seen(story.ben, STARTED)["users"][1] == FORMER | facts | {"userId": story.ada.member_id}
    assert view_member(world.context, story.ben, story.ada.member_id) == MemberView(
        former_member(story.ada.member_id), completed_sessions=0, is_favorite=False
    )
    with pytest.raises(NotFound):
        view_member(world.context, world.member("Stranger"), story.ada.member_id)
    # A former partner is matched with the next member who books (R18).
    world.book(story.cy, NINE)
    assert world.state(story.ben, NINE) == ("matched", "Cy")


def test_r33_no_name_stays_in_the_recorded_response_of_a_partner(story: AccountHistory) -> None:
    """Ben locked in with Ada under an idempotency key. The replayed response has another name for her."""
    world, booking_request, keyed = (
        story.world,
        BookingRequest(at(62), lock_with=story.ada.member_id),
        KeyedRequest("of Ben", "digest"),
    )
    world.book(story.ada, at(62), activity=Activity.DESK, quiet=True)
    world.favorite(story.ben, story.ada)
    first = world.reply(story.ben, booking_request, keyed)
    assert world.reply(story.ben, booking_request, keyed) == first
    world.leave(story.ada)
    stored = "\n".join(map(str, read_whole_table(world.table).values()))
    assert [word for word in (story.ada.name, "pictures") if word in stored] == []
    replayed = world.reply(story.ben, booking_request, keyed)
    expected = json.loads(first.body)
    expected["session"]["users"][1] |= FORMER
    assert (replayed.status, json.loads(replayed.body)) == (201, expected)


def test_r33_a_new_account_after_a_deletion_has_no_past_with_former_partners(story: AccountHistory) -> None:
    world = story.world
    world.now = at(59).start
    booking_request, keyed = BookingRequest(at(62), lock_with=story.ada.member_id), KeyedRequest("of Ben", "digest")
    world.book(story.ada, at(62))
    world.favorite(story.ben, story.ada)
    world.reply(story.ben, booking_request, keyed)
    world.now = at(65).start
    world.leave(story.ada)
    world.deliver()
    world.after(hours=1)
    new_account = get_or_create_member(
        world.context, replace(story.claims, signed_in_at=MONDAY + timedelta(days=1), name="Ada Again")
    )
    for slot in (STARTED, LOCKED):
        _, partner = world.seen(story.ben, slot)["users"]
        assert partner == partner | FORMER | {"userId": new_account.member_id}
    replayed = json.loads(world.reply(story.ben, booking_request, keyed).body)["session"]["users"][1]
    assert (replayed["name"], replayed["isFavorite"]) == ("Former member", False)
    exported = export_account(world.context, new_account)
    assert (exported.sessions, exported.member.completed_sessions) == ([], 0)
    assert world.seen(new_account, STARTED) is None
    with pytest.raises(NotFound):
        get_session(world.context, new_account, story.of_ada)
    with pytest.raises(NotFound):
        edit_session(world.context, new_account, story.of_ada, EDIT)
    assert [
        view.session for view in calendar(world.context, new_account, MONDAY, MONDAY + timedelta(days=7), None)
    ] == []
    # Sessions of the new account are its own.
    world.book(new_account, at(100))
    world.book(story.ben, at(100))
    assert world.state(story.ben, at(100)) == ("matched", "Ada Again")
    assert len(export_account(world.context, new_account).sessions) == 1


def test_r33_a_former_member_can_neither_be_paired_nor_get_a_relation(story: AccountHistory) -> None:
    world = story.world
    world.leave(story.ada)
    with pytest.raises(NotAvailable):
        world.lock(story.ben, story.ada, NINE)
    for kind in RelationKind:
        with pytest.raises(NotFound):
            world.say(
                story.ben, kind, story.ada, until=MONDAY + timedelta(days=1) if kind is RelationKind.SNOOZE else None
            )
    assert_complete(story.final_state())


def begin_deletion(story: AccountHistory) -> Tombstone:
    """Commit only the first transaction of the deletion."""
    return story.world.begin_to_leave(story.ada)


FINISHERS: dict[str, Callable[[AccountHistory], None]] = {
    "a repeat": lambda story: story.world.leave(story.ada),
    "the stream": lambda story: story.world.deliver(),
    "the schedule": lambda story: run_jobs(story.world.context),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("finisher", FINISHERS)
def test_r33_a_deletion_is_finished_after_a_crash(story: AccountHistory, finisher: str) -> None:
    begin_deletion(story)
    story.world.check()
    assert story.world.state(story.ben, LOCKED) == ("locked_in", "Former member")
    FINISHERS[finisher](story)
    assert_complete(story.final_state())


@pytest.mark.long  # Repeats the deletion for each of its transactions.
@pytest.mark.parametrize("finisher", FINISHERS)
def test_r33_a_deletion_is_finished_after_a_crash_after_any_transaction(
    world: World, faults: FaultProxy, finisher: str
) -> None:
    """For every n, all transactions from the nth on fail, and then one of the finishers runs."""
    done, survived = False, list(FINISHERS).index(finisher)
    while not done:
        world.clear()
        world.now = MONDAY
        story = AccountHistory(world)
        tries = [Fault.CONFLICT] * (ATTEMPTS * 20)
        faults.plan[:] = [*([None] * survived), *tries]
        try:
            world.leave(story.ada)
        except Busy:
            # The first transaction failed, and nothing is changed.
            assert survived == 0
        done = len(faults.plan) >= len(tries)
        faults.plan.clear()
        world.check()
        if survived:
            FINISHERS[finisher](story)
            assert_complete(story.final_state())
        else:
            assert reads.profile(world.table, story.ada.member_id) is not None
        survived += len(FINISHERS)
    # The tombstone, three sessions ahead, three days, the relations, the responses, and the end of the job.
    assert survived >= 8


def test_r33_a_deletion_survives_lost_responses(story: AccountHistory, faults: FaultProxy) -> None:
    faults.plan[:] = [Fault.LOSE_RESPONSE] * 3
    story.world.leave(story.ada)
    faults.plan.clear()
    assert_complete(story.final_state())


def test_r33_the_job_is_idempotent(story: AccountHistory) -> None:
    tombstone = begin_deletion(story)
    job = Job(tombstone.revision, JobKind.DELETION, story.ada.member_id)
    erase(story.world.context, job)
    once = story.final_state()
    erase(story.world.context, job)
    story.world.deliver(times=2)
    assert story.final_state() == once
    assert_complete(once)


def test_r33_the_job_stays_if_it_was_not_settled_before_its_reads(story: AccountHistory) -> None:
    """A request in flight may write behind a read. It can be alive until the job is settled."""
    begin_deletion(story)
    world = story.world
    (job,) = take_snapshot(world.table).jobs.values()
    assert job.made_at is not None
    passing = (job.made_at + SETTLE + timedelta(seconds=seconds) for seconds in range(-1, 1000))
    erase(replace(world.context, clock=lambda: next(passing)), job)
    assert [*take_snapshot(world.table).jobs.values()] == [job]
    with collect_metrics() as metrics:
        erase(world.context, job)
    assert (metrics.read_units, metrics.write_units) == (1, 0)
    world.now = job.made_at + SETTLE
    erase(world.context, job)
    assert_complete(story.final_state())


def test_r33_a_booking_whose_caller_was_read_before_the_deletion_is_refused(story: AccountHistory) -> None:
    """The caller's profile was read before the tombstone, and the own day after the version bump."""
    world = story.world
    world.leave(story.ada)
    for booking_request in (
        BookingRequest(at(50)),
        BookingRequest(at(50), replace=True),
        BookingRequest(NINE),
        BookingRequest(at(24 * 90)),
    ):
        for keyed in (None, KeyedRequest("late", "digest")):
            with pytest.raises(Unauthenticated):
                world.reply(story.ada, booking_request, keyed)
    with pytest.raises(NotAvailable):
        world.lock(story.ada, story.ben, LOCKED)
    assert_complete(story.final_state())


EDIT = SessionEdit(f"{SECRET}!", retitled=True, activity=None, quiet=None)
WRITES: dict[str, tuple[Callable[[AccountHistory], Any], Any]] = {
    "books": (lambda story: story.world.book(story.ada, at(50), title=SECRET), Unauthenticated),
    "favorites": (lambda story: story.world.favorite(story.ada, story.outsider), Unauthenticated),
    "blocks": (lambda story: story.world.say(story.ada, RelationKind.BLOCK, story.outsider), Unauthenticated),
    # A block needs no account of the other member at its commit, and outlives the account.
    "is blocked": (lambda story: story.world.say(story.outsider, RelationKind.BLOCK, story.ada), None),
    "is no longer a favorite": (lambda story: story.world.take_back(story.ben, RelationKind.FAVORITE, story.ada), None),
    "edits": (
        lambda story: edit_session(story.world.context, story.ada, story.of_ada, EDIT),
        (Unauthenticated, NotFound),
    ),
    "changes settings": (lambda story: story.world.set(story.ada, name="Ada Again"), Unauthenticated),
    "makes a link": (lambda story: story.world.invite(story.ada), Unauthenticated),
}


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("name", WRITES)
def test_r33_a_decision_from_before_a_deletion_is_not_committed_after_it(
    story: AccountHistory, faults: FaultProxy, name: str
) -> None:
    """Ada deletes her account between the reads of a use case and its transaction."""
    write, refusal = WRITES[name]
    raised: list[Refusal | None] = [None]

    def try_to_write() -> None:
        try:
            write(story)
        except Refusal as refused:
            raised[0] = refused

    faults.hold_next()
    thread = threading.Thread(target=try_to_write)
    thread.start()
    assert faults.held.wait(60)
    story.world.leave(story.ada)
    faults.release_held()
    thread.join()
    assert isinstance(raised[0], refusal) if refusal else raised[0] is None
    partners, own, relations, *rest = story.final_state()
    blocked = ("Dee", "Ada", False, False)
    assert (blocked in relations) is (name == "is blocked")
    assert_complete((partners, own, [relation for relation in relations if relation != blocked], *rest))


def claims(signed_in_at: datetime) -> Claims:
    return Claims("https://issuer.example/", "subject of Eve", "Eve", None, "UTC", signed_in_at)


def test_r33_earlier_tokens_are_refused_and_a_later_one_creates_a_new_account(world: World) -> None:
    eve = get_or_create_member(world.context, claims(MONDAY))
    ben = world.member("Ben")
    world.favorite(eve, ben)
    world.book(eve, NINE, title=SECRET)
    world.leave(eve)
    spent = MONDAY + timedelta(seconds=1) + CLOCKS_DIFFER
    for signed_in_at in (MONDAY - timedelta(days=1), MONDAY, spent):
        with pytest.raises(Unauthenticated):
            get_or_create_member(world.context, claims(signed_in_at))
    new_account = get_or_create_member(world.context, claims(spent + timedelta(seconds=1)))
    assert (new_account.member_id, new_account.deleted_at) == (eve.member_id, MONDAY + timedelta(seconds=1))
    assert world.seen(new_account, NINE) is None
    assert not world.says(new_account, ben).favorite
    world.book(new_account, NINE)
    # An old token is still refused, and a late job erases nothing of the new account.
    with pytest.raises(Unauthenticated):
        get_or_create_member(world.context, claims(MONDAY))
    erase(world.context, Job("late", JobKind.DELETION, eve.member_id))
    world.deliver(times=2)
    assert world.state(new_account, NINE) == ("waiting", None)
    assert get_or_create_member(world.context, claims(spent + timedelta(seconds=2))) == new_account


def test_r33_a_new_account_is_refused_until_everything_is_erased(story: AccountHistory) -> None:
    begin_deletion(story)
    later = replace(story.claims, signed_in_at=MONDAY + timedelta(hours=1))
    with pytest.raises(Busy):
        get_or_create_member(story.world.context, later)
    run_jobs(story.world.context)
    assert_complete(story.final_state())
    assert get_or_create_member(story.world.context, later).photo_url is None


def test_r33_a_late_worker_erases_nothing_of_a_new_account(story: AccountHistory, faults: FaultProxy) -> None:
    """Its transaction is paused until another worker is done and the member has a new account with a booking."""
    tombstone = begin_deletion(story)
    world = story.world
    faults.hold_next()
    job = Job(tombstone.revision, JobKind.DELETION, story.ada.member_id)
    thread = threading.Thread(target=lambda: erase(world.context, job))
    thread.start()
    assert faults.held.wait(60)
    run_jobs(world.context)
    new_account = get_or_create_member(world.context, replace(story.claims, signed_in_at=MONDAY + timedelta(hours=1)))
    world.book(new_account, NINE)
    world.favorite(new_account, story.cy)
    before = world.session(new_account, world.seen(new_account, NINE))
    faults.release_held()
    thread.join()
    assert world.session(new_account, world.seen(new_account, NINE)) == before
    assert world.says(new_account, story.cy).favorite
    assert not take_snapshot(story.world.table).jobs


def test_r33_the_export_has_all_data_of_the_member(story: AccountHistory) -> None:
    world = story.world
    profile = get_or_create_member(world.context, story.claims)
    world.invite(profile, max_uses=3)
    world.invite(profile, max_uses=3)
    body = msgspec.to_builtins(account_serializers.export(export_account(world.context, profile)))
    assert body["user"]["timeZone"] == "Europe/Vienna"
    states = [session["state"] for session in body["sessions"]]
    assert states == ["locked_in", "waiting", "cancelled", "matched", "matched", "unmatched"]
    titles = [session["title"] for session in body["sessions"]]
    assert titles == [SECRET, LONG_SECRET, LONG_SECRET, SECRET, SECRET, SECRET]
    assert [session["preferredPartnerId"] for session in body["sessions"]].count(story.ben.member_id) == 1
    people = {entry["name"]: (entry["favorite"], entry["snoozedUntil"], entry["blocked"]) for entry in body["people"]}
    assert people == {"Ben": (True, None, False), "Cy": (True, None, False)}
    assert len(body["inviteLinks"]) == 2
    for link in body["inviteLinks"]:
        assert (link["maxUses"], link["madeAt"]) == (3, serializers.instant_text(world.now))
        assert not {"url", "token", "digest"} & link.keys()
    # Cy's relation to Ada is Cy's data.
    of_cy = export_account(world.context, story.cy)
    (kind,) = msgspec.to_builtins(account_serializers.export(of_cy))["people"]
    assert (kind["name"], kind["snoozedUntil"]) == ("Ada", "2026-03-02T08:01:00+00:00")


def test_r33_a_deletion_revokes_the_links_and_none_can_be_made_afterwards(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    token = world.invite(ada)
    assert len(view_invite(world.context, token).slots) == 1
    world.leave(ada)
    with pytest.raises(InviteUnavailable):
        view_invite(world.context, token)
    assert world.links(ada) == []
    with pytest.raises(Refusal):
        world.invite(ada)


def returned(world: World, claims: Claims) -> Profile:
    """Sign a deleted member in with a later token."""
    return get_or_create_member(world.context, replace(claims, signed_in_at=MONDAY + timedelta(hours=1)))


def sign_up(world: World, name: str) -> tuple[Profile, Claims]:
    claims = Claims(world.settings.issuer, f"{name} {world.ids.random()}", name, None, "UTC", MONDAY)
    return get_or_create_member(world.context, claims), claims


@pytest.mark.long  # A sweep reads 372 partitions.
@pytest.mark.parametrize("kind", [RelationKind.BLOCK, RelationKind.SNOOZE])
def test_r33_a_block_or_snooze_outlives_the_deletion_of_the_other_account(world: World, kind: RelationKind) -> None:
    """Kim is blocked or snoozed by Vera, deletes the account and returns. No pairing of the two is possible."""
    vera = world.member("Vera")
    kim, claims_of_kim = sign_up(world, "Kim")
    world.favorite(vera, kim)
    world.say(vera, kind, kim, until=MONDAY + timedelta(days=2) if kind is RelationKind.SNOOZE else None)
    world.book(vera, NINE)
    world.leave(kim)
    (shown,) = list_people(world.context, vera.member_id, world.now, after=None, limit=None)
    assert (shown.profile, shown.relation.favorite, shown.relation.keeps_apart(world.now)) == (None, False, True)
    again = returned(world, claims_of_kim)
    said = world.says(vera, again)
    assert (said.favorite, said.keeps_apart(world.now)) == (False, True)
    world.favorite(again, vera)
    with pytest.raises(NotAvailable):
        world.lock(again, vera, NINE)
    assert favorites_availability(world.context, again) == []
    world.book(again, NINE)
    world.tick()
    assert world.state(vera, NINE) == world.state(again, NINE) == ("waiting", None)
    world.take_back(vera, kind, again)
    assert not world.says(vera, again).keeps_apart(world.now)
    world.tick()
    assert world.state(vera, NINE) == ("matched", "Kim")
    world.check()


def test_r33_a_block_of_a_deleted_account_can_be_removed(world: World) -> None:
    vera, kim = world.members("Vera", "Kim")
    world.say(vera, RelationKind.BLOCK, kim)
    world.leave(kim)
    for _ in range(2):
        world.take_back(vera, RelationKind.BLOCK, kim)
    assert list_people(world.context, vera.member_id, world.now, after=None, limit=None) == []
    with pytest.raises(NotFound):
        world.say(vera, RelationKind.BLOCK, kim)


def rows_of(world: World, member: Profile) -> set[str]:
    """Return the sort keys of the member's items, and the keys of others' items that name the member.

    The days of partners still name the member (R18).
    """
    found = read_whole_table(world.table)
    own = {key.sk for key in found if member.member_id in key.pk}
    others = {key for key in found if member.member_id not in key.pk and not key.sk.startswith(keys.DAY)}
    return own | {str(key) for key in others if member.member_id in f"{key.sk} {found[key]}"}


def settle(world: World) -> None:
    """Let the schedule finish the jobs."""
    world.deliver()
    world.now += SETTLE
    run_jobs(world.context)
    world.check()


def test_r33_nothing_is_left_of_a_member_without_sessions(world: World) -> None:
    """Kim blocks, unblocks, snoozes and favorites, makes a link and a key, and deletes the account."""
    kim, vera, fan, will = world.members("Kim", "Vera", "Fan", "Will")
    world.say(kim, RelationKind.BLOCK, vera)
    world.take_back(kim, RelationKind.BLOCK, vera)
    world.favorite(kim, fan)
    world.say(kim, RelationKind.SNOOZE, will, until=MONDAY + timedelta(days=1))
    world.invite(kim)
    world.api_key(kim, Scope.READ)
    world.cancel(kim, world.book(kim, NINE))
    world.favorite(fan, kim)
    world.say(will, RelationKind.BLOCK, kim)
    world.leave(kim)
    settle(world)
    said = str(keys.about(will.member_id, kim.member_id))
    assert rows_of(world, kim) == {"PROFILE", said}


def test_r33_a_booking_in_flight_that_creates_its_day_is_erased_by_the_job(world: World) -> None:
    """Its process crashed after the commit, so it did not look at its account again."""
    kim, other = world.members("Kim", "Other")
    world.book(other, NINE)
    world.leave(kim)
    world.deliver()
    late = replace(world.day(other, NINE), member_id=kim.member_id, version=0)
    (waiting,) = late.bookings
    booking = replace(waiting, member_id=kim.member_id, booking_id=session_id(kim.member_id, NINE.date, "0" * 16))
    editor = DayEditor(Days([Day(kim.member_id, NINE.date), world.day(other, NINE)]), "late", world.now)
    editor.add_booking(booking)
    editor.match(booking, waiting, "room")
    commit(world.table, WriteSet(days=editor.changes()), token="late", now=world.now)
    assert world.state(other, NINE) == ("matched", "Former member")
    world.check()
    settle(world)
    assert world.state(other, NINE) == ("waiting", None)
    assert rows_of(world, kim) == {"PROFILE"}


def test_r33_a_decision_on_a_deleted_day_is_not_committed_on_the_day_of_the_next_account(
    world: World, faults: FaultProxy
) -> None:
    """Ben decides to lock Kim's booking. Before the commit Kim deletes the account, returns and books another slot."""
    ben = world.member("Ben")
    kim, claims_of_kim = sign_up(world, "Kim")
    world.favorite(ben, kim)
    world.book(kim, NINE)
    faults.hold_next()
    raised: list[Refusal] = []

    def lock() -> None:
        try:
            world.lock(ben, kim, NINE)
        except Refusal as refused:
            raised.append(refused)

    thread = threading.Thread(target=lock)
    thread.start()
    assert faults.held.wait(60)
    world.leave(kim)
    again = returned(world, claims_of_kim)
    world.book(again, at(32))
    faults.release_held()
    thread.join()
    assert [type(refused) for refused in raised] == [NotAvailable]
    assert (world.state(again, NINE), world.state(again, at(32))) == (("none", None), ("waiting", None))
    world.check()


@pytest.mark.long  # Deletes an account with hundreds of items.
def test_r33_r36_a_request_erases_a_bounded_share_and_the_job_erases_the_rest(world: World) -> None:
    kim, ben = world.members("Kim", "Ben")
    others = world.members(*(f"Other {number}" for number in range(60)))
    world.relate([(kim, other) for other in others], blocked=True)
    world.relate([(other, kim) for other in others], favorite=True)
    for day in range(1, 21):
        for hour in (0, 4):
            world.book(ben, at(24 * day + hour))
            world.book(kim, at(24 * day + hour), title="é" * 30)
    with collect_metrics() as metrics:
        world.leave(kim)
    assert 50 < metrics.read_units + metrics.write_units <= 150
    tombstone = reads.account(world.table, kim.member_id)
    assert isinstance(tombstone, Tombstone)
    assert not tombstone.erased
    settle(world)
    assert rows_of(world, kim) == {"PROFILE"}
    assert {world.state(ben, at(24 * day))[0] for day in range(1, 21)} == {"waiting"}


def test_r33_a_small_account_is_erased_by_the_request(world: World) -> None:
    kim, ben = world.members("Kim", "Ben")
    world.favorite(kim, ben)
    world.favorite(ben, kim)
    world.book(ben, NINE)
    world.lock(kim, ben, NINE)
    world.invite(kim)
    with collect_metrics() as metrics:
        world.leave(kim)
    tombstone = reads.account(world.table, kim.member_id)
    assert isinstance(tombstone, Tombstone)
    assert tombstone.erased
    assert metrics.read_units + metrics.write_units <= 100
    job = str(keys.job(next(iter(take_snapshot(world.table).jobs))))
    assert rows_of(world, kim) == {"PROFILE", job}


def test_r33_failed_links_of_a_date_count_for_the_next_account(world: World) -> None:
    """A limit that a deletion resets would not limit who guesses links (R36)."""
    kim, claims_of_kim = sign_up(world, "Kim")
    world.allow(tries=2)
    for _ in range(2):
        with pytest.raises(InviteUnavailable):
            world.accept(kim, "unknown", NINE)
    world.leave(kim)
    settle(world)
    again = returned(world, claims_of_kim)
    with pytest.raises(RateLimited):
        world.accept(again, "unknown", NINE)


def test_r33_a_past_day_loses_the_cancelled_matches_of_its_owner_too(world: World) -> None:
    """Nothing else in the day is personal, as its only session stays for the partner."""
    kim, ben = world.members("Kim", "Ben")
    world.book(ben, STARTED)
    world.book(kim, STARTED)
    day = world.day(kim, STARTED)
    batches.save(world.table, [day_item(day.with_cancelled_match(STARTED.date))])
    world.after(hours=72)
    world.leave(kim)
    settle(world)
    after = world.day(kim, STARTED)
    assert (after.bookings, after.cancelled_matches, after.cancelled_on) == (day.bookings, 0, None)
