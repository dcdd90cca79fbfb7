"""The plan of a slot, by the exact and by the bucketed matching (R20, R21)."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import combinations
from random import Random

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.member import Activity, Gender, PartnerGender, WorkStyle
from chalicelib.domain.slot_matching.bucketed_matching import match_bucketed
from chalicelib.domain.slot_matching.candidate import Candidate
from chalicelib.domain.slot_matching.candidate_pool import CandidatePool
from chalicelib.domain.slot_matching.exact_matching import match_exactly
from chalicelib.domain.slot_matching.slot_plan import Plan, PlanStep, plan_pairs
from tests.domain.slot_matching.graphs import most_pairs, neighbours
from tests.domain.slot_matching.populations import (
    Population,
    compatible_pairs,
    drawn,
    may_pair,
    member,
    mixed,
    of_graph,
)
from tests.domain.slot_matching.test_unmatched_choice import first_matchable

# Enough candidates for the bucketed matching.
CROWD = 1200
WORK_STYLES = [WorkStyle(activity, quiet) for activity in Activity for quiet in (False, True)]


def planned(population: Population, seed: int = 0) -> Plan:
    return plan_pairs(population.waiting, population.pairs, Random(seed))


def check(population: Population, plan: Plan) -> dict[str, str]:
    """Return the partner of each member after the plan. None has two, and each member of a random pair has one."""
    candidates = {candidate.member_id: candidate for candidate in population.everyone}
    random_pairs = {frozenset(candidate.member_id for candidate in pair) for pair in population.pairs}
    broken, new = {frozenset(pair) for pair in plan.broken_pairs}, {frozenset(pair) for pair in plan.pairs}
    assert broken <= random_pairs
    assert len(broken) == len(plan.broken_pairs)
    assert not new & random_pairs
    assert all(may_pair(*(candidates[member_id] for member_id in pair)) for pair in new)
    pairs = (random_pairs - broken) | new
    both_ways = [(one, other) for pair in pairs for one, other in (sorted(pair), sorted(pair, reverse=True))]
    partners = dict(both_ways)
    assert len(partners) == len(both_ways)
    assert all(candidate.member_id in partners for pair in population.pairs for candidate in pair)
    for step in plan.steps:
        check_step(step, {candidate.member_id for candidate in population.waiting})
        for (one, _), (_, other) in combinations(step.new_pairs, 2):
            assert not may_pair(candidates[one], candidates[other]), "a shorter path"
    return partners


def check_step(step: PlanStep, waiting: Collection[str]) -> None:
    """Check that a step is a path between two waiting members that gains one pair and can be split anywhere."""
    assert len(step.new_pairs) == len(step.broken_pairs) + 1
    assert {step.new_pairs[0][0], step.new_pairs[-1][1]} <= waiting
    for new, broken, after in zip(step.new_pairs, step.broken_pairs, step.new_pairs[1:], strict=False):
        assert (new[1], broken[1]) == (broken[0], after[0])


def unmatched_ids(candidates: Sequence[Candidate], seed: int = 0) -> set[str]:
    """Return the ids without a partner after a plan for these waiting candidates."""
    return {candidate.member_id for candidate in candidates} - set(partners_of(candidates, seed))


def partners_of(candidates: Sequence[Candidate], seed: int = 0) -> dict[str, str]:
    """Return the partners after a plan for these waiting candidates."""
    population = Population(tuple(candidates))
    return check(population, planned(population, seed))


def in_pairs(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, Candidate], ...]:
    """Return the candidates in pairs of neighbours, without the incompatible pairs."""
    paired = [replace(candidate, queue_position=None) for candidate in candidates]
    return tuple(pair for pair in zip(paired[::2], paired[1::2], strict=True) if may_pair(*pair))


def all_compatible(rng: Random, n: int) -> list[Candidate]:
    """Return waiting candidates who are all compatible, with random work styles."""
    return [replace(member(m), work_style=rng.choice(WORK_STYLES)) for m in range(n)]


def test_a_plan_lists_the_pairs_of_its_steps_and_the_unmatched_candidates() -> None:
    plan = Plan((PlanStep((("m0", "m1"), ("m2", "m3")), (("m1", "m2"),)), PlanStep((("m4", "m5"),))), 4)
    assert plan.pairs == (("m0", "m1"), ("m2", "m3"), ("m4", "m5"))
    assert plan.broken_pairs == (("m1", "m2"),)
    assert plan.unmatched_of([member(0), member(6), member(5)]) == [member(6)]


def test_r21_a_path_of_four_is_one_step_in_its_order() -> None:
    path = of_graph(frozenset({(0, 1), (1, 2), (2, 3)}), 4)
    plan = planned(Population((path[0], path[3]), ((path[1], path[2]),)))
    forward = PlanStep((("m0", "m1"), ("m2", "m3")), (("m1", "m2"),))
    backward = PlanStep((("m3", "m2"), ("m1", "m0")), (("m2", "m1"),))
    assert plan in [Plan((forward,), 2), Plan((backward,), 2)]


@pytest.mark.parametrize("seeds", [range(200), pytest.param(range(200, 2000), marks=pytest.mark.long)])
def test_r21_a_plan_reaches_the_maximum_from_any_random_pairs(seeds: range) -> None:
    for seed in seeds:
        population = drawn(seed)
        plan = planned(population, seed)
        check(population, plan)
        assert len(population.pairs) + len(plan.steps) == population.most == plan.bound, seed


@pytest.mark.long  # Plans many random slots.
def test_r21_no_pair_is_broken_if_the_waiting_members_gain_nothing() -> None:
    gained = 0
    for seed in range(300):
        population = drawn(seed)
        gain = population.most - len(population.pairs)
        plan = planned(population, seed)
        if gain == population.most_among_waiting:
            assert plan.broken_pairs == (), seed
        gained += len([step for step in plan.steps if step.broken_pairs])
        assert len([step for step in plan.steps if step.broken_pairs]) <= gain
    assert gained > 50


@pytest.mark.parametrize("n", [40, pytest.param(CROWD, marks=pytest.mark.long)])
def test_r21_no_preference_breaks_a_pair(n: int) -> None:
    everyone = frozenset(f"m{m}" for m in range(n))
    preferring = [replace(candidate, preferred=everyone) for candidate in all_compatible(Random(1), n)]
    population = Population((), tuple(zip(preferring[::2], preferring[1::2], strict=True)))
    assert planned(population).steps == ()
    displaced = member(n, displaced=True)
    with_displaced = replace(population, waiting=(displaced,))
    assert planned(with_displaced).steps == ()


def test_r21_bucketed_matching_breaks_new_pairs_before_random_ones() -> None:
    # The two loud candidates are incompatible. Each is compatible with the quiet candidates of one gender.
    quiet = [replace(member(n), gender=list(Gender)[n % 2], work_style=WorkStyle(quiet=True)) for n in range(CROWD)]
    loud = [
        replace(member(CROWD + n), gender=gender, partner_gender=PartnerGender.SAME)
        for n, gender in enumerate(list(Gender)[:2])
    ]
    for seed in range(3):
        population = Population((*quiet[:500], *loud), in_pairs(quiet[500:]))
        plan = planned(population, seed)
        assert len(check(population, plan)) == CROWD + 2
        assert plan.broken_pairs == ()


def test_r21_a_pair_is_not_broken_for_an_exchange_of_waiting_members() -> None:
    # Pairs 0-1 and 2-3 would leave out 4 instead of the displaced 0. No pair would be gained.
    candidates = of_graph(frozenset({(0, 1), (1, 2), (2, 3), (3, 4)}), 5)
    displaced = replace(candidates[0], queue_position=member(0, displaced=True).queue_position)
    population = Population((displaced, candidates[3], candidates[4]), ((candidates[1], candidates[2]),))
    plan = planned(population)
    assert plan.broken_pairs == ()
    assert set(check(population, plan)) == {"m1", "m2", "m3", "m4"}


def test_r21_a_step_skips_pairs_that_it_need_not_break() -> None:
    # The path that is found may lead through both pairs, but 0 and 3 are compatible.
    edges = frozenset({(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 3)})
    candidates = of_graph(edges, 6)
    population = Population(
        (candidates[0], candidates[5]), ((candidates[1], candidates[2]), (candidates[3], candidates[4]))
    )
    for seed in range(10):
        assert planned(population, seed).broken_pairs in [(("m3", "m4"),), (("m4", "m3"),)]


def test_r32_a_random_pair_that_became_incompatible_is_broken_only_to_gain_a_pair() -> None:
    one, other = (replace(member(n), incompatible=frozenset({"m0", "m1"})) for n in range(2))
    kept = planned(Population((), ((one, other),)))
    assert (kept.steps, kept.bound) == ((), 1)
    same_only = tuple(replace(member(n), partner_gender=PartnerGender.SAME) for n in range(2))
    for match in (match_exactly, match_bucketed):
        assert match(CandidatePool((), [(same_only[0], same_only[1])], Random(0)))[1] == 1
    population = Population((member(2), replace(member(3), incompatible=frozenset({"m2"}))), ((one, other),))
    assert len(planned(population).steps) == 1
    assert planned(population).bound == 2


def test_r20_among_equals_the_shortest_waiting_members_stay_unmatched() -> None:
    for seed in range(300):
        rng = Random(seed)
        n = rng.randint(2, 9)
        edges = frozenset(pair for pair in combinations(range(n), 2) if rng.random() < rng.choice([0.2, 0.4]))
        candidates = of_graph(edges, n)
        matched = first_matchable(neighbours(n, edges), most_pairs(n, edges), list(range(n)))
        assert unmatched_ids(rng.sample(candidates, n), seed) == {f"m{m}" for m in range(n) if m not in matched}, seed


def test_r13_as_few_displaced_members_as_possible_stay_unmatched_at_any_preference() -> None:
    for seed in range(400):
        rng = Random(seed)
        n = rng.randint(2, 9)
        candidates = mixed(rng, n, same_only=0.4, exceptions=n)
        order = sorted(range(n), key=lambda m: not candidates[m].displaced)
        place = [order.index(m) for m in range(n)]
        edges = compatible_pairs(candidates)
        best = first_matchable(neighbours(n, edges), most_pairs(n, edges), place)
        fewest = sum(candidate.displaced for m, candidate in enumerate(candidates) if m not in best)
        out = unmatched_ids(candidates, seed)
        assert sum(candidate.displaced for candidate in candidates if candidate.member_id in out) == fewest, seed


@pytest.mark.parametrize("n", [41, CROWD + 1])
def test_r13_the_last_booker_stays_unmatched_instead_of_a_displaced_member(n: int) -> None:
    first = replace(member(0, minutes=n, displaced=True), work_style=WorkStyle(quiet=True))
    for seed in range(5):
        others = [member(m, minutes=m) for m in range(1, n)]
        assert unmatched_ids([*others, first], seed) == {f"m{n - 1}"}


def test_r20_work_style_and_recent_meetings_count_for_more_than_waiting_time() -> None:
    quiet, loud = WorkStyle(quiet=True), WorkStyle(quiet=False)
    first = replace(member(0), work_style=loud)
    later = [replace(member(m, minutes=m), work_style=quiet) for m in (1, 2)]
    assert unmatched_ids([first, *later]) == {"m0"}
    met = replace(member(0), met={"m1": 7, "m2": 0})
    assert unmatched_ids([met, member(1), member(2)]) == {"m0"}


def test_r20_work_style_counts_for_more_than_recent_meetings() -> None:
    candidates = of_graph(frozenset({(0, 1), (0, 2)}), 3)
    candidates[0] = replace(candidates[0], met={"m2": 7})
    candidates[1] = replace(candidates[1], work_style=WorkStyle(quiet=True))
    assert unmatched_ids(candidates) == {"m1"}


def test_r20_preferred_partners_count_for_more_than_work_style() -> None:
    quiet, loud = WorkStyle(quiet=True), WorkStyle(quiet=False)
    work_styles = [quiet, loud, quiet, loud]
    candidates = [replace(member(m), work_style=work_style) for m, work_style in enumerate(work_styles)]
    candidates[0] = replace(candidates[0], preferred=frozenset({"m1"}))
    for seed in range(20):
        partners = partners_of(candidates, seed)
        assert (partners["m0"], partners["m2"]) == ("m1", "m3")


def test_r20_a_preference_costs_no_pair() -> None:
    # 1 and 2 prefer each other, but 0 and 3 are compatible with no other member.
    candidates = of_graph(frozenset({(0, 1), (1, 2), (2, 3)}), 4)
    candidates[1] = replace(candidates[1], preferred=frozenset({"m2"}))
    candidates[2] = replace(candidates[2], preferred=frozenset({"m1"}))
    assert len(planned(Population(tuple(candidates))).pairs) == 2


def test_r20_a_mutual_preference_outlasts_a_one_sided_one() -> None:
    # The augmenting path from 0 to 5 leads through 1 and 2, or through 3 and 4.
    candidates = of_graph(frozenset({(0, 1), (1, 2), (2, 5), (0, 3), (3, 4), (4, 5)}), 6)
    for one, other in ((1, 2), (3, 4), (4, 3)):
        candidates[one] = replace(candidates[one], preferred=frozenset({f"m{other}"}))
    for seed in range(20):
        partners = partners_of(candidates, seed)
        assert (len(partners), partners["m3"]) == (6, "m4")


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(("n", "near"), [(60, 3), (200, 4), (200, 150), (CROWD, CROWD)])
def test_r20_mutual_preferences_are_met_if_that_costs_no_pair(n: int, near: int) -> None:
    for seed in range(5):
        rng = Random(seed)
        intended = list(range(n))
        rng.shuffle(intended)
        edges = {(min(pair), max(pair)) for pair in zip(intended[::2], intended[1::2], strict=True)}
        mutual = sorted(edges)[:: rng.choice([1, 2])]
        if near < n:
            edges |= {(min(pair), max(pair)) for m in range(n) for pair in [(m, rng.randrange(n))] if m != pair[1]}
            edges |= {pair for pair in combinations(range(n), 2) if rng.random() < near / n}
            candidates = of_graph(frozenset(edges), n)
        else:
            candidates = all_compatible(rng, n)
        candidates = [replace(candidate, work_style=rng.choice(WORK_STYLES)) for candidate in candidates]
        for one, other in mutual:
            candidates[one] = replace(candidates[one], preferred=frozenset({f"m{other}", f"m{rng.randrange(n)}"}))
            candidates[other] = replace(candidates[other], preferred=frozenset({f"m{one}", f"m{rng.randrange(n)}"}))
        partners = partners_of(candidates, seed)
        met = sum(partners[f"m{one}"] == f"m{other}" for one, other in mutual)
        assert met == len(mutual)
        assert len(partners) == n


@pytest.mark.parametrize("n", [300, CROWD])
def test_r20_all_get_a_new_partner_of_their_work_style_if_all_can(n: int) -> None:
    rng = Random(n)
    candidates = [
        replace(member(m), work_style=work_style, met={f"m{rng.randrange(n)}": 1 for _ in range(40)})
        for m in range(n)
        for work_style in [WorkStyle([Activity.DESK, Activity.MOVING, Activity.ANYTHING][m // 2 % 3], m % 4 < 2)]
    ]
    by_id = {candidate.member_id: candidate for candidate in candidates}
    partners = partners_of(candidates)
    pairs = [(by_id[one], by_id[other]) for one, other in partners.items()]
    assert len(pairs) == n
    assert sum(one.work_style.matches(other.work_style) for one, other in pairs) >= 0.99 * n
    assert sum(one.member_id in other.met for one, other in pairs) <= 0.01 * n


@pytest.mark.long
def test_r21_bucketed_matching_reaches_the_bound() -> None:
    for seed in range(4):
        rng = Random(seed)
        candidates = mixed(rng, 3000, same_only=rng.choice([0.1, 0.5, 0.9]), exceptions=40)
        population = Population(tuple(candidates[:2000]), in_pairs(candidates[2000:]))
        plan = planned(population, seed)
        check(population, plan)
        assert len(population.pairs) + len(plan.steps) == plan.bound


@pytest.mark.long  # Draws until the frequencies show.
@pytest.mark.parametrize("match", [match_exactly, match_bucketed])
def test_r20_among_equals_every_pair_is_equally_likely(
    match: Callable[[CandidatePool], tuple[list[int], int]],
) -> None:
    together: Counter[frozenset[str]] = Counter()
    alone: Counter[str] = Counter()
    rounds = 3000
    for seed in range(rounds):
        pool = CandidatePool([member(m) for m in range(5)], [], Random(seed))
        mate, _ = match(pool)
        together.update(frozenset((pool.ids[n], pool.ids[m])) for n, m in enumerate(mate) if n < m)
        alone.update(pool.ids[n] for n, partner in enumerate(mate) if partner < 0)
    # Five standard deviations of a fair draw: each of ten pairs in two of ten, each of five left out in one of five.
    spread = 5 * (rounds * 0.2 * 0.8) ** 0.5
    assert len(together) == 10
    assert all(abs(times - rounds / 5) < spread for times in (*together.values(), *alone.values()))


@pytest.mark.parametrize("n", [80, CROWD])
def test_r20_a_seed_gives_one_result_for_any_member_ids(n: int) -> None:
    candidates = mixed(Random(n), n, exceptions=12)
    population = Population(tuple(candidates[: n // 2]), in_pairs(candidates[n // 2 :]))

    def renamed(candidate: Candidate) -> Candidate:
        sets = (candidate.preferred, candidate.incompatible)
        preferred, incompatible = (frozenset(f"other-{member_id}" for member_id in ids) for ids in sets)
        met = {f"other-{member_id}": days for member_id, days in candidate.met.items()}
        return replace(
            candidate, member_id=f"other-{candidate.member_id}", preferred=preferred, incompatible=incompatible, met=met
        )

    others = Population(
        tuple(renamed(candidate) for candidate in population.waiting),
        tuple((renamed(one), renamed(other)) for one, other in population.pairs),
    )
    expected = [(f"other-{one}", f"other-{other}") for one, other in planned(population, 7).pairs]
    assert list(planned(others, 7).pairs) == expected
    assert planned(population, 7).pairs != planned(population, 8).pairs
