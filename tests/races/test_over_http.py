"""The storms of the campaign with a few clients each: over HTTP, on runners and an engine in processes of their own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.races.campaign import weather
from tests.races.clients import CLAIMS, LOCKS, Told, Verb
from tests.races.environment import Field
from tests.races.history_checker import judge
from tests.races.workloads import STORMS, Storm

# Runners and an engine in processes of their own, in storms.
pytestmark = pytest.mark.long

SEED = 5


@pytest.fixture(scope="module")
def field(engine: str) -> Iterator[Field]:
    """Runners on a table of their own, for all storms one after the other."""
    field = Field(engine, SEED)
    with field.fleet:
        yield field


@pytest.mark.parametrize("storm", STORMS, ids=lambda storm: storm.name)
def test_in_a_storm_everybody_is_told_the_truth_and_the_table_stays_in_order(field: Field, storm: Storm) -> None:
    outcome = weather(field, storm, storm.few)
    assert (outcome.found, outcome.audited) == ((), ())
    assert outcome.answers.total() >= storm.few


Forgery = Callable[[list[Told]], tuple[list[Told], str]]


def first(told: list[Told], wanted: Callable[[Told], bool]) -> Told:
    return next(one for one in told if wanted(one))


def without(told: list[Told], *some: Told) -> list[Told]:
    return [one for one in told if one not in some]


def a_booking_that_nobody_was_told_of(told: list[Told]) -> tuple[list[Told], str]:
    made = first(told, lambda one: one.ask.verb is Verb.BOOK and one.made)
    session = made.session["sessionId"]
    return without(
        told, *(one for one in told if one.done and one.ask.verb in CLAIMS and one.session["sessionId"] == session)
    ), "was made, and nobody was told"


def a_lock_that_was_told_as_refused(told: list[Told]) -> tuple[list[Told], str]:
    made = first(told, lambda one: one.ask.verb is Verb.LOCK and one.made and not one.ask.key)
    refused = first(told, lambda one: one.code == "not_available")
    known = [one for one in told if one.done and one.ask.verb in LOCKS and one.shown[2] == made.shown[2]]
    return [*without(told, *known), replace(made, answer=refused.answer)], "was made, and neither was told"


def a_refusal_that_was_told_as_done(told: list[Told]) -> tuple[list[Told], str]:
    refused = first(told, lambda one: one.ask.verb is Verb.LOCK and one.code == "not_available")
    made = first(told, lambda one: one.ask.verb is Verb.LOCK and one.made)
    return [*without(told, refused), replace(refused, answer=made.answer)], "is told of another booking"


def a_pair_that_never_was(told: list[Told]) -> tuple[list[Told], str]:
    made = first(told, lambda one: one.ask.verb is Verb.LOCK and one.made)
    assert made.answer
    session = {**made.session, "roomUrl": "https://rooms.example/elsewhere"}
    forged = replace(made.answer, data=json.dumps({"session": session}).encode())
    return [*told, Told(made.ask, forged)], "which never was"


def a_cancellation_that_was_told_and_not_done(told: list[Told]) -> tuple[list[Told], str]:
    held = first(told, lambda one: one.ask.verb is Verb.LOCK and one.made)
    done = first(told, lambda one: one.ask.verb is Verb.CANCEL and one.done)
    ask = replace(held.ask, verb=Verb.CANCEL, session_id=held.session["sessionId"])
    return [*told, Told(ask, done.answer)], "is answered, and"


def a_cancellation_that_nobody_asked_for(told: list[Told]) -> tuple[list[Told], str]:
    return [one for one in told if one.ask.verb is not Verb.CANCEL], "was given up, and its owner did not ask for it"


def two_who_are_told_that_they_made_the_same(told: list[Told]) -> tuple[list[Told], str]:
    made = first(told, lambda one: one.ask.verb is Verb.BOOK and one.made and not one.ask.key)
    return [*told, Told(made.ask, made.answer)], "2 requests"


def a_use_that_nobody_was_told_of(told: list[Told]) -> tuple[list[Told], str]:
    return without(told, first(told, lambda one: one.ask.verb is Verb.ACCEPT and one.made)), "is used"


@pytest.mark.parametrize(
    "forge",
    [
        a_booking_that_nobody_was_told_of,
        a_lock_that_was_told_as_refused,
        a_refusal_that_was_told_as_done,
        a_pair_that_never_was,
        a_cancellation_that_was_told_and_not_done,
        a_cancellation_that_nobody_asked_for,
        two_who_are_told_that_they_made_the_same,
        a_use_that_nobody_was_told_of,
    ],
    ids=lambda forge: forge.__name__,
)
def test_an_answer_that_is_not_true_is_found(field: Field, forge: Forgery) -> None:
    """After the storms, in which nothing is found: so what is found is what was forged."""
    told, words = forge(field.told)
    assert [one for one in judge(field.history, told) if words in one]
