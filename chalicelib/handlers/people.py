"""`/v1/people`: favorites, snoozes and blocks."""

from chalicelib.domain.errors import InvalidRequest, NotFound
from chalicelib.domain.member import Said
from chalicelib.handlers import inputs, presenting, shapes, values
from chalicelib.handlers.http import Call
from chalicelib.handlers.inputs import Body, PageQuery
from chalicelib.handlers.operations import Done, Ok, refuses
from chalicelib.services.people import list_people, say, take_back


class SnoozeBody(Body):
    """Until when somebody is snoozed."""

    until: values.AnyInstant


def get_people(call: Call, query: PageQuery) -> Ok[shapes.People]:
    """List favorites, snoozes and blocks."""
    now = call.lockstep.clock()
    after = call.position("people", query)
    # One more than asked for tells whether there is a next page.
    found = list_people(call.lockstep, call.caller.member_id, now, after=after, limit=query.size and query.size + 1)
    lists = presenting.people(found[: query.size], now)
    if query.size is not None and len(found) > query.size:
        lists.next_cursor = call.cursor("people", found[query.size - 1].member_id)
    return Ok(lists)


@refuses(NotFound)
def put_snooze(call: Call, userId: str, body: SnoozeBody) -> Done:  # noqa: N803 - the name in the path
    """Snooze a member until an instant."""
    say(call.lockstep, call.caller.member_id, userId, Said.SNOOZE, until=inputs.instant(body.until, "until"))
    return Done()


@refuses(NotFound, InvalidRequest)
def put_favorite(call: Call, userId: str) -> Done:  # noqa: N803
    """Favorite a member."""
    say(call.lockstep, call.caller.member_id, userId, Said.FAVORITE)
    return Done()


@refuses(NotFound, InvalidRequest)
def put_block(call: Call, userId: str) -> Done:  # noqa: N803
    """Block a member."""
    say(call.lockstep, call.caller.member_id, userId, Said.BLOCK)
    return Done()


def delete_favorite(call: Call, userId: str) -> Done:  # noqa: N803
    """Take a favorite back; what was not said needs no taking back."""
    take_back(call.lockstep, call.caller.member_id, userId, Said.FAVORITE)
    return Done()


def delete_snooze(call: Call, userId: str) -> Done:  # noqa: N803
    """Take a snooze back; what was not said needs no taking back."""
    take_back(call.lockstep, call.caller.member_id, userId, Said.SNOOZE)
    return Done()


def delete_block(call: Call, userId: str) -> Done:  # noqa: N803
    """Take a block back; what was not said needs no taking back."""
    take_back(call.lockstep, call.caller.member_id, userId, Said.BLOCK)
    return Done()
