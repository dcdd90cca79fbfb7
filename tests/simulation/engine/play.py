"""Plays operations on a prepared table, in any order and with any faults, and watches every commit."""

import hashlib
import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar

from chalicelib.domain.decisions import queue_view
from chalicelib.domain.model import slot
from chalicelib.domain.model.errors import Refusal
from chalicelib.services.bookings import book
from chalicelib.services.context import Context
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import NotCommitted
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key
from infra.in_memory_dynamodb.stream_records import Change, Record
from infra.in_memory_dynamodb.table import Answer, SimulatedTable
from infra.shard import is_wanted
from infra.simulation.deployment import REGION, TABLE, settings
from infra.simulation.faults import Fault, Request
from infra.simulation.interleaved_client import Planned, Sent, StagedClient, in_one_order
from infra.simulation.interleaver import Lead, OneByOne, Part, Pending, Stage, Task
from tests.simulation.engine.memoization import remembering
from tests.simulation.engine.operation_replay import Ask, Recall, is_recalling, told_answer, told_records
from tests.simulation.engine.operation_run import Act, Commit, Violation
from tests.simulation.engine.stream_delivery import POISONED, brought
from tests.simulation.oracles.commit_oracle import Watch
from tests.simulation.oracles.table_history import Held, Values, value_of
from tests.simulation.reporting.request_lines import line
from tests.simulation.scenarios.operations import Operation, carry_out

A_DAY = timedelta(days=1)
A_MILLISECOND = timedelta(milliseconds=1)
_SETTINGS = settings()
# Each play puts itself in the place of its client.
_TABLE = Table(TABLE, region=REGION, endpoint=None, make_executor=lambda _: OneByOne())
T = TypeVar("T")
Rewrite = Callable[[Act, str, Request], Request]


