"""Runs of operations on an initial state, in any order and with any faults, checked after every commit."""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar

from msgspec.structs import replace

from chalicelib.channels.bus import Bus
from chalicelib.channels.channels import Channels
from chalicelib.channels.failure_queue import FailureQueue
from chalicelib.channels.queues import Queues
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.errors import Refusal
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.notices import Channel
from chalicelib.services.context import Context
from chalicelib.storage.connection import Table
from chalicelib.storage.errors import TableRequestFailed
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key
from infra.in_memory_dynamodb.stream_records import ItemChange, Record
from infra.in_memory_dynamodb.table import InMemoryTable, Response
from infra.shard import passes_filter
from infra.simulation.channel_services import PUBLISH, SEND, AcceptedMessage, ChannelServices
from infra.simulation.deployment import REGION, TABLE, settings
from infra.simulation.faults import Request, RequestFault
from infra.simulation.interleaved_client import InterleavedClient, PlannedFault, SentRequest, canonical_request
from infra.simulation.interleaver import (
    DeferredExecutor,
    InlineExecutor,
    Interleaver,
    Pending,
    Task,
    TaskChooser,
    TaskId,
)
from tests.simulation.engine.day_stream import DayStream
from tests.simulation.engine.operation_replay import (
    OperationInput,
    OperationReplay,
    is_replaying,
    records_fingerprint,
    response_fingerprint,
)
from tests.simulation.engine.operation_run import Commit, DayCommit, OperationRun, OracleViolation, SentMessage
from tests.simulation.engine.stream_delivery import POISON_RECORDS, delivered_records
from tests.simulation.oracles.commit_oracle import CommitOracle
from tests.simulation.oracles.table_history import TableHistory, Value, Values, value_of
from tests.simulation.reporting.request_lines import request_line
from tests.simulation.scenarios.cast import CANCELLED_MATCHES
from tests.simulation.scenarios.operations import ActorOperation, UseCase, execute_operation

A_MILLISECOND = timedelta(milliseconds=1)
# The addresses of the queues and the name of the bus.
QUEUES: Mapping[Channel, str] = {Channel.EMAIL: "email.fifo", Channel.WEBHOOK: "webhook"}
BUS = "bus"
# It gets the records with poison.
FAILURE_QUEUE = "unannounced"
_SETTINGS = replace(settings(), limits=MemberLimits(cancelled_matches=CANCELLED_MATCHES))
# Each run replaces the client of these tables. Parallel reads run in one order with the first and in the other order
# with the second.
_TABLES = (
    Table(TABLE, region=REGION, endpoint=None, make_executor=lambda _: InlineExecutor()),
    Table(TABLE, region=REGION, endpoint=None, make_executor=lambda _: DeferredExecutor()),
)
T = TypeVar("T")
Rewrite = Callable[[OperationRun, str, Request], Request]


@dataclass(frozen=True)
class InitialState:
    """The start of a run, with a table, its values, and the stream's records with those not yet delivered.

    The events of the `unannounced` writes of days are not announced yet.
    """

    name: str
    start: datetime
    table: InMemoryTable
    values: Values
    records: Sequence[Record] = ()
    undelivered: Sequence[Record] = ()
    cancelled_pairs: frozenset[Any] = frozenset()
    unannounced: Sequence[DayCommit] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """The parameters of a run without its order.

    `clocks` has the clock error of each actor, `plan` the planned faults.
    """

    operations: tuple[ActorOperation, ...]
    plan: Mapping[tuple[int, int], PlannedFault] = field(default_factory=dict)
    clocks: tuple[timedelta, ...] = ()
    step: timedelta = A_MILLISECOND
    stream: bool = True

    @property
    def announces(self) -> bool:
        """True if events are announced during the run."""
        return any(operation.use_case is UseCase.ANNOUNCE for operation in self.operations)


