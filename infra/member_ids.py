"""`python -m infra.member_ids` copies a table with unkeyed member ids, and maps each id by the deployment's secret.

A release before this secret made ids from issuer and subject alone. The secret is read from LOCKSTEP_IDENTITY_KEY. The
API must be off during the copy, and the new table must exist and be empty. Exits with 2 if it is not.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import botocore.session
from botocore.client import BaseClient

from chalicelib.domain.model.day import id_prefix
from chalicelib.domain.model.ids import is_member_id, keyed_member_id, owned_id, session_id_of
from infra.local.aws import ACCESS_KEY, REGION
from infra.local.settings import keep_on_this_machine

NOT_EMPTY = 2
# The most items of one request that writes.
BATCH = 25
# Attributes with text that a member wrote, or that the issuer did. An id inside it is no reference. `t` is the text of
# a long title, and elsewhere never contains an id.
TEXTS = frozenset({"name", "h", "t", "photo_url", "time_zone"})
# The attributes of a day that name other members by the first characters of their ids.
PREFIXED = frozenset({"c", "d", "g", "m"})
PREFIX = re.compile(r"(?<![0-9a-z-])[0-9a-z]{8}(?=[0-9]?(?![0-9a-z-]))")
OWNED = re.compile(r"(?:(\d{8})-)?([0-9a-z]{16})-[0-9a-z]{6}\Z")

Item = Mapping[str, Any]


class MemberIds:
    """The keyed ids of the members of a table, also by the prefixes of the unkeyed ones."""

    def __init__(self, key: bytes) -> None:
        """Start without ids. `key` is the secret of the deployment."""
        self._key = key
        self._by_prefix: dict[str, str] = {}

    def collect(self, item: Item) -> None:
        """Remember the prefixes of all ids in an item."""
        _map_texts(item, self._remember)

    def mapped(self, item: Item) -> dict[str, Any]:
        """Return an item with keyed ids.

        The id of a booking, link or API key proves its owner, so it is made from the owner's keyed id. A prefix of an
        id that no item has stays unchanged and stands for no member.
        """
        owner = item["owner_id"]["S"] if "owner_id" in item else item["PK"]["S"].partition("#")[2]
        is_day = item["k"]["S"] == "day"

        def change(name: str, text: str) -> str:
            if is_day and name in PREFIXED:
                text = PREFIX.sub(lambda found: self._by_prefix.get(found[0], found[0]), text)
            return "#".join(self._mapped_part(owner, part) for part in text.split("#"))

        return _map_texts(item, change)

    def _remember(self, _name: str, text: str) -> str:
        for part in filter(is_member_id, text.split("#")):
            self._by_prefix[id_prefix(part)] = id_prefix(keyed_member_id(part, self._key))
        return text

    def _mapped_part(self, owner: str, part: str) -> str:
        if is_member_id(part):
            return keyed_member_id(part, self._key)
        owned = OWNED.match(part) if is_member_id(owner) else None
        if owned is None:
            return part
        keyed_owner = keyed_member_id(owner, self._key)
        return session_id_of(keyed_owner, f"{owned[1]}-{owned[2]}") if owned[1] else owned_id(keyed_owner, owned[2])


def _map_texts(value: Item, change: Callable[[str, str], str]) -> dict[str, Any]:
    """Return an item, or a map inside it, with each text changed that is not in `TEXTS`."""
    return {
        name: attribute if name in TEXTS else _changed(name, attribute, change) for name, attribute in value.items()
    }


def _changed(name: str, attribute: Mapping[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return {kind: change(name, value)}
        case "SS":
            return {kind: [change(name, text) for text in value]}
        case "L":
            return {kind: [_changed(name, entry, change) for entry in value]}
        case "M":
            return {kind: _map_texts(value, change)}
    return dict(attribute)


def copy_table(database: BaseClient, source: str, target: str, key: bytes) -> int:
    """Copy all items with keyed ids, and return their number."""
    ids = MemberIds(key)
    for item in scan(database, source):
        ids.collect(item)
    copied = 0
    items = scan(database, source)
    while batch := list(islice(items, BATCH)):
        waiting: Any = {target: [{"PutRequest": {"Item": ids.mapped(item)}} for item in batch]}
        while waiting:
            waiting = database.batch_write_item(RequestItems=waiting)["UnprocessedItems"]
        copied += len(batch)
    return copied


def scan(database: BaseClient, table: str) -> Iterator[Item]:
    """Return all items of a table by strongly consistent reads."""
    for page in database.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def main(arguments: Sequence[str]) -> int:
    """Copy the table and return the exit status."""
    options = _options(arguments)
    if options.engine:
        # The engine accepts any key, but the client library requires one.
        keep_on_this_machine(os.environ)
        os.environ.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=ACCESS_KEY)
    database = botocore.session.Session().create_client(
        "dynamodb", region_name=options.region, endpoint_url=options.engine or None
    )
    if next(scan(database, options.target), None) is not None:
        print(f"{options.target} is not empty.", file=sys.stderr)
        return NOT_EMPTY
    copied = copy_table(database, options.source, options.target, options.key.encode())
    print(f"{options.source}: {copied} items copied to {options.target}")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.member_ids", description=__doc__)
    engine = os.environ.get("LOCKSTEP_ENGINE", "")
    parser.add_argument("--from", dest="source", required=True, help="the table with unkeyed ids")
    parser.add_argument("--to", dest="target", required=True, help="the new, empty table")
    parser.add_argument("--engine", default=engine, help="an engine on this machine; default: LOCKSTEP_ENGINE")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", ""))
    options = parser.parse_args(arguments)
    options.key = os.environ.get("LOCKSTEP_IDENTITY_KEY", "").strip()
    if options.engine:
        options.region = REGION
    if not options.region:
        parser.error("name an --engine on this machine, or the --region of a deployed table")
    if not options.key:
        parser.error("LOCKSTEP_IDENTITY_KEY is not set")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
