"""`python -m bench.recovery` measures the steps of a restore that are this product's, on the embedded engine.

It fills a table, deletes every tenth account, puts the table back as it stood before, and measures the replay of the
ledger and the audit. The restore itself is a service of AWS and is not measured.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic

from msgspec import Struct

from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.handlers.bootstrap import bootstrap
from chalicelib.services.audit import audit
from chalicelib.services.bookings.book import book_session
from chalicelib.services.context import Context
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.members.relationships import set_relation
from chalicelib.services.replay import replay
from infra.local.aws import client
from infra.local.engine import Engine
from infra.local.ledger import create_ledger
from infra.replay_erasures import environment_of
from infra.table import create_table
from tests import batches
from tests.table_snapshot import read_whole_table

TABLE, REGION = "recovery", "us-east-1"
SESSIONS = 5
# Every tenth account was deleted in the lost time.
DELETED = 10


class Recovery(Struct, frozen=True):
    """The size of a table and the seconds of the steps after its restore."""

    items: int
    deleted: int
    replay_seconds: float
    audit_seconds: float


def main(arguments: Sequence[str]) -> None:
    """Measure a recovery and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench.recovery", description=__doc__)
    parser.add_argument("--members", type=int, default=200)
    members = parser.parse_args(arguments).members
    with Engine() as engine:
        found = measure(engine.url, members)
    print(f"{found.items} items of {members} members")
    print(f"replay of {found.deleted} deletions: {found.replay_seconds:.1f} s")
    print(f"audit: {found.audit_seconds:.1f} s, {found.items / found.audit_seconds:.0f} items a second")


def measure(url: str, members: int) -> Recovery:
    """Return the measures of one recovery on an engine."""
    create_table(client("dynamodb", url), TABLE)
    context = bootstrap(environment_of(TABLE, create_ledger(client("s3", url)), region=REGION, endpoint=url))
    profiles = _fill(context, members)
    stored, since = read_whole_table(context.table), context.clock()
    deleted = profiles[::DELETED]
    for profile in deleted:
        delete_account(context, profile.member_id, deleted_at=context.clock())
    batches.delete(context.table, read_whole_table(context.table))
    batches.put(context.table, *stored.values())
    began = monotonic()
    done = replay(context, since)
    replayed = monotonic()
    pages = list(audit(context.table, context.clock, context.pause))
    ended = monotonic()
    assert done.erased == len(deleted)
    assert not any(page.violations for page in pages)
    return Recovery(sum(page.items for page in pages), done.erased, replayed - began, ended - replayed)


def _fill(context: Context, members: int) -> list[Profile]:
    """Create members with sessions ahead, each with the next member as a favorite."""
    now = datetime.now(UTC)
    claims = (Claims("https://issuer.example", str(n), f"Member {n}", None, "UTC", now) for n in range(members))
    profiles = [get_or_create_member(context, each) for each in claims]
    for one, other in pairwise(profiles):
        set_relation(context, one.member_id, other.member_id, RelationKind.FAVORITE)
    for number, profile in enumerate(profiles):
        for day in range(SESSIONS):
            start = day_start(now.date()) + timedelta(days=2 + day, hours=number % 12)
            book_session(context, profile, BookingRequest(Slot(start, 50), title="A session"), None)
    return profiles


if __name__ == "__main__":
    main(sys.argv[1:])
