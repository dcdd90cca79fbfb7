"""The statement of what is stored agrees with the items and documents of the table (R33)."""

import re
from datetime import timedelta
from typing import get_args

import pytest

from chalicelib.domain.decisions.queue_rows import ROWS_KEPT
from chalicelib.domain.model import event, limits, mail_records, report, session_start, watch, webhook_delivery
from chalicelib.services.bookings.book import RESPONSES_KEPT
from chalicelib.services.notices.live_connections import LONGEST
from chalicelib.storage import documents
from chalicelib.storage.items import DocumentItem, Item
from infra.cloudformation.channels import FAILURES_KEPT_SECONDS, KEPT_SECONDS
from infra.cloudformation.ledger import DELETED_DAYS, LISTED_DAYS
from infra.local.engine import ROOT
from tests.corrupt_items import PopulatedTable
from tests.table_snapshot import read_whole_table

STATEMENT = (ROOT / "docs/privacy.md").read_text()
UNITS = {"day": timedelta(days=1), "days": timedelta(days=1), "hours": timedelta(hours=1)}
# The times of the code for each kind that expires. A retention is a setting.
KEPT = {
    "answer": {RESPONSES_KEPT},
    "guard": {limits.COUNTS_OF_DATE_KEPT},
    "waiting": {ROWS_KEPT},
    "lanes": {ROWS_KEPT},
    "pair": {ROWS_KEPT},
    "WebhookDelivery": {webhook_delivery.DELIVERIES_KEPT},
    "RequestedDeliveries": {webhook_delivery.COUNT_KEPT},
    "Report": {report.KEPT},
    "ListedReport": {report.KEPT},
    "SentMail": {mail_records.SENT_KEPT},
    "AddressRecord": {mail_records.REFUSAL_KEPT, mail_records.COUNT_KEPT},
    "EventRow": {event.EVENTS_KEPT},
    "LiveConnection": {LONGEST},
    "LiveConnectionOwner": {LONGEST},
    "StartRow": {session_start.STARTS_KEPT},
    "WatchedHour": {watch.ROUND_KEPT},
    "WatchRound": {watch.ROUND_KEPT},
    "HourOfDemand": {ROWS_KEPT},
}
WITH_RETENTION = {"day", "title"}


def rows(first: str) -> dict[str, str]:
    """Return the time for which each kind of a table is kept, by the name of its first column."""
    table = STATEMENT.split(f"\n| {first} |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {name.strip("`"): kept for name, _, kept, _ in cells}


def times(kept: str) -> set[timedelta]:
    """Return the times that a cell names."""
    return {int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (days|day|hours)", kept)}


def test_r33_every_kind_of_item_and_document_is_stated() -> None:
    kinds = {kind.get_attributes()["kind"].get_discriminator(kind): kind for kind in Item.__subclasses__()}
    assert set(rows("item")) == set(kinds)
    assert set(rows("document")) == {kind.__name__ for kind in get_args(documents.Stored)}


def test_r33_the_stated_times_are_those_of_the_code() -> None:
    stated = {name: times(kept) for name, kept in (rows("item") | rows("document")).items()}
    assert {name: found for name, found in stated.items() if found} == KEPT
    assert {name for name, kept in rows("item").items() if "`RetentionDays`" in kept} == WITH_RETENTION


def test_r33_an_item_that_can_expire_is_stated_so_and_no_other() -> None:
    expiring = {
        kind.get_attributes()["kind"].get_discriminator(kind)
        for kind in Item.__subclasses__()
        if "expires" in kind.get_attributes() and kind is not DocumentItem
    }
    assert expiring == (set(KEPT) & set(rows("item"))) | WITH_RETENTION


def test_r33_the_times_outside_of_the_table_are_those_of_the_stack() -> None:
    kept = rows("where")
    assert kept["ledger, a bucket"] == f"{LISTED_DAYS} days, then {DELETED_DAYS} as deleted"
    assert times(kept["queues of the channels"]) == {
        timedelta(seconds=KEPT_SECONDS),
        timedelta(seconds=FAILURES_KEPT_SECONDS),
    }


@pytest.mark.long  # It builds a busy deployment.
def test_r33_stored_documents_expire_as_stated(populated_table: PopulatedTable) -> None:
    for raw in read_whole_table(populated_table.world.table).values():
        item = Item.from_raw_data(dict(raw))
        if isinstance(item, DocumentItem):
            name = type(documents.document_from(item)).__name__
            assert (item.expires is not None) == (name in KEPT), name
