"""Bumps of the versions of a member's days ahead, so that each decision on an earlier read conflicts (R1, R36).

Each bump is a plain update of one item. It costs half of what it would in a transaction, and it needs none: a bump
means nothing by itself, and the item that must be seen is committed before.
"""

from collections.abc import Callable
from functools import partial

from chalicelib.domain.model.day import DayKey
from chalicelib.domain.model.slot import dates_ahead
from chalicelib.services.context import Context
from chalicelib.services.transaction import ATTEMPTS, backoff
from chalicelib.storage import reads, updates
from chalicelib.storage.errors import Conflict, TableRequestFailed

# The number of parallel updates.
PARALLEL_BUMPS = 16


def bump_days_ahead(context: Context, member_id: str) -> None:
    """Bump the versions of the member's existing days ahead. Raises Busy or TableRequestFailed.

    A day that does not exist is not created. A booking that creates it looks again after its commit.
    """
    dates = dates_ahead(context.clock())
    bump_days(context, [day.key for day in reads.days_between(context.table, member_id, dates[0], dates[-1])])


def bump_days(context: Context, days: list[DayKey]) -> None:
    """Bump the versions of existing days, and store the instant. Raises Busy or TableRequestFailed."""
    _update_each(context, days, lambda key: updates.bump_version(context.table, *key, context.clock()))


def bump_all_dates_ahead(context: Context, member_id: str) -> None:
    """Bump the versions of all dates ahead, and create the missing days. Raises Busy or TableRequestFailed.

    No instant is stored: it would say that a relation of the member may have changed.
    """
    days = [(member_id, on) for on in dates_ahead(context.clock())]
    _update_each(context, days, lambda key: updates.bump_or_create_day(context.table, *key))


def _update_each(context: Context, days: list[DayKey], update: Callable[[DayKey], None]) -> None:
    def bump(key: DayKey) -> None:
        try:
            retry(context, partial(update, key))
        except Conflict:
            # A deletion of the account has deleted the day, or another write keeps conflicting.
            if reads.days(context.table, [key])[key[0], key[1]].version:
                raise

    if not days:
        return
    with context.table.parallel(PARALLEL_BUMPS) as threads:
        list(threads.map(bump, days))


def retry(context: Context, update: Callable[[], None]) -> None:
    """Send a plain update, up to 8 times with jittered backoff. Raises TableRequestFailed after the last one."""
    for number in range(1, ATTEMPTS):
        try:
            return update()
        except TableRequestFailed as failure:
            context.pause(backoff(context, failure, number))
    return update()
