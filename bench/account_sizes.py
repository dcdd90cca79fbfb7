"""The sizes of the accounts whose requests are measured."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.model.event import ROWS_KEPT
from chalicelib.domain.model.repeat import MOST_REPEATS
from chalicelib.domain.model.title import LONGEST_IN_DAY
from chalicelib.services.notices.event_list import MOST_EVENTS

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
TOMORROW = (START + timedelta(days=1)).date()
# A date has 48 footprints of half an hour. The last two stay free for the requests.
MOST_A_DATE = 46


class AccountSize(Struct, frozen=True):
    """The size of an account.

    `a_date` is the number of sessions on each date ahead, from tomorrow. `limit_is_open` says that the account has
    booked near the limit of bookings before, which opened the versioned limit (R36).
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
    expired_events: int = 0
    limit_is_open: bool = False


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
    # Every hour of the longest calendar, each with as many waiting members as it can hold.
    hours_of_demand=35 * 24,
    # The table has not yet deleted them, and a page reads them first.
    expired_events=ROWS_KEPT - MOST_EVENTS,
    limit_is_open=True,
)
# The worst account with its sessions on as few dates as possible, and the longest titles that stay in their days.
DENSEST = replace(WORST, a_date=MOST_A_DATE, title="a" * LONGEST_IN_DAY)
# An account whose next booking opens the versioned limit of bookings (R36).
NEAR_THE_LIMIT = replace(DENSEST, past_days=0, favorites=1, followers=0, blocks=2, links=1, keys=1, limit_is_open=False)
