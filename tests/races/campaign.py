"""One storm after the other on one field, and what is found once each is over."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.audit.invariants import violations
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.events.scheduled_audit import line_of
from tests.races.environment import Field
from tests.races.history_checker import judge
from tests.races.workloads import Storm
from tests.table_snapshot import take_snapshot


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a storm: `answers` by code, how many `ticks` it took to come to rest, what must not be.

    `items` is how many the auditor looked at, `audited` what it says of them.
    """

    storm: str
    clients: int
    answers: Counter[str]
    ticks: int
    found: tuple[str, ...]
    items: int
    audited: tuple[str, ...]


def weather(field: Field, storm: Storm, clients: int) -> Outcome:
    """Raise a storm, let it pass, and look at everything that the table ever held and holds."""
    told_before = len(field.told)
    found = list(storm.raise_on(field, clients))
    ticks, left = field.come_to_rest()
    items, audited = field.audited()
    found += [*left, *_looked_at(field)]
    field.resume_stream()
    news = [one for one in dict.fromkeys(found + field.found) if one not in field.known]
    field.known.update(news)
    answers = Counter(one.code for one in field.told[told_before:])
    return Outcome(storm.name, clients, answers, ticks, tuple(news), items, tuple(audited))


def _looked_at(field: Field) -> Iterator[str]:
    field.history.read_on()
    if not field.history.is_complete():
        yield "what the stream tells does not end in what the table holds"
    if not field.history.is_told_again():
        yield "the stream is told again from the beginning, and something comes of it"
    yield from judge(field.history, field.told)
    yield from map(line_of, violations(take_snapshot(field.table), real_time()))
    yield from field.fleet.complaints()
