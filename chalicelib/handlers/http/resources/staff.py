"""The views of `/v1/staff`, by which staff keep order (R47). For every other caller these paths do not exist."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain.model.errors import InvalidRequest, NotFound
from chalicelib.handlers.http.call import Call, MemberCall
from chalicelib.handlers.http.inputs import display_text
from chalicelib.handlers.http.inputs.requests import Body, PageQuery
from chalicelib.handlers.http.operations import Done, Ok, refuses
from chalicelib.handlers.http.responses import staff_schemas, staff_serializers
from chalicelib.services.staff.member_search import search_members
from chalicelib.services.staff.report_list import list_reports
from chalicelib.services.staff.staff_log import read_log
from chalicelib.services.staff.suspend import lift_suspension, suspend_member

REPORTS, LOG = "/v1/staff/reports", "/v1/staff/log"


class SuspensionBody(Body):
    """A suspension of a member."""

    reason: display_text.SuspensionReason


class MemberQuery(PageQuery, kw_only=True):
    """The searched members, by an id or by a part of a name."""

    query: Annotated[str, Meta(min_length=1, max_length=80, description="A user id, or a part of a name.")]

    def scope(self, call: MemberCall) -> str:
        """Return the name of the list for its cursors."""
        return f"{super().scope(call)} {self.query}"


def get_reports(call: Call, query: PageQuery) -> Ok[staff_schemas.ReportList]:
    """List the reports of members, newest first. A page has at most 50 entries.

    A page may be empty and have a next one.
    """
    page = list_reports(call.context, call.caller.member_id, after=call.position(REPORTS, query), limit=query.size)
    shown = list(map(staff_serializers.report, page.items))
    return Ok(staff_schemas.ReportList(shown, call.next_cursor(REPORTS, page)))


def get_members(call: Call, query: MemberQuery) -> Ok[staff_schemas.MemberList]:
    """Search members by an exact user id or by a part of a name.

    One request searches a part of a large table, so a page may be empty and have a next one.
    """
    scope = query.scope(call)
    after = call.position(scope, query)
    page = search_members(call.context, call.caller.member_id, query.query, after=after, limit=query.size)
    shown = list(map(staff_serializers.found_member, page.items))
    return Ok(staff_schemas.MemberList(shown, call.next_cursor(scope, page)))


@refuses(NotFound, InvalidRequest)
def put_suspension(call: Call, userId: str, body: SuspensionBody) -> Done:  # noqa: N803 - the name in the path
    """Suspend a member. The sessions ahead are cancelled as if by the member, and the repeats pause.

    A repeated request replaces the reason.
    """
    reason = display_text.suspension_reason(body.reason, "reason")
    suspend_member(call.context, call.caller.member_id, userId, reason)
    return Done()


@refuses(NotFound)
def delete_suspension(call: Call, userId: str) -> Done:  # noqa: N803
    """End the suspension of a member. Cancelled sessions do not come back. A repeated request has no further effect."""
    lift_suspension(call.context, call.caller.member_id, userId)
    return Done()


def get_log(call: Call, query: PageQuery) -> Ok[staff_schemas.StaffLog]:
    """List the acts of staff, newest first. A page has at most 50 entries.

    A page may be empty and have a next one.
    """
    page = read_log(call.context, call.caller.member_id, after=call.position(LOG, query), limit=query.size)
    return Ok(staff_schemas.StaffLog(list(map(staff_serializers.act, page.items)), call.next_cursor(LOG, page)))
