"""The sizes of the accounts whose requests are measured."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.event import ROWS_KEPT
from chalicelib.domain.model.repeat import MOST_REPEATS
from chalicelib.domain.model.title import LONGEST_IN_DAY
from chalicelib.services.notices.event_list import MOST_EVENTS
from chalicelib.storage.demand_reads import HOURS_A_PAGE
from chalicelib.storage.document_keys import DATES_PER_DEMAND

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
TOMORROW = (START + timedelta(days=1)).date()
# A date has 48 footprints of half an hour. The last two stay free for the requests.
MOST_A_DATE = 46


class AccountSize(Struct, frozen=True):
    """The size of an account.

    `a_date` is the number of sessions on each date ahead, from tomorrow. `limit_is_open` says that the account has
    booked near the limit of bookings before, which opened the versioned limit (R36). In the first `hours_of_few` hours
    of demand the same few members wait, so that a view reads further. All later hours are full.
    """

    past_days: int
    ahead: int
    a_date: int
    title: str
    favorites: int
    followers: int
    blocks: int
    links: int
    keys: int
    webhooks: int = 1
    repeats: int = 2
    hours_of_demand: int = 40
    hours_of_few: int = 0
    expired_events: int = 0
    limit_is_open: bool = False


def hours_before_last_page(week: int) -> int:
    """Return the hours from `START` to the last whole page of a week of demand, the second or a later one.

    A view that ends there has read the first pages of all later weeks too.
    """
    days = DATES_PER_DEMAND * (week - 1) - START.toordinal() % DATES_PER_DEMAND
    pages = DATES_PER_DEMAND * 24 // HOURS_A_PAGE
    return days * 24 - START.hour + (pages - 1) * HOURS_A_PAGE


ORDINARY = AccountSize(
    past_days=100, ahead=20, a_date=3, title="Write", favorites=20, followers=10, blocks=5, links=2, keys=2
)
# The longest title has 200 characters, here of 4 bytes each.
WORST = AccountSize(
    past_days=2000,
    ahead=199,
    a_date=3,
    title="\N{GRINNING FACE}" * 200,
    favorites=199,
    followers=10_000,
    blocks=499,
    links=49,
    keys=49,
    webhooks=9,
    repeats=MOST_REPEATS - 1,
    # Every hour of the longest calendar.
    hours_of_demand=35 * 24,
    hours_of_few=hours_before_last_page(week=5),
    # The table has not yet deleted them, and a page reads them first.
    expired_events=ROWS_KEPT - MOST_EVENTS,
    limit_is_open=True,
)
# The worst account with its sessions on as few dates as possible, and the longest titles that stay in their days. Its
# demand makes a calendar of two weeks dearer, and that of `WORST` one of five weeks.
DENSEST = replace(WORST, a_date=MOST_A_DATE, title="a" * LONGEST_IN_DAY, hours_of_few=hours_before_last_page(week=2))
# An account whose next booking opens the versioned limit of bookings (R36).
NEAR_THE_LIMIT = replace(DENSEST, past_days=0, favorites=1, followers=0, blocks=2, links=1, keys=1, limit_is_open=False)
