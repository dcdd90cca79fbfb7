"""Single items: conditions of a put, items that are missing, and pages, on moto's table in this process.

One thread tests here. moto is no witness for races: it runs each request alone, so that no two of them ever conflict.
"""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws
from msgspec.structs import replace

from chalicelib.domain.decisions.write_set import (
    InviteMade,
    InviteRevoked,
    InviteUse,
    Job,
    JobKind,
    ProfileChange,
    RecordedResponse,
    WriteSet,
)
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.storage import queries, raw_reads, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import Conflict
from chalicelib.storage.keys import Key, job, profile
from chalicelib.storage.mappers import job_item
from infra.table import create_table
from tests.batches import put
from tests.harness import TABLE, Stream, World, settings
from tests.storage.test_transactions import NINE, try_commit
from tests.table_snapshot import look_at_everything


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """An empty deployment for one thread, on the engine of all tests where that is the reference."""
    if request.config.getoption("--reference"):
        yield request.getfixturevalue("world")
        return
    with mock_aws():
        arn = create_table(boto3.client("dynamodb"), TABLE)
        table = Table(TABLE, region="us-east-1", endpoint=None)
        world = World(settings("", arn), Stream(boto3.client("dynamodbstreams"), arn), table)
        yield world
        world.check()


def test_an_item_that_is_missing_is_none(world: World) -> None:
    ada, missing = world.member("Ada"), profile("nobody")
    assert queries.get(world.table, missing) is None
    assert queries.batch(world.table, [missing, profile(ada.member_id)], consistent=True).keys() == {
        profile(ada.member_id)
    }
    assert raw_reads.at(world.table, {missing}) == raw_reads.at_one_instant(world.table, {missing}) == {}


def test_an_answer_is_written_once_until_it_expires(world: World) -> None:
    ada = world.member("Ada")
    world.book(ada, NINE)
    (booking,) = world.day(ada, NINE).bookings
    answer = RecordedResponse("key", "digest", booking, True, False, world.now, world.now + timedelta(hours=24))
    assert try_commit(world, WriteSet(answer=answer)) is None
    assert try_commit(world, WriteSet(answer=replace(answer, new=False))) is Conflict
    assert reads.recorded_response(world.table, ada.member_id, "key") == answer
    world.after(hours=24)
    assert try_commit(world, WriteSet(answer=replace(answer, new=False))) is None


def test_r32_two_changes_of_one_profile_do_not_undo_each_other(world: World) -> None:
    ada = world.member("Ada")
    renamed = replace(ada, name="Ada L.", revision="one")
    assert try_commit(world, WriteSet(profile=ProfileChange(ada, renamed))) is None
    quiet = replace(ada, name="Ada", revision="two")
    assert try_commit(world, WriteSet(profile=ProfileChange(ada, quiet))) is Conflict
    assert reads.profile(world.table, ada.member_id) == renamed


def test_a_profile_is_made_once(world: World) -> None:
    ada = world.member("Ada")
    assert try_commit(world, WriteSet(profile=ProfileChange(None, replace(ada, name="Eve")))) is Conflict
    assert reads.profile(world.table, ada.member_id) == ada


def test_r29_a_link_is_used_as_it_was_read_or_not_at_all(world: World) -> None:
    ada = world.member("Ada")
    world.invite(ada, max_uses=2)
    (link,) = world.links(ada)
    assert try_commit(world, WriteSet(invite=InviteUse(link, link.used()))) is None
    assert try_commit(world, WriteSet(invite=InviteUse(link, link.used()))) is Conflict
    assert world.links(ada) == [link.used()]
    assert try_commit(world, WriteSet(invite=InviteRevoked(link))) is None
    assert try_commit(world, WriteSet(invite=InviteUse(link.used(), link.used().used()))) is Conflict
    assert reads.invite(world.table, link.digest) is None


def test_r29_a_link_made_again_by_a_write_that_lands_late_has_no_uses_back(world: World) -> None:
    ada = world.member("Ada")
    world.invite(ada, max_uses=2)
    (link,) = world.links(ada)
    assert try_commit(world, WriteSet(invite=InviteUse(link, link.used()))) is None
    unpassed = versioned_limit_of(ada.member_id, LimitKind.LINKS)
    assert try_commit(world, WriteSet(invite=InviteMade(link), versioned_limit=unpassed)) is Conflict
    assert world.links(ada) == [link.used()]


def test_chores_are_read_to_the_last(world: World) -> None:
    """Here each is a third of what one request reads."""
    put(world.table, *(job_item(Job(f"{n}", JobKind.PARTING, "a" * 350_000, "b")).serialize() for n in range(12)))
    world.member("Ada")
    assert set(raw_reads.open_jobs(world.table)) == {job(f"{n}") for n in range(12)}


def test_a_page_begins_behind_the_one_before(world: World) -> None:
    world.members("Ada", "Ben", "Cy")
    seen: list[Key] = []
    for segment in range(raw_reads.SEGMENTS):
        after = None
        while True:
            page, after = raw_reads.page(world.table, 1, segment, after)
            assert len(page) <= 1
            seen += page
            if after is None:
                break
    assert len(seen) == 3
    assert set(seen) == set(look_at_everything(world.table))
