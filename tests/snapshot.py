"""Everything in the table as values of the domain, read through the project's own models."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.changes import Chore
from chalicelib.domain.day import Day
from chalicelib.domain.member import Profile, Relation
from chalicelib.domain.rows import PairRow, WaitingRow
from chalicelib.domain.slot import Slot
from chalicelib.storage import keys
from chalicelib.storage.encoding import chore_from, day_from, profile_from, relation_from
from chalicelib.storage.items import ChoreItem, DayItem, Item, PairItem, ProfileItem, RelationItem, WaitingItem


@dataclass
class Snapshot:
    """What one scan found. `relations` and `mirrors` are keyed by who says it and about whom."""

    days: list[Day] = field(default_factory=list)
    waiting_rows: list[WaitingRow] = field(default_factory=list)
    pair_rows: list[PairRow] = field(default_factory=list)
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
            found.pair_rows.append(_pair_row(item))
        case ProfileItem():
            profile = profile_from(item)
            found.profiles[profile.member_id] = profile
        case RelationItem():
            _add_relation(found, item)
        case ChoreItem():
            found.chores.append(chore_from(item))


def _pair_row(item: PairItem) -> PairRow:
    _, on, _ = item.pk.split("#")
    hhmm, minutes, pair_id = item.sk.split("#")
    start = datetime.strptime(f"{on}{hhmm}+0000", "%Y-%m-%d%H%M%z")
    row = PairRow(Slot(start, int(minutes)), pair_id, frozenset(item.members))
    assert keys.pair(row) == (item.pk, item.sk), f"a pair row in the wrong place: {item.pk} {item.sk}"
    return row


def _add_relation(found: Snapshot, item: RelationItem) -> None:
    owner = item.pk.partition("#")[2]
    relation = relation_from(item)
    if item.sk.startswith(keys.ABOUT):
        found.relations[owner, item.sk.removeprefix(keys.ABOUT)] = relation
    else:
        found.mirrors[item.sk.removeprefix(keys.BY), owner] = relation
