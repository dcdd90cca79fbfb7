"""A partner learns of a block or a suspension through events what a cancel would show, at that cost (R1, R10, R47)."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import to_builtins

from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.domain.model.notices import Delivery
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.handlers.http.responses import event_serializers
from chalicelib.services.notices.event_details import details_of
from chalicelib.storage.document_keys import EVENT
from tests.announcements import announce_all, day_records, logged, record_channels
from tests.handlers.conftest import Lines
from tests.harness import World, at
from tests.staff_acts import suspend
from tests.table_snapshot import read_whole_table

NINE = at(1)

Parting = Callable[[World, Profile, Profile], None]


def cancel(world: World, ada: Profile, _ben: Profile) -> None:
    session = world.seen(ada, NINE)
    assert session
    world.cancel(ada, session)


def block(world: World, ada: Profile, ben: Profile) -> None:
    world.say(ada, RelationKind.BLOCK, ben)


def leave(world: World, ada: Profile, _ben: Profile) -> None:
    world.leave(ada)


def be_suspended(world: World, ada: Profile, _ben: Profile) -> None:
    suspend(world, ada)


def learned(world: World, lines: Lines, part: Parting, *, locked: bool) -> dict[str, Any]:
    """Return all that Ben's log, the queues, the bus and the log lines hold after Ada parted from him."""
    world.clear()
    bus, queues = record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    world.book(ada, NINE)
    world.favorite(ben, ada)
    session = world.lock(ben, ada, NINE) if locked else world.book(ben, NINE)
    announce_all(world)
    bus.events.clear()
    part(world, ada, ben)
    own = [record for record in day_records(world) if ben.member_id in record["dynamodb"]["Keys"]["PK"]["S"]]
    lines()
    assert handle_day_records(world.context, own) == {"batchItemFailures": []}
    events = logged(world, ben)
    shown = [to_builtins(event_serializers.event(one)) for one in details_of(world.context, ben, events)]
    names = {ben.member_id: "ben", session["sessionId"]: "session", **{one.event_id: "event" for one in events}}
    rows = sorted(
        key.sk for key in read_whole_table(world.table) if ben.member_id in key.pk and key.sk.startswith(EVENT)
    )
    found = {
        "events": shown,
        "rows": rows,
        "bus": [to_builtins(event) for event in bus.events],
        "queues": [to_builtins(one) for one in queues.deliveries if isinstance(one, Delivery)],
        "lines": [
            {name: line.get(name) for name in ("event", "outcome", "readUnits", "writeUnits")} for line in lines()
        ],
    }
    return _named(found, names)


def _named(value: Any, names: dict[str, str]) -> Any:
    """Return the value with words for the ids, which differ between two stories."""
    if isinstance(value, dict):
        return {name: _named(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("part", [block, leave, be_suspended])
def test_r1_r10_r33_r47_the_partner_learns_of_a_block_a_deletion_or_a_suspension_what_a_cancel_would_show(
    world: World, lines: Lines, part: Parting, locked: bool
) -> None:
    by_cancel = learned(world, lines, cancel, locked=locked)
    assert [event["type"] for event in by_cancel["events"]][-1] == "session.partner_cancelled"
    assert len(by_cancel["bus"]) == 1
    assert learned(world, lines, part, locked=locked) == by_cancel


def test_r10_a_snooze_of_a_partner_is_no_event(world: World) -> None:
    """It holds for the next pair only (R32)."""
    bus, _ = record_channels(world)
    ada, ben = world.members("Ada", "Ben")
    for member in (ada, ben):
        world.book(member, NINE)
    announce_all(world)
    bus.events.clear()
    world.say(ada, RelationKind.SNOOZE, ben, until=at(99).start)
    assert day_records(world) == []
    assert bus.events == []