class SimulationRun:
    """One run of a scenario.

    `violation` is the first violation, found after `violated_at` requests. `read_moments` has the moment of each
    request. `turns` has a number for each turn, the distance from the last task to the next one in the list of tasks.
    """

    def __init__(self, initial_state: InitialState, scenario: Scenario, rewrite: Rewrite | None = None) -> None:
        self.initial_state = initial_state
        self.scenario = scenario
        self.turns: list[int] = []
        self.interleaver = Interleaver(initial_state.start, scenario.step)
        self.sent: list[SentRequest] = []
        self.operation_runs: list[OperationRun] = []
        self.violation: OracleViolation | None = None
        self.violated_at: int | None = None
        self.read_moments: list[int] = []
        self.history = TableHistory(initial_state.values)
        self.commit_oracle = CommitOracle(
            self.history, max(map(abs, scenario.clocks), default=timedelta(0)), set(initial_state.cancelled_pairs)
        )
        self.stream: list[Record] = list(initial_state.records)
        self.undelivered: list[Record] = list(initial_state.undelivered)
        self.day_commits = list(initial_state.unannounced)
        self.day_stream = DayStream()
        for commit in self.day_commits:
            self.day_stream.add(commit.record)
        self.messages: list[SentMessage] = []
        self.has_kept_records = False
        self._changes: list[ItemChange] = []
        self._rewrite = rewrite
        self.table = InMemoryTable(
            TABLE, lambda: self.interleaver.now().timestamp(), lag=lambda: self._client.lag, max_lag=1e9
        )
        self.table.resume(initial_state.table)
        self.table.listen(self._changes.append)
        self._client = InterleavedClient(
            self.table,
            self.interleaver,
            scenario.plan,
            self._on_sent,
            self._rewritten if rewrite else None,
            ChannelServices(self._on_accepted),
        )
        self.has_stream = scenario.stream
        self._replays: list[OperationReplay] = []
        # The actor of each task of a suspended fork, and True for the task that ran last.
        self._asleep: list[tuple[int, bool]] = []

    @property
    def replays(self) -> bool:
        """True if operations are replayed, because the clock stands still, so responses are the only inputs."""
        return is_replaying() and not self.scenario.step

    @property
    def forks(self) -> bool:
        """True if every operation is replayed and no fault is planned."""
        return self.replays and not self.scenario.plan

    def run(self, chooser: TaskChooser) -> None:
        """Run every operation to its end."""
        self.begin()
        self.interleaver.run(self._recording(chooser))

    def begin(self) -> None:
        """Start all operations and run each to its first request."""
        for operation in self.scenario.operations:
            operation_run, replay = self._start(operation)
            self.interleaver.spawn(operation_run.number, partial(self._execute, operation_run, replay))

    @property
    def pending(self) -> Mapping[TaskId, Pending | None]:
        """The next request of each task that has not ended. None stands for another action."""
        return {task.task_id: task.pending for task in self.interleaver.tasks}

    def step(self, task_id: TaskId) -> None:
        """Run a task to its next request."""
        (task,) = (task for task in self.interleaver.tasks if task.task_id == task_id)
        self._note_turn(task, self.interleaver.tasks, self.interleaver.last)
        self.interleaver.step(task)

    def end(self) -> None:
        """Stop all tasks."""
        self.interleaver.end()

    def fork(self) -> "SimulationRun":
        """Return a suspended run in the same state. Later steps of one do not affect the other."""
        assert self.forks
        other = SimulationRun(self.initial_state, self.scenario)
        other.table.resume(self.table)
        other.turns, other.sent, other.read_moments = self.turns.copy(), self.sent.copy(), self.read_moments.copy()
        other.violation, other.violated_at = self.violation, self.violated_at
        other.history.moments = self.history.moments.copy()
        other.commit_oracle.copy_from(self.commit_oracle)
        other.stream, other.undelivered = self.stream.copy(), self.undelivered.copy()
        other.day_commits, other.messages = self.day_commits.copy(), self.messages.copy()
        other.day_stream = self.day_stream.copy()
        other.operation_runs = [operation_run.copy() for operation_run in self.operation_runs]
        other._replays = [
            replay.fork(other, partial(other._run_for_real, operation_run))
            for operation_run, replay in zip(other.operation_runs, self._replays, strict=True)
        ]
        other.interleaver.turns = self.interleaver.turns
        other._asleep = self._asleep or [(task.actor, task is self.interleaver.last) for task in self.interleaver.tasks]
        return other

    def wake(self) -> None:
        """Resume all tasks before their next requests."""
        turns = self.interleaver.turns
        for actor, is_last in self._asleep:
            self.interleaver.spawn(actor, partial(self._execute, self.operation_runs[actor], self._replays[actor]))
            if is_last:
                self.interleaver.last = self.interleaver.tasks[-1]
        self.interleaver.turns = turns
        self._asleep = []

    def run_alone(self, operation: ActorOperation) -> OperationRun:
        """Run an operation outside of the interleaver, without other requests or faults."""
        operation_run, replay = self._start(operation)
        self._execute(operation_run, replay)
        self.interleaver.turns += 1
        return operation_run

    def clock(self, operation_run: OperationRun) -> datetime:
        """Return the actor's clock."""
        error = (
            self.scenario.clocks[operation_run.number]
            if operation_run.number < len(self.scenario.clocks)
            else timedelta(0)
        )
        return self.interleaver.now() + error

    def record_violation(self, violation: OracleViolation) -> None:
        """Record a violation if it is the first."""
        if self.violation is None:
            self.violation, self.violated_at = violation, len(self.sent)

    def trace(self) -> list[str]:
        """Return a readable line for each request, in order."""
        return [f"{self._who(one.actor)}: {request_line(one)}" for one in self.sent]

    def digest(self) -> bytes:
        """Return a short digest of the initial state and the trace."""
        names = {operation_run.number: str(operation_run.operation) for operation_run in self.operation_runs}
        lines = [f"{one.actor} {names.get(one.actor)} {request_line(one)}" for one in self.sent]
        return hashlib.blake2b("\n".join((self.initial_state.name, *lines)).encode(), digest_size=8).digest()

    def _recording(self, chooser: TaskChooser) -> TaskChooser:
        """Return a chooser that also records every turn."""

        def choose(tasks: Sequence[Task], last: Task | None) -> Task:
            chosen = chooser(tasks, last)
            self._note_turn(chosen, tasks, last)
            return chosen

        return choose

    def _note_turn(self, chosen: Task, tasks: Sequence[Task], last: Task | None) -> None:
        at = tasks.index(last) if last in tasks else 0
        self.turns.append((tasks.index(chosen) - at) % len(tasks))

    def _start(self, operation: ActorOperation) -> tuple[OperationRun, OperationReplay]:
        now = len(self.history.moments) - 1
        operation_run = OperationRun(len(self.operation_runs), operation, now, self.interleaver.now(), now)
        replay = OperationReplay(self, self._replay_root(operation_run), partial(self._run_for_real, operation_run))
        self.operation_runs.append(operation_run)
        self._replays.append(replay)
        return operation_run, replay

    def _run_for_real(self, operation_run: OperationRun, replay: OperationReplay) -> Any:
        """Run the use case and return its result."""
        # The seed of an actor does not depend on the other actors.
        seed = f"{self.initial_state.name} {operation_run.number} {operation_run.operation}"
        table = Random(f"order {seed}").choice(_TABLES)
        context = Context(
            _SETTINGS,
            table,
            partial(self.clock, operation_run),
            Random(f"chance {seed}"),
            Random(seed),
            lambda _: None,
            channels=_CHANNELS,
            log=lambda _: None,
            # The time of this machine ends no batch.
            stopwatch=lambda: 0.0,
        )
        _CLIENT.run = self
        table.connection._client = _BotocoreClient(self)  # type: ignore[assignment]
        return execute_operation(operation_run.operation, _ReplayHost(replay, context, operation_run.number))

    def _execute(self, operation_run: OperationRun, replay: OperationReplay) -> None:
        outcome = replay.run()
        operation_run.result = outcome.result
        if isinstance(outcome.raised, Refusal | TableRequestFailed):
            operation_run.refusal = outcome.raised
        else:
            operation_run.failed = outcome.raised
        operation_run.ended, operation_run.ended_at = len(self.history.moments) - 1, self.interleaver.now()

    def _replay_root(self, operation_run: OperationRun) -> Hashable | None:
        """Return all inputs with which an operation starts, or None if it is not replayed."""
        if not self.replays:
            return None
        return self.initial_state.name, operation_run.number, operation_run.operation, self.clock(operation_run)

    def respond(self, operation: str, request: Request) -> Response:
        """Return the response to the current operation's request."""
        ordered = canonical_request(operation, request)
        task = self.interleaver.task
        replay = self._replays[task.actor if task else -1]
        return replay.receive(OperationInput(lambda run: run._client.send(operation, ordered), response_fingerprint))

    def records(self, option: str) -> list[Record]:
        """Return the undelivered records in the order of a delivery. A stream that is off has none."""
        records = self.undelivered if self.has_stream else []
        half = (len(records) + 1) // 2
        self.undelivered = records[half:] if option == "split" else []
        return delivered_records(records, option, half)

    def return_records(self, records: list[Record], result: Any) -> None:
        """Keep the records that the handler left for a retry. The event source drops poison records."""
        poisoned = {one["dynamodb"]["SequenceNumber"] for one in POISON_RECORDS}
        again = {failure["itemIdentifier"] for failure in result["batchItemFailures"]} - poisoned
        self.undelivered += [one for one in records if one["dynamodb"]["SequenceNumber"] in again]

    def take_day_records(self, actor: int, option: str) -> list[Record]:
        """Return the records of days that the function receives. A stream that is off has none."""
        return self.day_stream.take(actor, option, self.interleaver.crashed) if self.has_stream else []

    def _on_accepted(self, message: AcceptedMessage) -> None:
        if message.destination == FAILURE_QUEUE:
            self.has_kept_records = True
            return
        task = self.interleaver.task
        operation_run = self.operation_runs[task.actor if task else -1]
        self.messages.append(SentMessage(*message, operation_run.began, len(self.history.moments) - 1))

    def _on_sent(self, sent: SentRequest) -> None:
        self.sent.append(sent)
        self.read_moments.append(len(self.history.moments) - 1)
        operation_run = None if sent.actor is None else self.operation_runs[sent.actor]
        if operation_run and not operation_run.requests:
            operation_run.began = len(self.history.moments) - 1
        if operation_run:
            operation_run.requests += 1
        if operation_run and sent.fault:
            operation_run.faults += 1
            operation_run.invalid |= sent.fault is RequestFault.INVALID
        if self._changes:
            self._record_commit(operation_run)

    def _record_commit(self, operation_run: OperationRun | None) -> None:
        changed = {}
        for change in self._changes:
            stored = change.after or change.before
            assert stored
            key = Key(stored.item["PK"]["S"], stored.item["SK"]["S"])
            changed[key] = value_of(Item.from_raw_data(change.after.item)) if change.after else None
            record = change.record()
            if passes_filter("rematch", record):
                self.stream.append(record)
                self.undelivered.append(record)
            if passes_filter("events", record):
                self._record_day(key, changed[key], record)
        self._changes.clear()
        commit = Commit(len(self.history.moments), self.interleaver.now(), changed)
        self.history.change(changed)
        operation_run = operation_run or (self.operation_runs[-1] if self.operation_runs else None)
        if operation_run:
            operation_run.commits.append(commit)
        try:
            self.commit_oracle.check(commit, operation_run)
        except OracleViolation as violation:
            self.record_violation(violation)

    def _record_day(self, key: Key, after: Value | None, record: Record) -> None:
        before = self.history.now.get(key)
        assert isinstance(after, Day)
        at = self.interleaver.now().replace(microsecond=0)
        self.day_commits.append(DayCommit(before if isinstance(before, Day) else None, after, at, record))
        self.day_stream.add(record)

    def _rewritten(self, actor: int | None, operation: str, request: Request) -> Request:
        assert self._rewrite
        return self._rewrite(self.operation_runs[-1 if actor is None else actor], operation, request)

    def _who(self, actor: int | None) -> str:
        return str(self._operation(actor)) if actor is not None else "after the run"

    def _operation(self, actor: int | None) -> ActorOperation | None:
        return None if actor is None else self.operation_runs[actor].operation


