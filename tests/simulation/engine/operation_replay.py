"""What an operation does when it is answered as it was before is known: it is recalled, and not done again.

Nothing gets into an operation but who asks for it in which scene, and what it is answered: by the table, by whoever
tells it what there is, by the stream. Its time stands still, its chance and ids come from a seed. So all that it ever
did is a tree: at every ask a branch for each answer that was ever given, at the end of each how it ended. On stage an
operation goes from branch to branch, and everything it asks is asked of the play at hand. Where it hears what it has
never heard, it is carried out in fact, from its beginning, on what it has heard so far.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation.engine.memoization import by_identity, remembered

# A thousand of them take a few megabytes.
MOST_STEPS = 100_000


@dataclass(frozen=True, slots=True)
class Ask:
    """What an operation wants of the play at hand, and what of an answer can make a difference to it."""

    put: Callable[[Any], Any]
    told: Callable[[Any], Hashable] = lambda answer: answer


@dataclass(frozen=True, slots=True)
class Ending:
    """How an operation ended: with an answer or with what it raised."""

    answer: Any = None
    raised: Exception | None = None


@dataclass(slots=True)
class Step:
    """Where an operation stands once it has heard so and so: what it asks next, or how it ended."""

    ask: Ask | None = None
    ending: Ending | None = None
    further: dict[Hashable, "Step"] = field(default_factory=dict)


@dataclass(slots=True)
class _Past:
    beginnings: dict[Hashable, Step] = field(default_factory=dict)
    steps: int = 0


class Recall:
    """One operation on stage: from memory as far as that goes, and then in fact."""

    def __init__(self, play: Any, beginning: Hashable | None, carry_out: Callable[["Recall"], Any]) -> None:
        self._play = play
        self._carry_out = carry_out
        self._past = _past() if beginning is not None else None
        self._step = self._past.beginnings.setdefault(beginning, Step()) if self._past else Step()
        self._heard: list[tuple[Any, Exception | None]] = []
        self._repeated = 0

    def fork(self, play: Any, carry_out: Callable[["Recall"], Any]) -> "Recall":
        """The same operation in a play of its own, where it stands here; one of which nothing is kept has no fork."""
        assert self._past
        other = Recall(play, None, carry_out)
        other._past, other._step, other._heard = self._past, self._step, self._heard.copy()
        return other

    def run(self) -> Ending:
        """Play the operation to its end."""
        while self._past and (ask := self._step.ask):
            self._put(ask)
        if self._step.ending:
            return self._step.ending
        try:
            ending = Ending(self._carry_out(self))
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is told
            ending = Ending(raised=_bare(raised))
        if self._past:
            self._step.ending = ending
        return ending

    def hear(self, ask: Ask) -> Any:
        """What the operation is answered that is carried out in fact; what was answered before is answered again."""
        if self._past is None:
            return ask.put(self._play)
        if self._repeated == len(self._heard):
            self._step.ask = ask
            self._put(ask)
        answer, raised = self._heard[self._repeated]
        self._repeated += 1
        if raised:
            raise raised
        return answer

    def _put(self, ask: Ask) -> None:
        """Hear the answer of the play at hand, and go a step further."""
        answer, raised = None, None
        here = self._step
        try:
            answer = ask.put(self._play)
            told = ask.told(answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            raised = _bare(error)
            told = _told_error(error)
        if told not in here.further and self._past:
            self._past.steps += 1
        self._step = here.further.setdefault(told, Step())
        self._heard.append((answer, raised))


def told_answer(answer: Mapping[str, Any]) -> Hashable:
    """What an answer of the table tells: items, and where there are more."""
    if "Item" in answer:
        return item_told(answer["Item"])
    if "Items" in answer:
        return (*map(item_told, answer["Items"]), str(answer.get("LastEvaluatedKey")))
    if "Responses" in answer:
        ((_, items),) = answer["Responses"].items()
        return (*map(item_told, items), str(answer["UnprocessedKeys"]))
    return None


def told_records(records: list[dict[str, Any]]) -> Hashable:
    """What records of the stream tell."""
    changes = [(record["eventName"], record["dynamodb"]) for record in records]
    return tuple(
        (name, change["SequenceNumber"], *(item_told(change.get(image)) for image in ("OldImage", "NewImage")))
        for name, change in changes
    )


@by_identity
def item_told(item: Mapping[str, Any] | None) -> bytes:
    """A few bytes that stand for an item."""
    return blake2b(str(item).encode(), digest_size=12).digest()


def _told_error(error: Exception) -> Hashable:
    if not isinstance(error, ClientError):
        return type(error), str(error)
    reasons = error.response.get("CancellationReasons", ())
    return str(error), *((reason["Code"], item_told(reason.get("Item"))) for reason in reasons)


def _bare(error: Exception) -> Exception:
    """Without whatever was going on when it was raised, which would be kept with it."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


# The innermost `recalling` comes last.
_recalling = [False]


@contextmanager
def recalling() -> Iterator[None]:
    """Replay memoized operations until the end."""
    _recalling.append(True)
    try:
        yield
    finally:
        _recalling.pop()


def is_recalling() -> bool:
    """Return True where memoized operations are replayed, False where every operation runs."""
    return _recalling[-1]


def _past() -> _Past:
    kept: dict[None, _Past] = remembered(_past)
    if None not in kept or kept[None].steps > MOST_STEPS:
        kept[None] = _Past()
    return kept[None]
