"""Past days expire where a deployment keeps them for a time only (R33)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.model.ids import session_id
from chalicelib.domain.model.slot import Slot
from chalicelib.services.audit import audit
from chalicelib.storage import keys
from chalicelib.storage.connection import Table
from chalicelib.storage.retention import date_of, expiry_seconds, may_be_partial
from tests import batches
from tests.harness import TABLE, World, at
from tests.table_snapshot import read_whole_table

RETENTION = timedelta(days=90)
ON = date(2026, 3, 2)
LONG_TITLE = "a title that is too long for the day of its session by several words, so that it is an item of its own"


def test_r33_a_date_expires_after_its_last_session_and_the_retention() -> None:
    expiry = datetime.fromtimestamp(expiry_seconds(ON, RETENTION) or 0, UTC)
    last_session = Slot(datetime(2026, 3, 2, 23, 45, tzinfo=UTC), 75)
    assert expiry == datetime(2026, 6, 2, tzinfo=UTC)
    assert expiry - RETENTION > last_session.end
    assert expiry_seconds(ON, None) is None


def test_r33_the_keys_of_days_and_titles_have_their_date() -> None:
    assert date_of(keys.day("ada", ON)) == ON
    assert date_of(keys.title("ada", session_id("ada", ON, "abcdefgh"))) == ON
    with pytest.raises(ValueError, match="PROFILE"):
        date_of(keys.profile("ada"))


def test_r33_a_day_may_be_partial_from_the_expiry_of_the_day_before_on() -> None:
    before = datetime.fromtimestamp(expiry_seconds(ON - timedelta(days=1), RETENTION) or 0, UTC)
    key = keys.day("ada", ON)
    assert not may_be_partial(key, RETENTION, before - timedelta(seconds=1))
    assert may_be_partial(key, RETENTION, before)
    assert not may_be_partial(key, None, before)
    assert not may_be_partial(keys.profile("ada"), RETENTION, before)


@pytest.fixture
def keeping(world: World, engine: str) -> World:
    """A deployment that keeps past days for 90 days."""
    world.table = world.context.table = Table(TABLE, region="us-east-1", endpoint=engine, retention=RETENTION)
    return world


def expiries(world: World) -> dict[str, int | None]:
    """Return the expiry of the days and of the long titles."""
    return {
        key.sk.partition("#")[0]: int(raw["expires"]["N"]) if "expires" in raw else None
        for key, raw in read_whole_table(world.table).items()
        if key.sk.startswith((keys.DAY, keys.TITLE))
    }


def test_r33_days_and_long_titles_expire_together(keeping: World) -> None:
    ada, ben = keeping.members("Ada", "Ben")
    keeping.book(ada, at(1), title=LONG_TITLE)
    keeping.book(ben, at(1))
    assert keeping.state(ada, at(1)) == ("matched", "Ben")
    assert expiries(keeping) == dict.fromkeys(("DAY", "TITLE"), expiry_seconds(ON, RETENTION))


def test_r33_without_a_retention_no_day_expires(world: World) -> None:
    world.book(world.member("Ada"), at(1), title=LONG_TITLE)
    assert expiries(world) == dict.fromkeys(("DAY", "TITLE"))


@pytest.mark.long  # It reads the table many times.
def test_r33_the_audit_accepts_any_part_of_expired_days(keeping: World) -> None:
    """The items of a pair expire one by one, also those of a session over midnight."""
    ada, ben = keeping.members("Ada", "Ben")
    keeping.book(ada, at(15.75), title=LONG_TITLE)
    keeping.book(ben, at(15.75))
    # The rows of the pair have expired long before.
    batches.delete(keeping.table, [key for key in read_whole_table(keeping.table) if key.pk.startswith(keys.PAIRS)])
    stored = read_whole_table(keeping.table)
    expiring = [key for key in stored if key.sk.startswith((keys.DAY, keys.TITLE))]
    assert len(expiring) == 5
    keeping.now = datetime.fromtimestamp(expiry_seconds(ON, RETENTION) or 0, UTC)
    for key in expiring:
        batches.delete(keeping.table, [key])
        pages = list(audit(keeping.table, lambda: keeping.now, keeping.context.pause))
        assert [page.violations for page in pages if page.violations] == []
        batches.put(keeping.table, stored[key])
