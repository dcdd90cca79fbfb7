"""Everything in the table as values of the domain, read through the project's own models."""

from dataclasses import dataclass, field

from chalicelib.domain.changes import Chore
from chalicelib.domain.day import Day
from chalicelib.domain.member import Profile, Relation
from chalicelib.domain.rows import PairRow, WaitingRow
from chalicelib.domain.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.encoding import chore_from, day_from, pair_row_from, profile_from, relation_from
from chalicelib.storage.items import (
    ChoreItem,
    DayItem,
    Item,
    LanesItem,
    PairItem,
    ProfileItem,
    RelationItem,
    WaitingItem,
)


@dataclass
class Snapshot:
    """What one scan found. `relations` and `mirrors` are keyed by who says it and about whom."""

    days: list[Day] = field(default_factory=list)
    waiting_rows: list[WaitingRow] = field(default_factory=list)
    pair_rows: list[PairRow] = field(default_factory=list)
    lanes: dict[Slot, int] = field(default_factory=dict)
    relations: dict[tuple[str, str], Relation] = field(default_factory=dict)
    mirrors: dict[tuple[str, str], Relation] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    chores: list[Chore] = field(default_factory=list)


def take_snapshot() -> Snapshot:
    """Scan the table that the models are bound to; nothing may be written meanwhile."""
    found = Snapshot()
    for item in Item.scan(consistent_read=True):
        _add(found, item)
    return found


def _add(found: Snapshot, item: Item) -> None:
    match item:
        case DayItem():
            found.days.append(day_from(item))
        case WaitingItem():
            row = keys.waiting_row(item.pk, item.sk)
            assert keys.waiting(row) == (item.pk, item.sk), f"a waiting row in the wrong place: {item.pk} {item.sk}"
            found.waiting_rows.append(row)
        case PairItem():
            pair = pair_row_from(item)
            assert keys.pair(pair) == (item.pk, item.sk), f"a pair row in the wrong place: {item.pk} {item.sk}"
            found.pair_rows.append(pair)
        case LanesItem():
            slot = keys.slot_at(item.pk, item.sk)
            told = found.lanes.setdefault(slot, int(item.lanes))
            assert told == item.lanes, f"lanes of {slot} disagree on how many they are"
        case ProfileItem():
            profile = profile_from(item)
            found.profiles[profile.member_id] = profile
        case RelationItem():
            _add_relation(found, item)
        case ChoreItem():
            found.chores.append(chore_from(item))


def _add_relation(found: Snapshot, item: RelationItem) -> None:
    owner = item.pk.partition("#")[2]
    relation = relation_from(item)
    if item.sk.startswith(keys.ABOUT):
        found.relations[owner, item.sk.removeprefix(keys.ABOUT)] = relation
    else:
        found.mirrors[item.sk.removeprefix(keys.BY), owner] = relation
