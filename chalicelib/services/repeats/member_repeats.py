"""A member's repeats, which the member makes, lists, changes and ends (R40)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.decisions.occurrences import next_due
from chalicelib.domain.decisions.repeat_schedule import schedule_changes
from chalicelib.domain.decisions.write_set import Decision, DocumentChange, WriteSet
from chalicelib.domain.model.errors import Busy, InvalidRequest, NotFound
from chalicelib.domain.model.ids import is_owned_by, owned_id
from chalicelib.domain.model.input_texts import most_repeats
from chalicelib.domain.model.repeat import MOST_REPEATS, EndedRepeat, Repeat
from chalicelib.services.context import Context
from chalicelib.services.members.profiles import own_profile
from chalicelib.services.repeats.due_repeats import make_at_once
from chalicelib.services.repeats.made_sessions import cancel_made
from chalicelib.services.repeats.request_budget import RequestBudget
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.services.upgrade import check_upgraded
from chalicelib.storage import repeat_reads
from chalicelib.storage.errors import TableRequestFailed


class MadeRepeat(Struct, frozen=True):
    """The caller's repeat. `new` says that this request made it."""

    repeat: Repeat
    new: bool


def make_repeat(context: Context, caller: str, new: Callable[[str, datetime], Repeat]) -> MadeRepeat:
    """Store a repeat and make its occurrences of the next 14 days. A repeat with the same pattern is kept instead.

    So a request whose response was lost can be sent again. `new` returns the repeat for its id and the instant. If the
    occurrences fail, the schedule makes them. Raises InvalidRequest at the limit of repeats (R36), Unauthenticated if
    the account is deleted (R33), and Busy while the former release, which loses the repeats of sessions, also runs.
    """
    check_upgraded(context)
    repeat_id = owned_id(caller, context.token(16))

    def decide(attempt: Attempt) -> Decision[MadeRepeat]:
        found = repeat_reads.repeats_of(context.table, caller)
        made = next((one for one in found.repeats if one.repeat_id == repeat_id), None)
        if made:
            # An earlier attempt committed, but its response was lost.
            return Decision(MadeRepeat(made, new=True))
        own_profile(context, caller)
        repeat = new(repeat_id, attempt.now)
        equal = next((one for one in found.repeats if one.is_same_pattern(repeat)), None)
        if equal:
            return Decision(MadeRepeat(equal, new=False))
        if len(found.repeats) >= MOST_REPEATS:
            raise InvalidRequest(most_repeats(MOST_REPEATS), field="repeats")
        listed = schedule_changes(found.schedule, next_due([*found.repeats, repeat], found.ended))
        changes = WriteSet(documents=(DocumentChange(None, repeat), *listed), present=(caller,))
        return Decision(MadeRepeat(repeat, new=True), changes)

    stored = run_transaction(context, decide)
    return replace(stored, repeat=_with_occurrences(context, stored.repeat))


def list_repeats(context: Context, caller: str) -> list[Repeat]:
    """Return the caller's repeats, oldest first."""
    found = repeat_reads.repeats_of(context.table, caller).repeats
    return sorted(found, key=lambda one: (one.made_at, one.repeat_id))


def change_repeat(
    context: Context, caller: str, repeat_id: str, change: Callable[[Repeat, datetime], Repeat]
) -> Repeat:
    """Change what a repeat makes from now on. The sessions that it has made stay.

    Raises NotFound for a repeat that was ended or is another member's, and what `change` raises.
    """

    def decide(attempt: Attempt) -> Decision[Repeat]:
        found = repeat_reads.repeats_of(context.table, caller)
        others = [one for one in found.repeats if one.repeat_id != repeat_id]
        before = next((one for one in found.repeats if one.repeat_id == repeat_id), None)
        if before is None:
            raise NotFound
        after = change(before, attempt.now)
        if after == before:
            return Decision(before)
        after = replace(after, changed_at=attempt.now)
        listed = schedule_changes(found.schedule, next_due([*others, after], found.ended))
        return Decision(after, WriteSet(documents=(DocumentChange(before, after), *listed), present=(caller,)))

    return _with_occurrences(context, run_transaction(context, decide))


def end_repeat(context: Context, caller: str, repeat_id: str, *, cancel: bool) -> None:
    """End a repeat, and cancel what it made ahead and the caller kept unchanged if `cancel` is set. It is idempotent.

    It cancels as many sessions as a request may (R36), and the schedule cancels the rest. Raises NotFound for another
    member's repeat. The list of due members is corrected by the next run.
    """
    budget = RequestBudget(context)
    if not is_owned_by(caller, repeat_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        found = repeat_reads.repeat(context.table, caller, repeat_id)
        return Decision(None, WriteSet(documents=(DocumentChange(found, None),) if found else ()))

    run_transaction(context, decide)
    # After the end, so that no run books another occurrence.
    if cancel and not cancel_made(context, caller, repeat_id, budget=budget):
        _leave_to_schedule(context, caller, repeat_id)


def _leave_to_schedule(context: Context, caller: str, repeat_id: str) -> None:
    """Store that sessions of an ended repeat are left, and list the caller as due."""

    def decide(attempt: Attempt) -> Decision[None]:
        own_profile(context, caller)
        found = repeat_reads.repeats_of(context.table, caller)
        if any(one.repeat_id == repeat_id for one in found.ended):
            return Decision(None)
        ended = EndedRepeat(member_id=caller, repeat_id=repeat_id, ended_at=attempt.now)
        listed = schedule_changes(found.schedule, next_due(found.repeats, [*found.ended, ended]))
        return Decision(None, WriteSet(documents=(DocumentChange(None, ended), *listed), present=(caller,)))

    run_transaction(context, decide)


def _with_occurrences(context: Context, repeat: Repeat) -> Repeat:
    """Make the occurrences of the next 14 days and return the repeat after them."""
    with suppress(Busy, TableRequestFailed):
        make_at_once(context, repeat)
        return repeat_reads.repeat(context.table, repeat.member_id, repeat.repeat_id) or repeat
    return repeat
