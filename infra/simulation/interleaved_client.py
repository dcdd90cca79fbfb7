"""What stands in the place of botocore's client below PynamoDB on a stage: every request waits for its turn."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.storage.connection import RETRIES
from infra.in_memory_dynamodb.table import Answer, SimulatedTable
from infra.simulation.faults import (
    JUDGED,
    WRITING,
    Fault,
    Request,
    completed,
    error_of,
    faults_of,
    is_retried,
    lost,
    positions,
    shortened,
)
from infra.simulation.interleaver import Stage

OK = "ok"
LONG_AGO = 10_000_000.0
_SERVED_FIRST = frozenset({Fault.ANSWER_LOST, Fault.CRASH_AFTER})


@dataclass(frozen=True, slots=True)
class Planned:
    """What goes wrong with a request: a fault, or the one of such a number of those that it can meet.

    `position` counts the places in a transaction where it can be. So many sendings in a row meet it.
    """

    fault: Fault | int
    position: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Sent:
    """One sending of a request, in its turn: who sent it, what became of it, and the fault that it met."""

    actor: int | None
    operation: str
    request: Request
    outcome: str
    fault: Fault | None = None
    position: int = 0


@dataclass
class StagedClient:
    """Carries the requests of a stage's actors to the table, each in its turn, and lets go wrong what is planned to.

    `plan` tells which of an actor's requests go wrong, by their numbers; -1 is the first that writes. `rewrite` may
    change a request on its way.
    """

    table: SimulatedTable
    stage: Stage
    plan: Mapping[tuple[int, int], Planned]
    told: Callable[[Sent], None]
    rewrite: Callable[[int | None, str, Request], Request] | None = None
    # By how many seconds a read is behind that may be.
    behind: float = 0

    def __post_init__(self) -> None:
        self._sent: Counter[int] = Counter()
        self._written: Counter[int] = Counter()
        self._left: dict[int, tuple[Planned, int]] = {}

    def ask(self, operation: str, request: Request) -> Answer:
        """Send a request, and again where the client library does. Raises what that raises."""
        if self.rewrite and self.stage.task:
            request = self.rewrite(self.stage.task.actor, operation, request)
        for _ in range(RETRIES):
            try:
                return self._send(operation, request)
            except (ClientError, ReadTimeoutError) as error:
                if not is_retried(error):
                    raise
        return self._send(operation, request)

    def _send(self, operation: str, request: Request) -> Answer:
        self.stage.pause((operation, request))
        task = self.stage.task
        if task is None:
            return self._serve(None, operation, request)
        planned = self._planned(task.actor, operation)
        fault = planned and _fault(planned, operation, request)
        if fault in JUDGED and self.table.has_carried_out(request.get("ClientRequestToken")):
            # DynamoDB answers what it did for that token, and judges nothing.
            fault = None
        if planned is None or fault is None:
            return self._serve(task.actor, operation, request)
        at = positions(fault, request) if operation == WRITING else [0]
        return self._meet(task.actor, operation, request, fault, at[planned.position % len(at)])

    def _planned(self, actor: int, operation: str) -> Planned | None:
        self._sent[actor] += 1
        self._written[actor] += operation == WRITING
        planned, times = self._left.pop(actor, (None, 0))
        if planned is None:
            planned = self.plan.get((actor, self._sent[actor]))
            if planned is None and operation == WRITING:
                planned = self.plan.get((actor, -self._written[actor]))
            times = planned.times if planned else 0
        if planned and times > 1:
            self._left[actor] = (planned, times - 1)
        return planned

    def _meet(self, actor: int, operation: str, request: Request, fault: Fault, position: int) -> Answer:
        if fault in _SERVED_FIRST:
            with suppress(ClientError):
                self._serve(actor, operation, request, fault)
        else:
            self.told(Sent(actor, operation, request, fault.value, fault, position))
        match fault:
            case Fault.CRASH_BEFORE | Fault.CRASH_AFTER:
                self.stage.leave()
            case Fault.ANSWER_LOST:
                raise lost()
            case Fault.LATE:
                # Once it has left it comes, whatever became of who sent it.
                self.stage.spawn(actor, lambda: self._arrive(actor, operation, request), (operation, request))
                raise lost()
            case Fault.STALE:
                return self._long_ago(operation, request)
            case Fault.SHORT:
                return completed(operation, request, self.table.call(operation, shortened(operation, request)))
        raise error_of(fault, operation, request, position)

    def _arrive(self, actor: int, operation: str, request: Request) -> None:
        # Nobody is told what becomes of it.
        with suppress(ClientError):
            self._serve(actor, operation, request)

    def _long_ago(self, operation: str, request: Request) -> Answer:
        """What a read finds in a copy that nothing of what was written on this stage has reached."""
        self.behind = LONG_AGO
        try:
            return self.table.call(operation, request)
        finally:
            self.behind = 0

    def _serve(self, actor: int | None, operation: str, request: Request, fault: Fault | None = None) -> Answer:
        try:
            answer = self.table.call(operation, request)
        except ClientError as error:
            self.told(Sent(actor, operation, request, error.response["Error"]["Code"], fault))
            raise
        self.told(Sent(actor, operation, request, OK, fault))
        return answer


def _fault(planned: Planned, operation: str, request: Request) -> Fault | None:
    """The fault that a request meets, if it can meet it."""
    faults = faults_of(operation, request)
    if isinstance(planned.fault, Fault):
        return planned.fault if planned.fault in faults else None
    return faults[planned.fault % len(faults)]


def in_one_order(operation: str, request: Request) -> Request:
    """The request as it is sent whatever the order in which Python keeps sets."""
    if operation == WRITING:
        return {**request, "TransactItems": sorted(request["TransactItems"], key=_by_key)}
    if operation == "BatchGetItem":
        ((name, asked),) = request["RequestItems"].items()
        keys = sorted(asked["Keys"], key=lambda key: (key["PK"]["S"], key["SK"]["S"]))
        return {**request, "RequestItems": {name: {**asked, "Keys": keys}}}
    return request


def _by_key(entry: Mapping[str, Any]) -> tuple[str, str]:
    (action,) = entry.values()
    key = action.get("Key") or action["Item"]
    return key["PK"]["S"], key["SK"]["S"]
