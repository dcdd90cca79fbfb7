"""The ledger of a deployment, a bucket outside the table."""

from collections.abc import Iterator
from datetime import datetime

from botocore.config import Config

from chalicelib.channels.aws_clients import LazyClient, sent_to
from chalicelib.domain.model.ledger_entry import LedgerEntry, LedgerKind, begin_of, entry_of

NAME = "ledger"
# A request has little time left once it has erased its share of an account. The job repeats what failed.
TIMEOUT_SECONDS = 2
LEDGER_CONFIG = Config(connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 1})


class LedgerBucket:
    """A bucket with one empty object for each entry. Without a name nothing is recorded."""

    def __init__(self, name: str, client: LazyClient) -> None:
        self._name = name
        self._client = client

    def put(self, entry: LedgerEntry) -> None:
        """Put an entry. It is idempotent. Raise SendFailed if it is not accepted."""
        if self._name:
            with sent_to(NAME):
                self._client().put_object(Bucket=self._name, Key=entry.key, Body=b"")

    def entries(self, kind: LedgerKind, since: datetime) -> Iterator[LedgerEntry]:
        """Return the entries of a kind from an instant on, by time. Raise SendFailed if they cannot be read."""
        if not self._name:
            return
        with sent_to(NAME):
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._name, Prefix=f"{kind}/", StartAfter=begin_of(kind, since)):
                yield from (entry_of(listed["Key"]) for listed in page.get("Contents", ()))
