"""The worst account, the calls of every route, and the recorded most units."""

import pytest
from msgspec.structs import replace

from bench.account_sizes import DENSEST, NEAR_THE_LIMIT, ORDINARY
from bench.accounts import AccountStage, populate
from bench.route_calls import calls
from bench.worst_account import (
    EXCEPTIONS,
    FIRST_NEAR_THE_LIMIT,
    MOST_UNITS,
    CallCost,
    changes,
    costs,
    lines,
    most_units,
    ratio_table,
    ratios,
    recorded,
    table,
)
from chalicelib.handlers.http.routes import ROUTES
from chalicelib.services.repeats.due_repeats import make_due
from chalicelib.services.repeats.member_repeats import make_repeat
from infra.in_memory_dynamodb.item_size import item_size
from tests.repeat_run import pattern

COST = CallCost(status=200, write_units=4, read_units=2, requests=3, milliseconds=10, listed=0)
# The largest day with all other things small, so that it is built in a second.
LARGEST_DAY = replace(NEAR_THE_LIMIT, ahead=NEAR_THE_LIMIT.a_date)


@pytest.fixture(scope="module")
def ordinary() -> AccountStage:
    return populate(replace(ORDINARY, past_days=2, ahead=4, favorites=2, followers=2, blocks=2))


def test_every_route_has_a_call(ordinary: AccountStage) -> None:
    assert {(call.method, call.route) for call in calls(ordinary)} == set(ROUTES)
    names = [call.name for call in calls(ordinary)]
    assert len(set(names)) == len(names)
    assert set(EXCEPTIONS) <= {*names, FIRST_NEAR_THE_LIMIT}


def test_every_call_succeeds_but_the_refused_lock(ordinary: AccountStage) -> None:
    found = costs(ordinary)
    assert {name for name, cost in found.items() if cost.status >= 300} == {"POST /v1/sessions, refused lock"}
    assert len(list(lines(found, found))) == len(found) + 4


def test_r36_two_members_with_the_largest_days_lock_for_less_than_150_units() -> None:
    stage = populate(LARGEST_DAY)
    days = [item.item for item in stage.world.table._items.items_after("", "") if item.item["k"] == {"S": "day"}]
    assert 8 * 1024 < max(item_size(day) for day in days) < 12 * 1024
    (cost,) = costs(stage, only="POST /v1/sessions, lock over two matches").values()
    assert (cost.status, cost.units < MOST_UNITS) == (201, True)
    assert cost.write_units > 70


def with_made_repeat(stage: AccountStage) -> AccountStage:
    """Return the stage with a repeat of the member whose sessions are all matched with the partner."""
    context = stage.world.context
    for owner in (stage.members.partner, stage.member):
        made = make_repeat(
            context,
            owner.member_id,
            lambda repeat_id, now, owner=owner: pattern(owner, repeat_id, now, time="23:00", minutes=25),
        )
        make_due(context, owner.member_id)
    return replace(stage, ids=replace(stage.ids, repeat_id=made.repeat.repeat_id))


@pytest.mark.long  # Fills the sessions of an account.
@pytest.mark.parametrize("a_date", [13, DENSEST.a_date])
def test_r36_a_change_and_an_end_of_a_repeat_with_sessions_cost_less_than_150_units(a_date: int) -> None:
    # Below the limit of bookings with the 14 of the repeat.
    stage = with_made_repeat(populate(replace(DENSEST, ahead=180, a_date=a_date)))
    (end,) = costs(stage, only="DELETE /v1/repeats/{repeatId}").values()
    # The schedule has not run since, so the request makes its occurrences.
    stage.world.run_for(days=12)
    (change,) = costs(stage, only="PATCH /v1/repeats/{repeatId}").values()
    assert (end.status, change.status) == (204, 200)
    assert 80 < end.units <= MOST_UNITS
    assert 80 < change.units <= MOST_UNITS


@pytest.mark.long  # Calls every route twice.
def test_r42_no_route_of_sessions_pays_for_a_long_event_log(ordinary: AccountStage) -> None:
    """A query of a booking reads all items of its member from the days to the limit of bookings."""
    size = replace(ORDINARY, past_days=2, ahead=4, favorites=2, followers=2, blocks=2, expired_events=450)
    with_events = costs(populate(size))
    units = {name: (cost.read_units, cost.write_units) for name, cost in costs(ordinary).items()}
    found = {name: (cost.read_units, cost.write_units) for name, cost in with_events.items()}
    differing = {name for name in units if units[name] != found[name]}
    assert differing == {"GET /v1/events", "GET /v1/me/export"}


def test_ratios_are_those_of_each_listed_thing_where_the_answers_differ_in_size() -> None:
    assert ratios(COST, replace(COST, write_units=10, milliseconds=30)) == (2, 3)
    assert ratios(replace(COST, listed=10), replace(COST, listed=20, write_units=10, milliseconds=30)) == (1, 1.5)


def test_the_table_has_the_most_units_of_each_call() -> None:
    more = replace(COST, read_units=2.5)
    most = most_units({"GET /health, label": COST}, {"GET /health, label": more})
    assert table(most).splitlines()[2:] == ["| `GET /health`, label | 4 | 2.5 | 3 |"]


def test_r36_every_recorded_call_above_150_units_has_a_reason(ordinary: AccountStage) -> None:
    rows = [line.strip("| ").split(" | ") for line in recorded().splitlines() if line.startswith("| `")]
    names = [route.replace("`", "") for route, *_ in rows]
    assert names == [*(call.name for call in calls(ordinary)), FIRST_NEAR_THE_LIMIT]
    units = {name: float(write) + float(read) for name, (_, write, read, _) in zip(names, rows, strict=True)}
    above = [name for name, most in units.items() if most > MOST_UNITS]
    assert set(above) == set(EXCEPTIONS)
    assert [line for line in recorded().splitlines() if line.startswith("- ")] == [
        f"- {units[name]:g} for `{name}`: {EXCEPTIONS[name]}" for name in above
    ]


def test_r36_a_route_is_compared_only_if_the_worst_account_costs_more_than_twice_as_much() -> None:
    more, listed = replace(COST, read_units=9), replace(COST, read_units=9, listed=2)
    ordinary = {"GET /a": COST, "GET /b": COST, "GET /c": replace(COST, listed=1)}
    found = ratio_table(ordinary, {"GET /a": COST, "GET /b": more, "GET /c": listed})
    assert found.splitlines()[2:] == ["| `GET /b` | 6 | 13 | 2.2 | 1.0 |"]


def test_r36_a_changed_record_is_shown_by_its_changed_lines() -> None:
    first, *others = recorded().splitlines()
    assert changes(recorded(), recorded()) == []
    assert changes(recorded(), "\n".join(others))[3:] == [f"-{first}"]
