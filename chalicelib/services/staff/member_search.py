"""The search of members by staff, for an id or for a part of a name (R47)."""

from chalicelib.domain.model.ids import is_member_id
from chalicelib.domain.model.member import Account
from chalicelib.domain.model.staff_line import StaffAct
from chalicelib.services.context import Context
from chalicelib.services.pages import Page
from chalicelib.services.staff.months import LARGEST_PAGE, USUAL_PAGE
from chalicelib.services.staff.staff_log import record_act
from chalicelib.storage import keys, reads, staff_reads
from chalicelib.storage.keys import Key

# Request units after which a search leaves the rest of the table to the next page (R36).
SEARCH_UNITS = 100


def search_members(
    context: Context, staff_id: str, query: str, *, after: str | None, limit: int | None
) -> Page[Account]:
    """Return the member with an id, or a page of those whose names contain the text, in any case of the letters.

    A page may be empty and have a next one. The record of the search names the member of an id, and no text.
    """
    found = reads.account(context.table, query) if is_member_id(query) else None
    record_act(context, staff_id, StaffAct.MEMBERS_SEARCHED, user_id=found.member_id if found else None)
    if found:
        return Page([found], None)
    wanted, most = query.casefold(), min(limit or USUAL_PAGE, LARGEST_PAGE)
    members: list[Account] = []
    units, place = 0.0, Key(*after.split(" ", 1)) if after else None
    while units < SEARCH_UNITS:
        scanned = staff_reads.scan_profiles(context.table, place)
        members += [profile for profile in scanned.profiles if wanted in profile.name.casefold()]
        if len(members) > most:
            return Page(members[:most], _place(keys.profile(members[most - 1].member_id)))
        units, place = units + scanned.units, scanned.after
        if place is None:
            break
    return Page(members, _place(place) if place else None)


def _place(key: Key) -> str:
    return " ".join(key)
