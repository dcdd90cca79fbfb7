"""The views of `/v1/people`, the caller's favorites, snoozes and blocks."""

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidRequest, NotFound, RateLimited
from chalicelib.domain.model.limits import VersionedLimit
from chalicelib.domain.model.member import RelationKind
from chalicelib.domain.model.slot import check_ahead
from chalicelib.handlers.http import schema_types
from chalicelib.handlers.http.call import Call, EarlyCall, MemberCall
from chalicelib.handlers.http.inputs.field_parsers import instant
from chalicelib.handlers.http.inputs.input_fields import across
from chalicelib.handlers.http.inputs.requests import Body, PageQuery
from chalicelib.handlers.http.operations import Done, Ok, begins, refuses
from chalicelib.handlers.http.responses import schemas, serializers
from chalicelib.services.begun_reads import Begun
from chalicelib.services.members.relationships import (
    PersonView,
    list_people,
    relations_limit,
    remove_relation,
    set_relation,
)
from chalicelib.services.members.watches import remove_watch, set_watch


class SnoozeBody(Body):
    """The instant at which a snooze ends."""

    until: schema_types.AnyInstant

    @across()
    def check_user(self, call: MemberCall) -> None:
        """Raise InvalidRequest for the caller's own id in the path."""
        if (call.request.uri_params or {}).get("userId") == call.member_id:
            raise InvalidRequest(input_texts.ONESELF, field="userId")

    @across("until")
    def check_end(self, call: MemberCall) -> None:
        """Raise InvalidRequest for an end that is not in the future."""
        check_ahead(instant(self.until, "until").replace(microsecond=0), call.context.clock(), "until")


def _read_people(call: EarlyCall, query: PageQuery) -> list[PersonView]:
    after = call.position(query.scope(call), query)
    # One entry more than requested shows that there is a next page.
    most = query.size and query.size + 1
    return list_people(call.context, call.member_id, call.context.clock(), after=after, limit=most)


@begins(_read_people)
def get_people(call: Call, query: PageQuery, begun: Begun[list[PersonView]]) -> Ok[schemas.People]:
    """List the caller's favorites, snoozes and blocks."""
    views = begun()
    lists = serializers.people(views[: query.size], call.context.clock())
    if query.size is not None and len(views) > query.size:
        lists.next_cursor = call.cursor(query.scope(call), views[query.size - 1].member_id)
    return Ok(lists)


def _read_limit(call: EarlyCall, **_inputs: object) -> VersionedLimit:
    return relations_limit(call.context, call.member_id)


@begins(_read_limit)
@refuses(NotFound, InvalidRequest)
def put_snooze(
    call: Call,
    userId: str,  # noqa: N803 - the name in the path
    body: SnoozeBody,
    begun: Begun[VersionedLimit],
) -> Done:
    """Snooze a member until an instant."""
    until = instant(body.until, "until")
    set_relation(call.context, call.caller.member_id, userId, RelationKind.SNOOZE, until=until, begun=begun)
    return Done()


@begins(_read_limit)
@refuses(NotFound, InvalidRequest)
def put_favorite(call: Call, userId: str, begun: Begun[VersionedLimit]) -> Done:  # noqa: N803
    """Add a member to the caller's favorites."""
    set_relation(call.context, call.caller.member_id, userId, RelationKind.FAVORITE, begun=begun)
    return Done()


@begins(_read_limit)
@refuses(NotFound, InvalidRequest, RateLimited)
def put_block(call: Call, userId: str, begun: Begun[VersionedLimit]) -> Done:  # noqa: N803
    """Block a member. Future pairs of the two are parted."""
    set_relation(call.context, call.caller.member_id, userId, RelationKind.BLOCK, begun=begun)
    return Done()


@begins(_read_limit)
@refuses(InvalidRequest)
def put_watch(call: Call, userId: str, begun: Begun[VersionedLimit]) -> Done:  # noqa: N803
    """Watch a favorite. An event follows when a session of the favorite becomes lockable, at most once an hour."""
    set_watch(call.context, call.caller.member_id, userId, begun=begun)
    return Done()


@begins(_read_limit)
def delete_favorite(call: Call, userId: str, begun: Begun[VersionedLimit]) -> Done:  # noqa: N803
    """Remove a member from the caller's favorites. Removing a missing favorite has no effect."""
    remove_relation(call.context, call.caller.member_id, userId, RelationKind.FAVORITE, begun=begun)
    return Done()


def delete_watch(call: Call, userId: str) -> Done:  # noqa: N803
    """End the watch of a favorite. Ending a missing watch has no effect."""
    remove_watch(call.context, call.caller.member_id, userId)
    return Done()


@begins(_read_limit)
def delete_snooze(call: Call, userId: str, begun: Begun[VersionedLimit]) -> Done:  # noqa: N803
    """End a snooze. Ending a missing snooze has no effect."""
    remove_relation(call.context, call.caller.member_id, userId, RelationKind.SNOOZE, begun=begun)
    return Done()


@begins(_read_limit)
@refuses(RateLimited)
def delete_block(call: Call, userId: str, begun: Begun[VersionedLimit]) -> Done:  # noqa: N803
    """Unblock a member. Removing a missing block has no effect."""
    remove_relation(call.context, call.caller.member_id, userId, RelationKind.BLOCK, begun=begun)
    return Done()
