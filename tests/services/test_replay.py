"""The restore drill, which replays the ledger on a table as of an earlier instant (R33)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from chalicelib.domain.decisions.write_set import SETTLE
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import Suspended, Unauthenticated
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from chalicelib.domain.model.member import CLOCKS_DIFFER, Profile, Tombstone
from chalicelib.services.jobs import run_jobs
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.replay import Replayed, replay
from chalicelib.storage import reads
from chalicelib.storage.raw_reads import RawItems
from tests import batches
from tests.harness import MONDAY, World, at
from tests.recorded_ledger import RecordedLedger, record_acts
from tests.staff_acts import lift, suspend
from tests.table_snapshot import read_whole_table, take_snapshot

# Each test plays a community of five members and restores its table.
pytestmark = pytest.mark.long

TITLE = "a private title"
LONG_TITLE = f"{TITLE} that is too long for the day of its session by several words"


class Backup(NamedTuple):
    """The items of the table at an instant."""

    at: datetime
    items: RawItems


class RestoredCommunity:
    """Members with sessions and deleted accounts. The table is copied after each step."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = record_acts(world)
        self.members: dict[str, Profile] = {}
        self.signed_in: dict[str, Claims] = {}
        self.backups: list[Backup] = []

    def sign_in(self, name: str) -> None:
        """Sign a person in, whose first sign-in opens an account."""
        claims = self.signed_in.get(name) or Claims(
            self.world.settings.issuer, f"{name} {self.world.ids.random()}", name, None, "UTC", self.world.now
        )
        self.signed_in[name] = Claims(claims.issuer, claims.subject, name, None, "UTC", signed_in_at=self.world.now)
        self.members[name] = get_or_create_member(self.world.context, self.signed_in[name])

    def leave(self, name: str) -> None:
        """Delete an account at the current time."""
        delete_account(self.world.context, self.members[name].member_id, deleted_at=self.world.now)
        self.world.deliver()
        self.world.after(minutes=2)
        run_jobs(self.world.context)

    def play(self) -> None:
        """Play every step, and copy the table before the first and after each."""
        for step in self.steps():
            self.copy()
            step()
            self.world.deliver()
            self.world.after(minutes=1)
        self.copy()

    def copy(self) -> None:
        self.backups.append(Backup(self.world.now, read_whole_table(self.world.table)))

    def steps(self) -> list[Callable[[], None]]:
        return [
            lambda: [self.sign_in(name) for name in ("Ada", "Ben", "Cy", "Eve", "Fay")] and None,
            self._fill,
            lambda: self.leave("Fay"),
            lambda: self.sign_in("Fay"),
            self._book_again,
            lambda: self.leave("Ada"),
            lambda: self.sign_in("Gus"),
            lambda: self.leave("Gus"),
            lambda: self.leave("Eve"),
            lambda: self.sign_in("Eve"),
            lambda: self.leave("Fay"),
        ]

    def _fill(self) -> None:
        world, (ada, ben, cy, eve, fay) = self.world, self.members.values()
        world.favorite(ada, ben, cy)
        world.favorite(ben, ada, fay)
        world.favorite(cy, ada, eve)
        world.book(ben, at(30))
        world.lock(ada, ben, at(30), title=LONG_TITLE)
        world.book(cy, at(60))
        world.lock(ada, cy, at(60), title=TITLE)
        world.book(fay, at(32), title=TITLE)
        world.lock(ben, fay, at(32))
        world.book(ada, at(34), title=TITLE)
        world.book(eve, at(36))
        world.invite(ada)
        world.api_key(ada, Scope.WRITE)

    def _book_again(self) -> None:
        self.world.book(self.members["Fay"], at(40), title=TITLE)
        self.world.book(self.members["Ben"], at(40))

    def restore(self, backup: Backup) -> None:
        """Replace the table by a copy, as a restore to its instant would."""
        batches.delete(self.world.table, read_whole_table(self.world.table))
        batches.put(self.world.table, *backup.items.values())
        self.world.streams.skip()

    def replay(self, since: datetime) -> Replayed:
        """Replay the ledger, deliver the stream and run the schedules until nothing is left."""
        done = replay(self.world.context, since)
        self.world.deliver()
        self.world.now += SETTLE
        run_jobs(self.world.context)
        self.world.deliver()
        return done


@pytest.fixture
def community(world: World) -> RestoredCommunity:
    community = RestoredCommunity(world)
    community.play()
    return community


def assert_erased(community: RestoredCommunity, ledger: RecordedLedger) -> None:
    """Assert that the table holds none of the erased accounts, and that their tokens open none."""
    world = community.world
    world.check()
    assert take_snapshot(world.table).jobs == {}
    texts = "\n".join(map(str, read_whole_table(world.table).values()))
    assert [text for text in (TITLE, "Ada", "Gus", "Fay") if text in texts] == []
    for entry in ledger.accepted:
        account = reads.account(world.table, entry.member_id)
        assert account is not None
        assert account.deleted_at is not None
        assert account.deleted_at >= entry.at
    for name in ("Ada", "Gus", "Fay"):
        assert isinstance(reads.account(world.table, community.members[name].member_id), Tombstone)
        with pytest.raises(Unauthenticated):
            get_or_create_member(world.context, community.signed_in[name])


