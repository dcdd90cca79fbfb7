"""The liveness oracle, which lets the stream and the schedules finish all work after the faults stop."""

from datetime import timedelta
from itertools import combinations

from chalicelib.domain.decisions.write_set import SETTLE, Job
from chalicelib.domain.model.booking import Booking
from tests.simulation.engine.day_stream import DayDelivery
from tests.simulation.engine.operation_run import OracleViolation
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.oracles.commit_oracle import SECOND_CHANCE_UNTIL, describe
from tests.simulation.oracles.eligibility_oracle import are_compatible, is_blocked, possible_relations
from tests.simulation.oracles.event_oracle import check_events, check_starts, logged_changes
from tests.simulation.oracles.response_oracle import check_blocks, check_response, check_suspensions
from tests.simulation.oracles.table_history import of_type, waiting
from tests.simulation.scenarios.cast import SLOTS
from tests.simulation.scenarios.operations import ActorOperation, UseCase

TICKS = 2
SOURCE_OFF = timedelta(hours=1)
ABOUT_TO_START = timedelta(minutes=9)
_TICK = (ActorOperation(UseCase.FINALIZE), ActorOperation(UseCase.JOBS), ActorOperation(UseCase.SWEEP))


def drain_and_check(run: SimulationRun) -> None:
    """Check the responses, deliver the stream, run at most two ticks of the schedules, and check liveness (R19)."""
    for operation_run in list(run.operation_runs):
        try:
            check_response(operation_run, run.history, run.commit_oracle.clock_error)
        except OracleViolation as violation:
            run.record_violation(violation)
    try:
        check_blocks(run.operation_runs, run.history, run.commit_oracle.clock_error)
        check_suspensions(run.operation_runs, run.history, run.commit_oracle.clock_error)
    except OracleViolation as violation:
        run.record_violation(violation)
    if run.violation is None:
        _drain(run)


def _drain(run: SimulationRun) -> None:
    """Deliver the stream, run the schedules, check liveness, and deliver the whole stream again."""
    _deliver(run)
    if run.scenario.announces:
        _announce(run)
    for _ in range(TICKS):
        if not _unfinished_work(run):
            break
        _tick(run)
    _check_finished(run)
    if run.violation is None:
        _settle(run)
    if run.violation is None:
        if len(list(waiting(run.history.now))) > 1:
            # Once a slot is due, each delivery of a waiting row matches the slot with moves. The replay must find no
            # move that was not possible before (R21).
            _run_alone(run, ActorOperation(UseCase.FINALIZE))
        _replay(run)
    if run.scenario.announces and run.violation is None:
        _announce(run)
        # Sessions at nine that are an hour ahead are then about to start.
        run.interleaver.advance(max(SLOTS["nine"].start - ABOUT_TO_START - run.interleaver.now(), timedelta(0)))
        _run_alone(run, ActorOperation(UseCase.START))
        _check_announced(run)


def _check_finished(run: SimulationRun) -> None:
    """Check that no work is left."""
    left = run.violation is None and _unfinished_work(run)
    if left:
        run.record_violation(OracleViolation(left))


def _settle(run: SimulationRun) -> None:
    """Run the schedules once more after the time in which a request may still write, and check that no job is left."""
    if not any(of_type(run.history.now, Job)):
        return
    # The clock of the actor that stored a job may be ahead.
    run.interleaver.advance(SETTLE + run.commit_oracle.clock_error)
    _tick(run)
    for job in of_type(run.history.now, Job):
        run.record_violation(OracleViolation(f"a job is left: {job.kind}"))
    _check_finished(run)


def _deliver(run: SimulationRun) -> None:
    """Deliver the stream until no record is left, including records of the deliveries."""
    rounds = 0
    while run.undelivered and run.scenario.stream and run.violation is None:
        _run_alone(run, ActorOperation(UseCase.DELIVER))
        rounds += 1
        if rounds > 10:
            run.record_violation(OracleViolation("more than ten deliveries of the stream"))


def _announce(run: SimulationRun) -> None:
    """Announce events until no record of a day is left. The source was off for an hour if the stream was off."""
    if not run.has_stream:
        run.interleaver.advance(SOURCE_OFF)
    run.has_stream = True
    rounds = 0
    while (run.day_stream.waiting or run.day_stream.in_flight) and run.violation is None:
        _run_alone(run, ActorOperation(UseCase.ANNOUNCE))
        rounds += 1
        if rounds > 10:
            run.record_violation(OracleViolation("more than ten announcements of the same events"))


def _check_announced(run: SimulationRun) -> None:
    """Check all events, and that announcing all of them again changes nothing and sends the same ids (R42)."""
    try:
        check_starts(run)
        check_events(run)
        before = logged_changes(run.history)
        _run_alone(run, ActorOperation(UseCase.ANNOUNCE, option=DayDelivery.AGAIN))
        # The repetition announces kept records too.
        if logged_changes(run.history) != before and not run.has_kept_records:
            raise OracleViolation("announcing all events again changes the event logs")
        check_events(run)
    except OracleViolation as violation:
        run.record_violation(violation)


def _tick(run: SimulationRun) -> None:
    for operation in _TICK:
        _run_alone(run, operation)
    _deliver(run)


def _run_alone(run: SimulationRun, operation: ActorOperation) -> None:
    operation_run = run.run_alone(operation)
    if operation_run.failed or operation_run.refusal:
        run.record_violation(
            OracleViolation(f"after the run {operation} fails: {operation_run.failed or operation_run.refusal!r}")
        )


def _unfinished_work(run: SimulationRun) -> str | None:
    """Return two waiting members who could be paired, or a job, as text, or None."""
    # Young jobs stay until they have settled.
    jobs = [job for job in of_type(run.history.now, Job) if job.made_at is None]
    if jobs:
        return f"a job is unfinished: {jobs[0].kind}"
    for one, other in combinations(waiting(run.history.now), 2):
        if one.slot == other.slot and _could_be_paired(run, one, other):
            return f"{describe(one)} and {describe(other)} could be paired"
    return None


def _could_be_paired(run: SimulationRun, one: Booking, other: Booking) -> bool:
    now, values = run.interleaver.now(), run.history.now
    pair = {(one.member_id, other.member_id, one.slot), (other.member_id, one.member_id, one.slot)}
    until = one.slot.start + SECOND_CHANCE_UNTIL if one.seeks_again and other.seeks_again else one.slot.start
    if now >= until or pair & run.commit_oracle.cancelled_pairs or is_blocked(values, one.member_id, other.member_id):
        return False
    return any(
        are_compatible(pair_relations, now)
        for pair_relations in possible_relations([values], one.member_id, other.member_id)
    )


def _replay(run: SimulationRun) -> None:
    """Check that a second delivery of the whole stream changes nothing (R19)."""
    moments = len(run.history.moments)
    # This includes records from the time when the stream was off.
    run.has_stream = True
    run.undelivered = list(run.stream)
    _run_alone(run, ActorOperation(UseCase.DELIVER))
    if len(run.history.moments) > moments:
        run.record_violation(OracleViolation("a second delivery of the stream changes the table"))
