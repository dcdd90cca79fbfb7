"""The copy of a table with keyed member ids, as a command on tables of its own (R34)."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace as copy
from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient
from msgspec.structs import replace

from chalicelib.domain.decisions.queue_rows import PairRow, WaitingRow
from chalicelib.domain.decisions.title_items import LongTitle
from chalicelib.domain.decisions.write_set import Job, JobKind, QueueShardsOpened, RecordedResponse
from chalicelib.domain.model.access_record import AccessKind, AccessRecord
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.booking import (
    Booking,
    BookingChange,
    ChangeKind,
    Partner,
    PartnerPreference,
    QueuePosition,
    State,
)
from chalicelib.domain.model.day import Day, id_prefix
from chalicelib.domain.model.ids import (
    is_owned_by,
    keyed_member_id,
    owned_id,
    session_date,
    session_id,
    unkeyed_member_id,
)
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.limits import LimitKind, VersionedLimit
from chalicelib.domain.model.member import Profile, Relation, Tombstone, WorkStyle
from chalicelib.services.members.api_keys import member_of_api_key, revoke_api_key
from chalicelib.services.members.invite_links import InviteLimits, make_invite
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.storage import keys, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import day_item, recorded_response_item, title_item
from chalicelib.storage.items import DocumentItem, Item, SchemaItem
from chalicelib.storage.mappers import (
    account_item,
    api_key_item,
    invite_item,
    job_item,
    link_item,
    listed_key_item,
    queue_shards_item,
    relation_item,
    row_item,
    versioned_limit_item,
)
from infra.local.aws import REGION
from infra.local.engine import ROOT
from infra.member_ids import MemberIds
from infra.table import create_table
from tests.batches import put
from tests.corrupt_items import NINE, SECRET, PopulatedTable
from tests.harness import MONDAY, TABLE, World, at
from tests.table_snapshot import read_whole_table

pytestmark = pytest.mark.long

IDENTITY_KEY = "the secret of this deployment"
# The title has the ids of members in it, which the copy leaves there.
TITLE = f"{unkeyed_member_id('issuer', 'ada')}#{unkeyed_member_id('issuer', 'ben')}, or a title too long for its day"


def run(engine: str, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOCKSTEP_"))}
    return subprocess.run(
        [sys.executable, "-m", "infra.member_ids", "--from", TABLE, "--to", target, "--engine", engine],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture
def target(database: BaseClient, engine: str) -> Iterator[str]:
    """A new, empty table."""
    name = f"keyed-{uuid.uuid4().hex[:8]}"
    create_table(database, name)
    yield name
    database.delete_table(TableName=name)


def moved_world(world: World, engine: str, target: str) -> World:
    """Copy the table and return a deployment on the copy."""
    ran = run(engine, target, LOCKSTEP_IDENTITY_KEY=IDENTITY_KEY)
    assert (ran.returncode, ran.stderr) == (0, "")
    settings = replace(world.settings, table=target, identity_key=IDENTITY_KEY.encode())
    return copy(world, settings=settings, table=Table(target, region=REGION, endpoint=engine))


def keyed(member_id: str) -> str:
    return keyed_member_id(member_id, IDENTITY_KEY.encode())


def moved(member: Profile) -> Profile:
    """Return a member with the keyed id."""
    return replace(member, member_id=keyed(member.member_id))


def test_r34_a_moved_table_has_no_unkeyed_id_and_no_violation(
    populated_table: PopulatedTable, engine: str, target: str
) -> None:
    after = moved_world(populated_table.world, engine, target)
    after.check()
    ids = [member.member_id for member in (*populated_table.members.values(), *populated_table.crowd)]
    stored = repr(read_whole_table(after.table))
    assert [member_id for member_id in ids if member_id in stored] == []
    assert [member_id for member_id in ids if keyed(member_id) not in stored] == []
    assert len(read_whole_table(after.table)) == len(read_whole_table(populated_table.world.table))


def test_r34_members_find_their_sessions_links_and_keys_in_a_moved_table(
    populated_table: PopulatedTable, engine: str, target: str
) -> None:
    before = populated_table.world
    after = moved_world(before, engine, target)
    cy, eve, gil, ada = (populated_table.members[name] for name in ("cy", "eve", "gil", "ada"))
    assert after.state(moved(cy), NINE) == before.state(cy, NINE) == ("locked_in", "Dee")
    session = after.seen(moved(eve), NINE)
    assert session is not None
    assert (session["title"], session_date(keyed(eve.member_id), session["sessionId"])) == (SECRET, NINE.date)
    (link,) = after.links(moved(gil))
    (key,) = (key for _, key in reads.api_keys_of(after.table, keyed(gil.member_id)) if key)
    assert [is_owned_by(keyed(gil.member_id), owned) for owned in (link.link_id, key.key_id)] == [True, True]
    assert link == replace(populated_table.link(), link_id=link.link_id, owner_id=keyed(gil.member_id))
    assert after.says(moved(eve), moved(ada)).blocked


def test_r20_a_moved_table_remembers_who_met_and_who_cancelled(world: World, engine: str, target: str) -> None:
    ada, ben = world.members("Ada", "Ben")
    world.favorite(ada, ben)
    for slot in (at(1), at(25)):
        world.book(ben, slot)
        session = world.lock(ada, ben, slot)
    world.cancel(ada, session)
    world.book(ada, at(27))
    after = moved_world(world, engine, target)
    day = after.day(moved(ada), at(25))
    assert day.days_since_pair_with(keyed(ben.member_id)) == 1
    assert day.cancelled_locks_with(keyed(ben.member_id)) == world.day(ada, at(25)).cancelled_locks_with(ben.member_id)
    assert day.cancelled_locks_with(keyed(ben.member_id)) == 1
    assert after.day(moved(ben), at(25)).was_cancelled_by(at(25), keyed(ada.member_id))


def items_of_each_kind(ada: str, ben: str) -> list[Item]:
    """Return an item of each kind for two members, with each attribute that names one of them."""
    slot, later = at(1), MONDAY + timedelta(days=1)
    booking_id, link_id, key_id = session_id(ada, slot.date, "b" * 16), owned_id(ada, "c" * 16), owned_id(ada, "d" * 16)
    position = QueuePosition(displaced=False, since=MONDAY)
    waiting = Booking(booking_id, ada, slot, MONDAY, State.WAITING, queue_position=position)
    named = replace(waiting, preference=PartnerPreference(favorites=True, named=ben)).titled(TITLE)
    partner = Partner(ben, "p" * 26, WorkStyle())
    changes = (BookingChange(ChangeKind.MATCHED, MONDAY), BookingChange(ChangeKind.PARTNER_CANCELLED, MONDAY))
    matched = replace(waiting, state=State.MATCHED, queue_position=None, partner=partner, changes=changes)
    day = Day(ada, slot.date, 5, (named, matched), operations=("e" * 8,), met={id_prefix(ben): 3}, cancelled_matches=4)
    day = replace(day.with_cancelled_by(slot, ben).with_cancelled_by(at(2), ben), cancelled_on=slot.date)
    day = replace(day, cancelled_locks={id_prefix(ben): 12})
    # An earlier release stored these attributes.
    old = day_item(replace(day, date=later.date(), bookings=(), met={}, cancelled_by=()))
    old.met, old.cancelled_by = [id_prefix(ben)], {f"0900#50#{ben}"}
    link = InviteLink(link_id, ada, "f" * 64, MONDAY, booking_id, later, 3, 1, made_by=key_id)
    access = AccessRecord().with_use(AccessKind.WRITE, slot.date)
    key = ApiKey(key_id, ada, "0" * 64, TITLE, Scope.WRITE, MONDAY, slot.date, later, access)
    limit = VersionedLimit(ada, LimitKind.RELATIONS, 7, changes=2, changed_on=slot.date, changed_at=MONDAY)
    return [
        account_item(Profile(ada, TITLE, "UTC", MONDAY, "g" * 8, completed=3, counted_until=MONDAY, access=access)),
        account_item(Tombstone(ben, MONDAY, "h" * 8)),
        relation_item(keys.about(ada, ben), Relation(favorite=True, snoozed_until=later, blocked=True)),
        relation_item(keys.by(ben, ada), Relation(favorite=True)),
        day_item(day),
        old,
        title_item(LongTitle(ada, booking_id, TITLE)),
        recorded_response_item(RecordedResponse("key", "j" * 64, matched, True, False, MONDAY, later)),
        invite_item(link),
        link_item(link),
        api_key_item(key),
        listed_key_item(key),
        versioned_limit_item(limit),
        row_item(WaitingRow(slot, position, ada, 2)),
        row_item(PairRow(slot, "p" * 26, frozenset({ada, ben}))),
        queue_shards_item(QueueShardsOpened(slot, 1, 4), 2),
        job_item(Job("k" * 16, JobKind.PARTING, ada, ben, made_at=MONDAY)),
    ]


def test_r34_an_item_of_each_kind_is_moved() -> None:
    ada, ben = (unkeyed_member_id("issuer", name) for name in ("ada", "ben"))
    items = items_of_each_kind(ada, ben)
    # A table with unkeyed ids is of a release without documents and without a schema of the table.
    assert {type(item) for item in items} == set(Item.__subclasses__()) - {DocumentItem, SchemaItem}
    ids = MemberIds(IDENTITY_KEY.encode())
    for item in items:
        ids.collect(item.serialize())
    expected = [comparable(item.serialize()) for item in items_of_each_kind(keyed(ada), keyed(ben))]
    assert [comparable(ids.mapped(item.serialize())) for item in items] == expected


def comparable(raw: Any) -> Any:
    """Return an item with its sets in one order."""
    if isinstance(raw, dict):
        return {name: sorted(value) if name == "SS" else comparable(value) for name, value in raw.items()}
    return [comparable(one) for one in raw] if isinstance(raw, list) else raw


def test_r35_a_moved_link_dies_with_the_moved_key_that_made_it(world: World, engine: str, target: str) -> None:
    ada = world.member("Ada")
    key = world.api_key(ada, Scope.WRITE)
    make_invite(world.context, ada.member_id, InviteLimits(), key.key)
    after = moved_world(world, engine, target)
    owner, moved_key = member_of_api_key(after.context, key.text)
    assert owner == moved(ada)
    assert [link.made_by for link in after.links(owner)] == [moved_key.key_id]
    revoke_api_key(after.context, owner.member_id, moved_key.key_id)
    assert after.links(owner) == []


def test_r34_a_token_finds_the_account_of_the_unkeyed_id(world: World, engine: str, target: str) -> None:
    made = world.member("Ada")
    unkeyed = unkeyed_member_id(world.settings.issuer, "ada")
    (raw,) = (raw for key, raw in read_whole_table(world.table).items() if key.sk == "PROFILE")
    put(world.table, dict(raw) | {"PK": {"S": f"MEMBER#{unkeyed}"}})
    after = moved_world(world, engine, target)
    claims = Claims(world.settings.issuer, "ada", "Ada", None, "UTC", MONDAY + timedelta(minutes=1))
    assert get_or_create_member(after.context, claims) == replace(made, member_id=keyed(unkeyed))


def test_a_table_with_items_is_not_overwritten(populated_table: PopulatedTable, engine: str, target: str) -> None:
    assert run(engine, target, LOCKSTEP_IDENTITY_KEY=IDENTITY_KEY).returncode == 0
    again = run(engine, target, LOCKSTEP_IDENTITY_KEY="another")
    assert (again.returncode, again.stdout, again.stderr) == (2, "", f"{target} is not empty.\n")


def test_the_secret_is_needed(engine: str, target: str) -> None:
    ran = run(engine, target)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "LOCKSTEP_IDENTITY_KEY is not set" in ran.stderr
