"""The reads of a batch of bookings of one member, each in one request."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.limits import LimitKind, VersionedLimit, versioned_limit_of
from chalicelib.storage import keys, queries
from chalicelib.storage.connection import Table
from chalicelib.storage.day_mappers import recorded_response_from
from chalicelib.storage.items import Item, RecordedResponseItem, VersionedLimitItem
from chalicelib.storage.keys import Key
from chalicelib.storage.mappers import versioned_limit_from


class NamedItems(Struct, frozen=True):
    """The items that a batch reads before the booker's days.

    They are the recorded responses by idempotency key, the versioned limit of bookings, and that of batches, which is
    None if it was not asked for.
    """

    recorded: Mapping[str, RecordedResponse]
    bookings: VersionedLimit
    batches: VersionedLimit | None


def named_items(table: Table, member_id: str, idempotency_keys: Collection[str], *, with_batches: bool) -> NamedItems:
    """Return the recorded responses to the member's idempotency keys and the versioned limits, in one batch."""
    kinds = [LimitKind.BOOKINGS, *([LimitKind.BATCHES] if with_batches else [])]
    limits = {kind: keys.versioned_limit(member_id, kind) for kind in kinds}
    answers = {keys.recorded_response(member_id, key): key for key in idempotency_keys}
    found = queries.batch(table, {*limits.values(), *answers}, consistent=True)
    current = {kind: _limit_in(found, key, versioned_limit_of(member_id, kind)) for kind, key in limits.items()}
    return NamedItems(
        _recorded_in(found, member_id, answers), current[LimitKind.BOOKINGS], current.get(LimitKind.BATCHES)
    )


def recorded_responses(table: Table, member_id: str, idempotency_keys: Collection[str]) -> dict[str, RecordedResponse]:
    """Return the recorded responses to those of the member's idempotency keys that have one, in one batch."""
    answers = {keys.recorded_response(member_id, key): key for key in idempotency_keys}
    return _recorded_in(queries.batch(table, answers.keys(), consistent=True), member_id, answers)


def _recorded_in(found: Mapping[Key, Item], member_id: str, answers: Mapping[Key, str]) -> dict[str, RecordedResponse]:
    return {
        key: recorded_response_from(item, member_id, key)
        for at, key in answers.items()
        if isinstance(item := found.get(at), RecordedResponseItem)
    }


def _limit_in(found: Mapping[Key, Item], key: Key, unused: VersionedLimit) -> VersionedLimit:
    item = found.get(key)
    return versioned_limit_from(item) if isinstance(item, VersionedLimitItem) else unused