@dataclass(frozen=True)
class Scene:
    """What there is when a play begins: a table, what it says, and the stream's records, some not yet delivered."""

    name: str
    start: datetime
    table: SimulatedTable
    values: Values
    records: Sequence[Record] = ()
    undelivered: Sequence[Record] = ()
    deserted: frozenset[Any] = frozenset()


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that one play depends on but its order.

    `clocks` tells by how much the clock of an actor is wrong, `plan` which requests go wrong.
    """

    operations: tuple[Operation, ...]
    plan: Mapping[tuple[int, int], Planned] = field(default_factory=dict)
    clocks: tuple[timedelta, ...] = ()
    step: timedelta = A_MILLISECOND
    stream: bool = True


class Play:
    """One play; `violation` is the first that was seen, once `violated_at` requests were sent.

    `found_in` is for each request in which of the moments it arrived. `turns` tells at each turn how many steps further
    the actor stands who went on.
    """

    def __init__(self, scene: Scene, script: Script, rewrite: Rewrite | None = None) -> None:
        self.scene = scene
        self.script = script
        self.turns: list[int] = []
        self.stage = Stage(scene.start, script.step)
        self.sent: list[Sent] = []
        self.acts: list[Act] = []
        self.violation: Violation | None = None
        self.violated_at: int | None = None
        self.found_in: list[int] = []
        self.held = Held(scene.values)
        self.watch = Watch(self.held, max(map(abs, script.clocks), default=timedelta(0)), set(scene.deserted))
        self.stream: list[Record] = list(scene.records)
        self.undelivered: list[Record] = list(scene.undelivered)
        self._changes: list[Change] = []
        self._rewrite = rewrite
        self.table = SimulatedTable(
            TABLE, lambda: self.stage.now().timestamp(), behind=lambda: self._client.behind, most_behind=1e9
        )
        self.table.resume(scene.table)
        self.table.listen(self._changes.append)
        self._client = StagedClient(
            self.table, self.stage, script.plan, self._told, self._rewritten if rewrite else None
        )
        self.has_stream = script.stream
        self._recalls: list[Recall] = []
        # Who stands on stage in a fork, and whether it is who went on last.
        self._asleep: list[tuple[int, bool]] = []

    @property
    def recalls(self) -> bool:
        """Whether operations are recalled: time stands still, and so nothing gets in but answers."""
        return is_recalling() and not self.script.step

    @property
    def forks(self) -> bool:
        """Whether it can be forked: every operation is recalled, and nothing goes wrong."""
        return self.recalls and not self.script.plan

    def run(self, lead: Lead) -> None:
        """Play every operation to its end."""
        self.begin()
        self.stage.run(self._led_by(lead))

    def begin(self) -> None:
        """Let everybody come on stage, up to the first request."""
        for operation in self.script.operations:
            act, recall = self._enter(operation)
            self.stage.spawn(act.number, partial(self._carry_out, act, recall))

    @property
    def pending(self) -> Mapping[Part, Pending | None]:
        """What is about to be sent by each that has not ended; None is something else."""
        return {task.part: task.pending for task in self.stage.tasks}

    def step(self, part: Part) -> None:
        """Let one go on, up to the next request."""
        (task,) = (task for task in self.stage.tasks if task.part == part)
        self._note(task, self.stage.tasks, self.stage.last)
        self.stage.step(task)

    def end(self) -> None:
        """Let nobody go on."""
        self.stage.end()

    def fork(self) -> "Play":
        """A play that stands where this one does, asleep; once it is awake they go on apart."""
        assert self.forks
        other = Play(self.scene, self.script)
        other.table.resume(self.table)
        other.turns, other.sent, other.found_in = self.turns.copy(), self.sent.copy(), self.found_in.copy()
        other.violation, other.violated_at = self.violation, self.violated_at
        other.held.moments = self.held.moments.copy()
        other.watch.stand_as(self.watch)
        other.stream, other.undelivered = self.stream.copy(), self.undelivered.copy()
        other.acts = [act.copy() for act in self.acts]
        other._recalls = [
            recall.fork(other, partial(other._do, act)) for act, recall in zip(other.acts, self._recalls, strict=True)
        ]
        other.stage.turns = self.stage.turns
        other._asleep = self._asleep or [(task.actor, task is self.stage.last) for task in self.stage.tasks]
        return other

    def wake(self) -> None:
        """Let everybody be about to send what they were about to send."""
        turns = self.stage.turns
        for actor, is_last in self._asleep:
            self.stage.spawn(actor, partial(self._carry_out, self.acts[actor], self._recalls[actor]))
            if is_last:
                self.stage.last = self.stage.tasks[-1]
        self.stage.turns = turns
        self._asleep = []

    def alone(self, operation: Operation) -> Act:
        """Carry an operation out off stage: nothing comes in between, and nothing goes wrong."""
        act, recall = self._enter(operation)
        self._carry_out(act, recall)
        self.stage.turns += 1
        return act

    def clock(self, act: Act) -> datetime:
        """What time the actor believes it is."""
        wrong = self.script.clocks[act.number] if act.number < len(self.script.clocks) else timedelta(0)
        return self.stage.now() + wrong

    def found(self, violation: Violation) -> None:
        """Keep the first violation."""
        if self.violation is None:
            self.violation, self.violated_at = violation, len(self.sent)

    def trace(self) -> list[str]:
        """What was sent, in its order, as a person reads it."""
        return [f"{self._who(one.actor)}: {line(one)}" for one in self.sent]

    def digest(self) -> bytes:
        """A few bytes that stand for the scene and the trace."""
        names = {act.number: str(act.operation) for act in self.acts}
        lines = [f"{one.actor} {names.get(one.actor)} {line(one)}" for one in self.sent]
        return hashlib.blake2b("\n".join((self.scene.name, *lines)).encode(), digest_size=8).digest()

    def _led_by(self, lead: Lead) -> Lead:
        """The lead, with every turn noted."""

        def choose(tasks: Sequence[Task], last: Task | None) -> Task:
            chosen = lead(tasks, last)
            self._note(chosen, tasks, last)
            return chosen

        return choose

    def _note(self, chosen: Task, tasks: Sequence[Task], last: Task | None) -> None:
        at = tasks.index(last) if last in tasks else 0
        self.turns.append((tasks.index(chosen) - at) % len(tasks))

    def _enter(self, operation: Operation) -> tuple[Act, Recall]:
        now = len(self.held.moments) - 1
        act = Act(len(self.acts), operation, now, self.stage.now(), now)
        recall = Recall(self, self._beginning(act), partial(self._do, act))
        self.acts.append(act)
        self._recalls.append(recall)
        return act, recall

    def _do(self, act: Act, recall: Recall) -> Any:
        """What an operation answers that is carried out in fact."""
        # Deterministic for each actor, whatever the others do.
        seed = f"{self.scene.name} {act.number} {act.operation}"
        context = Context(
            _SETTINGS,
            _TABLE,
            partial(self.clock, act),
            Random(f"chance {seed}"),
            Random(seed),
            lambda _: None,
            log=lambda _: None,
        )
        _TABLE.connection._client = _Library(self)  # type: ignore[assignment]
        return carry_out(act.operation, _Wings(recall, context))

    def _carry_out(self, act: Act, recall: Recall) -> None:
        ending = recall.run()
        act.answer = ending.answer
        if isinstance(ending.raised, Refusal | NotCommitted):
            act.refusal = ending.raised
        else:
            act.failed = ending.raised
        act.ended, act.ended_at = len(self.held.moments) - 1, self.stage.now()

    def _beginning(self, act: Act) -> Hashable | None:
        """All that an operation starts from, where time stands still and so nothing else gets in."""
        if not self.recalls:
            return None
        return self.scene.name, act.number, act.operation, self.clock(act)

    def asked(self, operation: str, request: Request) -> Answer:
        """What the operation is answered whose turn it is."""
        ordered = in_one_order(operation, request)
        task = self.stage.task
        recall = self._recalls[task.actor if task else -1]
        return recall.hear(Ask(lambda play: play._client.ask(operation, ordered), told_answer))

    def records(self, manner: str) -> list[Record]:
        """The records that are not yet delivered, as the stream brings them; when it is off there are none."""
        records = self.undelivered if self.has_stream else []
        half = (len(records) + 1) // 2
        self.undelivered = records[half:] if manner == "split" else []
        return brought(records, manner, half)

    def undone(self, records: list[Record], answer: Any) -> None:
        """Keep what the handler left for later; the event source gives up what is poisoned."""
        poisoned = {one["dynamodb"]["SequenceNumber"] for one in POISONED}
        again = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]} - poisoned
        self.undelivered += [one for one in records if one["dynamodb"]["SequenceNumber"] in again]

    def _told(self, sent: Sent) -> None:
        self.sent.append(sent)
        self.found_in.append(len(self.held.moments) - 1)
        act = None if sent.actor is None else self.acts[sent.actor]
        if act and not act.requests:
            act.began = len(self.held.moments) - 1
        if act:
            act.requests += 1
        if act and sent.fault:
            act.faults += 1
            act.invalid |= sent.fault is Fault.INVALID
        if self._changes:
            self._take_in(act)

    def _take_in(self, act: Act | None) -> None:
        changed = {}
        for change in self._changes:
            row = change.after or change.before
            assert row
            key = Key(row.item["PK"]["S"], row.item["SK"]["S"])
            changed[key] = value_of(Item.from_raw_data(change.after.item)) if change.after else None
            record = change.record()
            if is_wanted(record):
                self.stream.append(record)
                self.undelivered.append(record)
        self._changes.clear()
        commit = Commit(len(self.held.moments), self.stage.now(), changed)
        self.held.change(changed)
        act = act or (self.acts[-1] if self.acts else None)
        if act:
            act.commits.append(commit)
        try:
            self.watch.look(commit, act)
        except Violation as violation:
            self.found(violation)

    def _rewritten(self, actor: int | None, operation: str, request: Request) -> Request:
        assert self._rewrite
        return self._rewrite(self.acts[-1 if actor is None else actor], operation, request)

    def _who(self, actor: int | None) -> str:
        return str(self._operation(actor)) if actor is not None else "at rest"

    def _operation(self, actor: int | None) -> Operation | None:
        return None if actor is None else self.acts[actor].operation


@dataclass
class _Wings:
    """What an operation of a play finds."""

    recall: Recall
    context: Context

    def look(self, question: Callable[[Held], T]) -> T:
        """What there is."""
        return self.recall.hear(Ask(lambda play: question(play.held)))

    def records(self, manner: str) -> list[Record]:
        """What a delivery of the stream brings."""
        return self.recall.hear(Ask(lambda play: play.records(manner), told_records))

    def undone(self, records: list[Record], answer: Any) -> None:
        """Let what the handler left come again."""
        self.recall.hear(Ask(lambda play: play.undone(records, answer)))

    def wait(self) -> None:
        """Let others go on."""
        self.recall.hear(Ask(lambda play: play.stage.pause()))


@dataclass
class _Library:
    """Stands in the place of botocore's client."""

    play: Play
    # PynamoDB asks for it, to see whether the client was made without credentials.
    _request_signer: None = None

    def _make_api_call(self, operation: str, request: Request) -> Answer:
        return self.play.asked(operation, request)


@contextmanager
def stage_set() -> Iterator[None]:
    """Let a handful of people be a crowd, and let nothing be worked out twice.

    Sessions can be booked a day ahead, not thirteen weeks, answers are kept for half an hour, two fill a page, lanes
    are doubled, and whoever comes on the same day is in a rush: a handful of people is a crowd.
    """
    horizon, kept, rush = slot.HORIZON, book.ANSWERS_KEPT, queue_view.SURGE_WINDOW
    slot.HORIZON, book.ANSWERS_KEPT, queue_view.SURGE_WINDOW = A_DAY, timedelta(minutes=30), A_DAY
    page, queue_shards = queue_view.PAGE, queue_view.MORE_QUEUE_SHARDS
    queue_view.PAGE, queue_view.MORE_QUEUE_SHARDS = 2, 2
    logging.disable(logging.CRITICAL)
    try:
        with remembering():
            yield
    finally:
        logging.disable(logging.NOTSET)
        queue_view.PAGE, queue_view.MORE_QUEUE_SHARDS = page, queue_shards
        slot.HORIZON, book.ANSWERS_KEPT, queue_view.SURGE_WINDOW = horizon, kept, rush
