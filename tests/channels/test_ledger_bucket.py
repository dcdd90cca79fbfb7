"""The ledger's bucket on the embedded engine."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.channels.aws_clients import SendFailed, lazy_client
from chalicelib.channels.ledger_bucket import LedgerBucket
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind
from infra.local.aws import client
from infra.local.ledger import LEDGER, create_ledger
from tests.harness import MONDAY

ERASED, LIFTED = LedgerKind.ERASED, LedgerKind.LIFTED


@pytest.fixture
def ledger(engine: str) -> LedgerBucket:
    s3 = client("s3", engine)
    create_ledger(s3)
    for listed in s3.list_objects_v2(Bucket=LEDGER).get("Contents", ()):
        s3.delete_object(Bucket=LEDGER, Key=listed["Key"])
    return LedgerBucket(create_ledger(s3), lazy_client("s3", region="us-east-1", endpoint=engine))


def entry(minutes: int, member_id: str = "ada", kind: LedgerKind = ERASED) -> LedgerEntry:
    return LedgerEntry(kind, member_id, MONDAY + timedelta(minutes=minutes))


def test_r33_the_entries_of_a_kind_since_an_instant_come_by_time(ledger: LedgerBucket) -> None:
    for each in (entry(2), entry(0), entry(3, kind=LIFTED), entry(1, "ben"), entry(1, "ben")):
        ledger.put(each)
    assert list(ledger.entries(ERASED, MONDAY)) == [entry(0), entry(1, "ben"), entry(2)]
    assert list(ledger.entries(ERASED, MONDAY + timedelta(seconds=1))) == [entry(1, "ben"), entry(2)]
    assert list(ledger.entries(LIFTED, MONDAY)) == [entry(3, kind=LIFTED)]


# It puts more objects than one page of a listing has.
@pytest.mark.long
def test_r33_more_entries_than_one_page_are_all_listed(ledger: LedgerBucket) -> None:
    entries = [entry(0, f"{number:04}") for number in range(1_005)]
    for each in entries:
        ledger.put(each)
    assert list(ledger.entries(ERASED, MONDAY)) == entries


def test_r33_a_bucket_that_does_not_exist_is_an_error(engine: str) -> None:
    ledger = LedgerBucket("no-such-bucket", lazy_client("s3", region="us-east-1", endpoint=engine))
    with pytest.raises(SendFailed, match="ledger"):
        ledger.put(entry(0))
    with pytest.raises(SendFailed, match="ledger"):
        list(ledger.entries(ERASED, MONDAY))


def test_r33_without_a_bucket_no_client_is_made() -> None:
    def no_client() -> Any:
        raise AssertionError

    ledger = LedgerBucket("", no_client)
    ledger.put(entry(0))
    assert list(ledger.entries(ERASED, MONDAY)) == []
