"""`/v1/people`: favorites, snoozes and blocks."""

from collections.abc import Callable

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


def _saying(said: Said) -> Callable[..., Done]:
    @refuses(NotFound, InvalidRequest)
    def put(call: Call, userId: str) -> Done:  # noqa: N803 - the name in the path
        say(call.lockstep, call.caller.member_id, userId, said)
        return Done()

    return _named(put, f"put_{said}", f"{said.capitalize()} a member.")


def _taking_back(said: Said) -> Callable[..., Done]:
    def delete(call: Call, userId: str) -> Done:  # noqa: N803 - the name in the path
        take_back(call.lockstep, call.caller.member_id, userId, said)
        return Done()

    return _named(delete, f"delete_{said}", f"Take a {said} back; what was not said needs no taking back.")


def _named(view: Callable[..., Done], name: str, does: str) -> Callable[..., Done]:
    view.__name__, view.__doc__ = name, does
    return view


put_favorite, put_block = map(_saying, (Said.FAVORITE, Said.BLOCK))
delete_favorite, delete_snooze, delete_block = map(_taking_back, (Said.FAVORITE, Said.SNOOZE, Said.BLOCK))
