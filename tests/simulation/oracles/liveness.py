"""What must hold once nothing goes wrong any more: the stream catches up, the schedules run, and then all is quiet."""

from itertools import combinations

from chalicelib.domain.decisions.write_set import Job
from chalicelib.domain.model.booking import Booking
from tests.simulation.engine.operation_run import Violation
from tests.simulation.engine.play import Play
from tests.simulation.oracles.commit_oracle import told
from tests.simulation.oracles.eligibility_oracle import is_blocked, pairs_relations, suit
from tests.simulation.oracles.response_oracle import check_answer
from tests.simulation.oracles.table_history import of_type, waiting
from tests.simulation.scenarios.operations import Operation, Verb

TICKS = 2
_TICK = (Operation(Verb.FINALIZE), Operation(Verb.CHORES), Operation(Verb.SWEEP))


def come_to_rest(play: Play) -> None:
    """Let stream and schedules finish what is left, at most two ticks of them, and check what must hold then (R19)."""
    for act in list(play.acts):
        try:
            check_answer(act, play.held, play.watch.wrong)
        except Violation as violation:
            play.found(violation)
    if play.violation is None:
        _settle(play)


def _settle(play: Play) -> None:
    """Deliver, tick and replay."""
    _deliver(play)
    for _ in range(TICKS):
        if not _left_undone(play):
            break
        _tick(play)
    if play.violation is None:
        if left := _left_undone(play):
            play.found(Violation(left))
        _replay(play)


def _deliver(play: Play) -> None:
    """Deliver what the stream still has; what is left undone and comes of it as well."""
    rounds = 0
    while play.undelivered and play.script.stream and play.violation is None:
        _alone(play, Operation(Verb.DELIVER))
        rounds += 1
        if rounds > 10:
            play.found(Violation("the stream is delivered again and again"))


def _tick(play: Play) -> None:
    for operation in _TICK:
        _alone(play, operation)
    _deliver(play)


def _alone(play: Play, operation: Operation) -> None:
    act = play.alone(operation)
    if act.failed or act.refusal:
        play.found(Violation(f"at rest {operation} fails: {act.failed or act.refusal!r}"))


def _left_undone(play: Play) -> str | None:
    """Two who wait and could be paired, or work that was begun; None where there is neither."""
    jobs = list(of_type(play.held.now, Job))
    if jobs:
        return f"a {jobs[0].kind} is left undone"
    for one, other in combinations(waiting(play.held.now), 2):
        if one.slot == other.slot and _could_be_paired(play, one, other):
            return f"{told(one)} and {told(other)} could be paired"
    return None


def _could_be_paired(play: Play, one: Booking, other: Booking) -> bool:
    now, values = play.stage.now(), play.held.now
    pair = {(one.member_id, other.member_id, one.slot), (other.member_id, one.member_id, one.slot)}
    if now >= one.slot.start or pair & play.watch.deserted or is_blocked(values, one.member_id, other.member_id):
        return False
    return any(
        suit(pair_relations, now) for pair_relations in pairs_relations([values], one.member_id, other.member_id)
    )


def _replay(play: Play) -> None:
    """Everything that the stream ever told, told again, changes nothing (R19)."""
    moments = len(play.held.moments)
    # Also where it was off until now.
    play.has_stream = True
    play.undelivered = list(play.stream)
    _alone(play, Operation(Verb.DELIVER))
    if len(play.held.moments) > moments:
        play.found(Violation("the stream is delivered again, and something changes"))
