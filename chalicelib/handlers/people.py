"""`/v1/people`: favorites, snoozes and blocks."""

from collections.abc import Callable

from chalice.app import Blueprint, Response

from chalicelib.domain.member import Said
from chalicelib.handlers import inputs, presenting
from chalicelib.handlers.http import Api, Call, done, ok
from chalicelib.handlers.inputs import Body
from chalicelib.services.people import list_people, say, take_back


class SnoozeBody(Body):
    """PUT of a snooze: until when."""

    until: str


def routes(api: Api) -> Blueprint:
    """The routes about other people."""
    blueprint = Blueprint(__name__)

    @api.route(blueprint, "/v1/people", "GET")
    def get_people(call: Call) -> Response:
        now = call.lockstep.clock()
        limit = inputs.query_limit(call.query)
        after = call.position("people")
        # One more than asked for tells whether there is a next page.
        found = list_people(call.caller.member_id, now, after=after, limit=None if limit is None else limit + 1)
        body = presenting.people(found[:limit], now)
        if limit is not None and len(found) > limit:
            return ok({**body, "nextCursor": call.cursor("people", found[limit - 1].member_id)})
        return ok(body)

    @api.route(blueprint, "/v1/people/{userId}/snooze", "PUT")
    def put_snooze(call: Call, userId: str) -> Response:  # noqa: N803 - the name in the path
        until = inputs.instant(call.body(SnoozeBody).until, "until")
        say(call.lockstep, call.caller.member_id, userId, Said.SNOOZE, until=until)
        return done()

    for said in (Said.FAVORITE, Said.BLOCK):
        api.route(blueprint, f"/v1/people/{{userId}}/{said}", "PUT")(_saying(said))
    for said in Said:
        api.route(blueprint, f"/v1/people/{{userId}}/{said}", "DELETE")(_taking_back(said))

    return blueprint


def _saying(said: Said) -> Callable[..., Response]:
    def put(call: Call, userId: str) -> Response:  # noqa: N803 - the name in the path
        say(call.lockstep, call.caller.member_id, userId, said)
        return done()

    return put


def _taking_back(said: Said) -> Callable[..., Response]:
    def delete(call: Call, userId: str) -> Response:  # noqa: N803 - the name in the path
        take_back(call.lockstep, call.caller.member_id, userId, said)
        return done()

    return delete
