"""`/v1/people`: favorites, snoozes and blocks."""

from chalicelib.domain.model.errors import InvalidRequest, NotFound
from chalicelib.domain.model.member import RelationKind
from chalicelib.handlers.http import requests, schema_types, schemas, serializers
from chalicelib.handlers.http.api import Call
from chalicelib.handlers.http.operations import Done, Ok, refuses
from chalicelib.handlers.http.requests import Body, PageQuery
from chalicelib.services.members.relationships import list_people, remove_relation, set_relation


class SnoozeBody(Body):
    """Until when somebody is snoozed."""

    until: schema_types.AnyInstant


def get_people(call: Call, query: PageQuery) -> Ok[schemas.People]:
    """List favorites, snoozes and blocks."""
    now = call.context.clock()
    after = call.position("people", query)
    # One more than asked for tells whether there is a next page.
    found = list_people(call.context, call.caller.member_id, now, after=after, limit=query.size and query.size + 1)
    lists = serializers.people(found[: query.size], now)
    if query.size is not None and len(found) > query.size:
        lists.next_cursor = call.cursor("people", found[query.size - 1].member_id)
    return Ok(lists)


@refuses(NotFound)
def put_snooze(call: Call, userId: str, body: SnoozeBody) -> Done:  # noqa: N803 - the name in the path
    """Snooze a member until an instant."""
    set_relation(
        call.context, call.caller.member_id, userId, RelationKind.SNOOZE, until=requests.instant(body.until, "until")
    )
    return Done()


@refuses(NotFound, InvalidRequest)
def put_favorite(call: Call, userId: str) -> Done:  # noqa: N803
    """Favorite a member."""
    set_relation(call.context, call.caller.member_id, userId, RelationKind.FAVORITE)
    return Done()


@refuses(NotFound, InvalidRequest)
def put_block(call: Call, userId: str) -> Done:  # noqa: N803
    """Block a member."""
    set_relation(call.context, call.caller.member_id, userId, RelationKind.BLOCK)
    return Done()


def delete_favorite(call: Call, userId: str) -> Done:  # noqa: N803
    """Take a favorite back; what was not said needs no taking back."""
    remove_relation(call.context, call.caller.member_id, userId, RelationKind.FAVORITE)
    return Done()


def delete_snooze(call: Call, userId: str) -> Done:  # noqa: N803
    """Take a snooze back; what was not said needs no taking back."""
    remove_relation(call.context, call.caller.member_id, userId, RelationKind.SNOOZE)
    return Done()


def delete_block(call: Call, userId: str) -> Done:  # noqa: N803
    """Take a block back; what was not said needs no taking back."""
    remove_relation(call.context, call.caller.member_id, userId, RelationKind.BLOCK)
    return Done()
