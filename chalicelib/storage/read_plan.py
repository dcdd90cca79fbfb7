"""Plans of reads, which one booking executes alone or several bookings execute together.

A plan is a generator. It yields its next read and receives what was read, so its own order is that of its code. Plans
that are executed together proceed in steps, and the reads of one kind in one step share a request.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from chalicelib.domain.decisions.day_editor import StaleRead
from chalicelib.domain.decisions.queue_rows import WaitingRow
from chalicelib.domain.decisions.write_set import RecordedResponse
from chalicelib.domain.model.day import Day, DayKey, Days
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Account, PairRelations, Profile, Relation
from chalicelib.domain.model.slot import Slot
from chalicelib.storage import batch_reads, queue_reads, reads
from chalicelib.storage.connection import Table
from chalicelib.storage.queue_reads import Waiting
from chalicelib.version import FORMER_SCHEMA

T = TypeVar("T")

# The days that a plan of the same execution has read already.
SeenDays = dict[DayKey, Day]


class Read(Struct, frozen=True):
    """A read that a plan waits for. `together` executes reads of one kind and returns their answers in order."""

    @staticmethod
    def together(table: Table, wanted: Sequence[Any], seen: SeenDays) -> Sequence[Any]:
        """Execute reads of this kind."""
        raise NotImplementedError


Plan = Generator[Read, Any, T]


class BegunRead(Struct, frozen=True):
    """A read that was executed before the plan that waits for it, with its answer."""

    read: Read
    answer: Any


def read_beside(table: Table, read: Read, other: Callable[[], T]) -> tuple[BegunRead, T]:
    """Execute a read in parallel with another one, or after it where no thread runs."""
    with table.parallel(1) as threads:
        found = threads.submit(other)
        (answer,) = read.together(table, [read], {})
        return BegunRead(read, answer), found.result()


def read_alone(table: Table, plan: Plan[T], begun: BegunRead | None = None) -> T:
    """Execute one plan and return its result. Raises StaleRead if the plan does.

    If the plan waits for the read that has begun, it gets that answer, once.
    """
    answer: Any = None
    while True:
        try:
            read = plan.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result
        if begun and read == begun.read:
            answer, begun = begun.answer, None
        else:
            (answer,) = read.together(table, [read], {})


def read_together(table: Table, plans: Sequence[Plan[T]], own: Days) -> list[T | StaleRead]:
    """Execute plans in steps and return their results in order, or StaleRead for a plan that raised it.

    A day is read once for all plans, so they agree on its version. `own` are the days that were read before.
    """
    results: dict[int, T | StaleRead] = {}
    seen: SeenDays = {day.key: day for day in own}
    answers: dict[int, Any] = dict.fromkeys(range(len(plans)))
    while answers:
        wanted: dict[int, Read] = {}
        for place, answer in answers.items():
            try:
                wanted[place] = plans[place].send(answer)
            except StopIteration as end:
                results[place] = end.value
            except StaleRead as stale:
                results[place] = stale
        answers = _step(table, wanted, seen)
    return [results[place] for place in range(len(plans))]


def _step(table: Table, wanted: dict[int, Read], seen: SeenDays) -> dict[int, Any]:
    """Execute the next read of every plan, kind by kind, and return the answers by plan."""
    answers: dict[int, Any] = {}
    kinds: dict[type[Read], None] = dict.fromkeys(type(read) for read in wanted.values())
    for kind in kinds:
        of_kind = {place: read for place, read in wanted.items() if type(read) is kind}
        answers |= zip(of_kind, kind.together(table, list(of_kind.values()), seen), strict=True)
    return answers


class _DaysRead(Read, frozen=True):
    keys: frozenset[DayKey]

    @staticmethod
    def together(table: Table, wanted: "Sequence[_DaysRead]", seen: SeenDays) -> list[Days]:
        keys = frozenset().union(*(read.keys for read in wanted))
        seen |= {day.key: day for day in reads.days(table, keys - seen.keys())}
        return [Days(seen[key] for key in read.keys) for read in wanted]


class _DaysReadAgain(Read, frozen=True):
    keys: frozenset[DayKey]

    @staticmethod
    def together(table: Table, wanted: "Sequence[_DaysReadAgain]", _seen: SeenDays) -> list[Days]:
        found = reads.days(table, frozenset().union(*(read.keys for read in wanted)))
        return [Days(found[key] for key in read.keys) for read in wanted]


class _RelationsRead(Read, frozen=True):
    pairs: tuple[tuple[str, str], ...]

    @staticmethod
    def together(table: Table, wanted: "Sequence[_RelationsRead]", _seen: SeenDays) -> list[list[PairRelations]]:
        pairs = list(dict.fromkeys(pair for read in wanted for pair in read.pairs))
        found = dict(zip(pairs, reads.pairs_relations(table, pairs), strict=True))
        return [[found[pair] for pair in read.pairs] for read in wanted]


class _RelationsAndDaysRead(Read, frozen=True):
    pair: tuple[str, str]
    keys: frozenset[DayKey]
    unused: frozenset[DayKey]

    @staticmethod
    def together(
        table: Table, wanted: "Sequence[_RelationsAndDaysRead]", seen: SeenDays
    ) -> list[tuple[PairRelations, Days]]:
        pairs = list(dict.fromkeys(read.pair for read in wanted))
        keys = frozenset().union(*(read.keys for read in wanted)) - seen.keys()
        unused = frozenset().union(*(read.unused for read in wanted))
        relations, days = reads.pairs_relations_and_days(table, pairs, keys | unused)
        seen |= {day.key: day for day in days if day.key in keys}
        found = dict(zip(pairs, relations, strict=True))
        return [(found[read.pair], Days(seen[key] for key in read.keys)) for read in wanted]


class _ShownRead(Read, frozen=True):
    member_id: str
    other: str

    @staticmethod
    def together(
        table: Table, wanted: "Sequence[_ShownRead]", _seen: SeenDays
    ) -> list[tuple[Profile | None, Relation]]:
        # All plans are bookings of one member.
        found = reads.profiles_and_relations(table, wanted[0].member_id, {read.other for read in wanted})
        return [found[read.other] for read in wanted]


class _ProfileRead(Read, frozen=True):
    member_id: str
    keys: frozenset[DayKey] = frozenset()

    @staticmethod
    def together(table: Table, wanted: "Sequence[_ProfileRead]", seen: SeenDays) -> list[tuple[Profile | None, Days]]:
        members = {read.member_id for read in wanted}
        keys = frozenset().union(*(read.keys for read in wanted)) - seen.keys()
        if len(members) == 1 and not keys:
            accounts: dict[str, Account | None] = {one: reads.account(table, one) for one in members}
        else:
            accounts, days = reads.accounts_and_days(table, members, keys)
            seen |= {day.key: day for day in days}
        found = {member: one if isinstance(one, Profile) else None for member, one in accounts.items()}
        return [(found[read.member_id], Days(seen[key] for key in read.keys)) for read in wanted]


class _RecordedRead(Read, frozen=True):
    member_id: str
    key: str

    @staticmethod
    def together(table: Table, wanted: "Sequence[_RecordedRead]", _seen: SeenDays) -> list[RecordedResponse | None]:
        if len(wanted) == 1:
            return [reads.recorded_response(table, wanted[0].member_id, wanted[0].key)]
        found = batch_reads.recorded_responses(table, wanted[0].member_id, [read.key for read in wanted])
        return [found.get(read.key) for read in wanted]


class _InviteRead(Read, frozen=True):
    digest: str

    @staticmethod
    def together(table: Table, wanted: "Sequence[_InviteRead]", _seen: SeenDays) -> list[InviteLink | None]:
        return [reads.invite(table, read.digest) for read in wanted]


class _WaitingRead(Read, frozen=True):
    slot: Slot
    queue_shard: int
    page: int

    def first_page(self, table: Table) -> Waiting:
        return next(queue_reads.waiting_in(table, self.slot, self.queue_shard, page=self.page, consistent=False))

    @staticmethod
    def together(table: Table, wanted: "Sequence[_WaitingRead]", _seen: SeenDays) -> list[Waiting]:
        return _in_parallel(table, lambda read: read.first_page(table), wanted)


class _LastWaitingRead(Read, frozen=True):
    slot: Slot
    queue_shard: int
    number: int

    def rows(self, table: Table) -> list[WaitingRow]:
        return queue_reads.last_waiting_in(table, self.slot, self.queue_shard, self.number)

    @staticmethod
    def together(table: Table, wanted: "Sequence[_LastWaitingRead]", _seen: SeenDays) -> list[list[WaitingRow]]:
        return _in_parallel(table, lambda read: read.rows(table), wanted)


class _BesideRelationsRead(Read, frozen=True):
    """Another read, with days of members, and in parallel the relations of pairs of such members."""

    read: Read
    pairs: tuple[tuple[str, str], ...]

    @staticmethod
    def together(
        table: Table, wanted: "Sequence[_BesideRelationsRead]", seen: SeenDays
    ) -> list[tuple[Any, list[PairRelations]]]:
        pairs = list(dict.fromkeys(pair for one in wanted for pair in one.pairs))
        with table.parallel(1) as threads:
            # The release before stores no instant of its bumps. While it may run, the days are read first.
            at_once = pairs and table.schema > FORMER_SCHEMA
            begun = threads.submit(reads.pairs_relations, table, pairs) if at_once else None
            answers = _step(table, dict(enumerate(one.read for one in wanted)), seen)
            found = dict(zip(pairs, begun.result() if begun else reads.pairs_relations(table, pairs), strict=True))
        return [(answers[place], [found[pair] for pair in one.pairs]) for place, one in enumerate(wanted)]


R = TypeVar("R")


def _in_parallel(table: Table, query: Callable[[R], T], wanted: Sequence[R]) -> list[T]:
    if len(wanted) == 1:
        return [query(wanted[0])]
    with table.parallel(reads.PARALLEL_QUERIES) as threads:
        return list(threads.map(query, wanted))


def days_read(keys: Iterable[DayKey]) -> Read:
    """Return the read of days."""
    return _DaysRead(frozenset(keys))


def days(keys: Iterable[DayKey]) -> Plan[Days]:
    """Read days. A day that another plan of the same execution has read is not read again."""
    found: Days = yield days_read(keys)
    return found


def days_again(keys: Iterable[DayKey]) -> Plan[Days]:
    """Read days as they are now, even if they were read before."""
    found: Days = yield _DaysReadAgain(frozenset(keys))
    return found


def days_beside_relations(
    keys: Iterable[DayKey], pairs: Collection[tuple[str, str]]
) -> Plan[tuple[Days, list[PairRelations]]]:
    """Read the days of candidates, and in parallel the booker's relations with each.

    Either may be older. So a commit may have to exclude a block of the candidate (`partner_choice.unread_block`, R1).
    """
    found: tuple[Days, list[PairRelations]] = yield _BesideRelationsRead(days_read(keys), tuple(pairs))
    return found


def pairs_relations(pairs: Collection[tuple[str, str]]) -> Plan[list[PairRelations]]:
    """Read the pair relations of each two members. Call it after the days of both were read (R1)."""
    found: list[PairRelations] = yield _RelationsRead(tuple(pairs))
    return found


def pair_relations_and_days(
    pair: tuple[str, str], keys: Iterable[DayKey], *, unused: Iterable[DayKey], beside: tuple[str, str] | None
) -> Plan[tuple[PairRelations, Days, PairRelations | None]]:
    """Read the pair relations of two members, and days of others. Call it after the days of both were read (R1).

    `unused` are days that are read for their cost only. The relations of the pair `beside` are read in parallel with
    the days. So a commit that pairs these two may have to exclude a block (`partner_choice.unread_block`, R1).
    """
    read = _RelationsAndDaysRead(pair, frozenset(keys), frozenset(unused))
    (relations, days), others = yield _BesideRelationsRead(read, (beside,) if beside else ())
    return relations, days, others[0] if others else None


def profile_and_relation(member_id: str, other: str) -> Plan[tuple[Profile | None, Relation]]:
    """Read the other's profile and the member's relation to the other, for display."""
    found: tuple[Profile | None, Relation] = yield _ShownRead(member_id, other)
    return found


def profile(member_id: str) -> Plan[Profile | None]:
    """Read the member's profile, which is None without one or after its deletion."""
    found, _ = yield from profile_and_days(member_id, ())
    return found


