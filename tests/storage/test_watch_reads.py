"""The reads of watches and watchers (R45)."""

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.watch import Watch, Watcher, WatchHorizon, WatchRound, unused_hour
from chalicelib.storage import watch_reads
from chalicelib.storage.transactions import commit
from tests.harness import MONDAY, World, at

ROUND = WatchRound(favorite_id="F", booking_ids=("b",), date=at(1).date, change="1", at=MONDAY, version=1)


def store(world: World, *stored: Document) -> None:
    changes = WriteSet(documents=tuple(DocumentChange(None, document) for document in stored))
    commit(world.table, changes, token=world.context.token(26), now=world.now)


def test_r45_the_watches_of_a_member_and_the_watchers_of_a_favorite_are_lists_of_their_own(world: World) -> None:
    watches = [Watch(member_id="A", favorite_id=favorite, made_at=MONDAY, version=1) for favorite in "FG"]
    watchers = [Watcher(favorite_id="F", member_id=member, made_at=MONDAY, version=1) for member in "ABC"]
    hour = unused_hour("F", MONDAY)
    store(world, *watches, *watchers, hour)
    assert list(watch_reads.watches_of(world.table, "A")) == watches
    assert list(watch_reads.watches_of(world.table, "F")) == []
    assert watch_reads.watch(world.table, "A", "G") == watches[1]
    assert watch_reads.watch(world.table, "B", "F") is None
    assert watch_reads.watchers_of(world.table, "F") == watchers
    assert watch_reads.watchers_of(world.table, "F", most=2) == watchers[:2]
    assert watch_reads.watchers_of(world.table, "F", after="B", most=2) == watchers[2:]
    assert watch_reads.watcher(world.table, "F", "C") == watchers[2]
    found = watch_reads.watched_hour(world.table, "F")
    assert found
    assert (found.hour, found.changes, found.version) == (hour.hour, (), 1)


def test_r45_the_rounds_are_apart_from_the_horizon(world: World) -> None:
    horizon = WatchHorizon(until=MONDAY, version=1)
    assert watch_reads.watch_horizon(world.table) is None
    store(world, ROUND, horizon)
    assert list(watch_reads.open_rounds(world.table)) == [ROUND]
    assert watch_reads.watch_horizon(world.table) == horizon