def test_r33_a_restored_table_holds_no_erased_account_after_the_replay(community: RestoredCommunity) -> None:
    """The hour since the second step is lost, with every deletion but the one of Fay's first account."""
    world, backup = community.world, community.backups[5]
    before = list(community.ledger.accepted)
    community.restore(backup)
    assert TITLE in str(read_whole_table(world.table))
    # Entries from before the restored instant hold in the table already.
    assert community.replay(MONDAY) == Replayed(entries=5, erased=4)
    assert_erased(community, community.ledger)
    # Partners wait again, as after a cancel.
    assert world.state(community.members["Ben"], at(30)) == ("waiting", None)
    assert world.seen(community.members["Ben"], at(30))["lastChange"]["kind"] == "partner_cancelled"
    assert world.state(community.members["Cy"], at(60)) == ("waiting", None)
    assert set(community.ledger.accepted) == set(before)
    assert community.replay(MONDAY) == Replayed(entries=5, erased=0)


def test_r33_a_member_who_came_back_keeps_the_new_account(community: RestoredCommunity) -> None:
    """Eve signed in again after her deletion. A replay on a table of later keeps that account."""
    world = community.world
    community.restore(community.backups[10])
    community.replay(MONDAY)
    assert reads.profile(world.table, community.members["Eve"].member_id) == community.members["Eve"]
    assert_erased(community, community.ledger)


def test_r33_a_member_who_came_back_in_the_lost_time_signs_in_to_an_empty_account(community: RestoredCommunity) -> None:
    world = community.world
    community.restore(community.backups[2])
    community.replay(community.backups[2].at)
    eve = community.signed_in["Eve"]
    world.now = eve.signed_in_at + CLOCKS_DIFFER
    assert world.seen(get_or_create_member(world.context, eve), at(36)) is None


def test_r33_a_restore_to_any_instant_leaves_no_erased_account(community: RestoredCommunity) -> None:
    for backup in community.backups:
        community.world.now = community.backups[-1].at
        community.restore(backup)
        community.replay(backup.at - timedelta(minutes=5))
        assert_erased(community, community.ledger)


def test_r33_a_replay_that_stopped_is_repeated(community: RestoredCommunity) -> None:
    community.restore(community.backups[2])
    community.ledger.failures = 1
    with pytest.raises(Exception, match="Too many changes"):
        replay(community.world.context, MONDAY)
    community.replay(MONDAY)
    assert_erased(community, community.ledger)


def suspended_at(world: World, member: Profile) -> datetime | None:
    account = reads.account(world.table, member.member_id)
    assert account
    return account.suspension.at if account.suspension else None


def test_r47_a_suspension_of_the_lost_time_holds_again_and_a_lifted_one_does_not(community: RestoredCommunity) -> None:
    """Ben and Cy are suspended, Cy's suspension is lifted, and Ada's, from before, is lifted, too."""
    world, members = community.world, community.members
    backup = community.backups[2]
    community.restore(backup)
    suspend(world, members["Ada"])
    world.after(minutes=1)
    before = Backup(world.now, read_whole_table(world.table))
    community.ledger.accepted.clear()
    suspend(world, members["Ben"])
    at_once = suspended_at(world, members["Ben"])
    suspend(world, members["Cy"])
    world.after(minutes=1)
    lift(world, members["Cy"])
    lift(world, members["Ada"])
    world.deliver()
    community.restore(before)
    assert community.replay(before.at) == Replayed(entries=4, erased=0, suspended=1, lifted=1)
    assert [suspended_at(world, members[name]) for name in ("Ben", "Cy", "Ada")] == [at_once, None, None]
    # As by the member: the partner waits, and the own sessions are cancelled.
    fay = reads.profile(world.table, members["Fay"].member_id)
    assert fay
    assert world.state(fay, at(32)) == ("waiting", None)
    assert community.replay(before.at) == Replayed(entries=4, erased=0)


def test_r47_a_suspended_member_who_joined_in_the_lost_time_finds_no_way_in(community: RestoredCommunity) -> None:
    world = community.world
    community.restore(community.backups[0])
    community.sign_in("Ivy")
    community.ledger.accepted.clear()
    suspend(world, community.members["Ivy"])
    community.restore(community.backups[0])
    assert community.replay(MONDAY).suspended == 1
    world.after(minutes=5)
    with pytest.raises(Suspended):
        community.sign_in("Ivy")


def test_r33_an_account_whose_deletion_began_before_the_restored_instant_is_deleted_again(world: World) -> None:
    """The commit came after it, so the table has the account, and the ledger an earlier instant."""
    ledger, ada, ben = record_acts(world), *world.members("Ada", "Ben")
    world.after(minutes=5)
    for kind, member in ((LedgerKind.ERASED, ada), (LedgerKind.SUSPENDED, ben)):
        ledger.put(LedgerEntry(kind, member.member_id, world.now - timedelta(seconds=20)))
    done = replay(world.context, world.now)
    assert (done.erased, done.suspended) == (1, 1)
    assert isinstance(reads.account(world.table, ada.member_id), Tombstone)
    assert replay(world.context, world.now) == Replayed(2, 0)