def profile_and_days(member_id: str, keys: Iterable[DayKey]) -> Plan[tuple[Profile | None, Days]]:
    """Read the member's profile, and days of others. Call it after the member's own days were read (R33)."""
    found: tuple[Profile | None, Days] = yield _ProfileRead(member_id, frozenset(keys))
    return found


def recorded_response(member_id: str, key: str) -> Plan[RecordedResponse | None]:
    """Read the recorded response to the member's idempotency key."""
    found: RecordedResponse | None = yield _RecordedRead(member_id, key)
    return found


def invite(digest: str) -> Plan[InviteLink | None]:
    """Read the invite link whose token has that digest."""
    found: InviteLink | None = yield _InviteRead(digest)
    return found


def waiting_read(slot: Slot, queue_shard: int, page: int) -> Read:
    """Return the read of the first page of a queue shard, eventually consistent."""
    return _WaitingRead(slot, queue_shard, page)


def waiting_in(slot: Slot, queue_shard: int, page: int) -> Plan[Waiting]:
    """Read the first page of a queue shard, eventually consistent."""
    found: Waiting = yield waiting_read(slot, queue_shard, page)
    return found


def last_waiting_in(slot: Slot, queue_shard: int, number: int) -> Plan[list[WaitingRow]]:
    """Read the rows with the last queue positions in a queue shard, eventually consistent."""
    found: list[WaitingRow] = yield _LastWaitingRead(slot, queue_shard, number)
    return found