@dataclass
class _ReplayHost:
    """The host of an operation whose inputs are recorded for replay."""

    replay: OperationReplay
    context: Context
    number: int

    def read_history(self, question: Callable[[TableHistory], T]) -> T:
        """Return an answer from the table history."""
        return self.replay.receive(OperationInput(lambda run: question(run.history)))

    def records(self, option: str) -> list[Record]:
        """Return the records of a stream delivery."""
        return self.replay.receive(OperationInput(lambda run: run.records(option), records_fingerprint))

    def return_records(self, records: list[Record], result: Any) -> None:
        """Keep the unprocessed records for the next delivery."""
        self.replay.receive(OperationInput(lambda run: run.return_records(records, result)))

    def day_records(self, option: str) -> list[Record]:
        """Return the records of days that an invocation receives."""
        number = self.number
        return self.replay.receive(
            OperationInput(lambda run: run.take_day_records(number, option), records_fingerprint)
        )

    def return_day_records(self, batch: list[Record], result: Any) -> None:
        """Let the records wait again that the invocation left."""
        number = self.number
        self.replay.receive(OperationInput(lambda run: run.day_stream.give_back(number, batch, result)))

    def wait(self) -> None:
        """Let other tasks run."""
        self.replay.receive(OperationInput(lambda run: run.interleaver.pause()))


@dataclass
class _BotocoreClient:
    """The replacement of botocore's client."""

    run: SimulationRun
    # PynamoDB reads it to check whether the client was made without credentials.
    _request_signer: None = None

    def _make_api_call(self, operation: str, request: Request) -> Response:
        return self.run.respond(operation, request)


class _ChannelClient:
    """The replacement of the clients of the queues and the bus."""

    def __init__(self) -> None:
        self.run: SimulationRun | None = None

    def send_message_batch(self, **request: Any) -> Response:
        """Send messages to a queue."""
        return self._respond(SEND, request)

    def put_events(self, **request: Any) -> Response:
        """Put events on the bus."""
        return self._respond(PUBLISH, request)

    def _respond(self, operation: str, request: Request) -> Response:
        assert self.run
        return self.run.respond(operation, request)


# As with the table, each run replaces the run of this client.
_CLIENT = _ChannelClient()
_CHANNELS = Channels(
    Queues(QUEUES, lambda: _CLIENT),
    Bus(BUS, lambda: _CLIENT),
    unannounced=FailureQueue(FAILURE_QUEUE, lambda: _CLIENT),
)
