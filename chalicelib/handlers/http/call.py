"""A request as a view receives it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalice.app import Request
from msgspec import UNSET, Struct, UnsetType

from chalicelib.domain.model.api_key import ApiKey
from chalicelib.domain.model.member import Profile
from chalicelib.handlers.http.inputs import cursors
from chalicelib.handlers.http.inputs.requests import PageQuery
from chalicelib.services.context import Context
from chalicelib.services.pages import Page


class PublicCall(Struct, frozen=True):
    """A request of a public route."""

    context: Context
    request: Request


class GuestCall(PublicCall, frozen=True):
    """A request of a route with optional credentials. `guest` is None without them."""

    guest: Profile | None


class MemberCall(PublicCall, frozen=True):
    """A request with the credentials of a member, who may not be admitted yet."""

    @property
    def member_id(self) -> str:
        """The id of the caller."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The called path below the stage."""
        return self.request.path.format(**(self.request.uri_params or {}))

    def position(self, scope: str, page: PageQuery) -> str | None:
        """Return the position after which the requested page of the caller's list begins, None for the first page.

        `scope` names the list. Raises InvalidCursor.
        """
        key = self.context.settings.cursor_key
        cursor = None if isinstance(page.cursor, UnsetType) else page.cursor
        return cursors.position_in(key, f"{self.member_id} {scope}", cursor)

    def cursor(self, scope: str, position: str) -> str:
        """Return the cursor of the page after a position in the caller's list `scope`."""
        return cursors.sign(self.context.settings.cursor_key, f"{self.member_id} {scope}", position)

    def next_cursor(self, scope: str, page: Page[Any]) -> str | UnsetType:
        """Return the cursor of the page after `page` in the caller's list `scope`, unset on the last page."""
        return self.cursor(scope, page.more_after) if page.more_after else UNSET

    def instance(self) -> str:
        """Return the `instance` of this request's problems."""
        return instance_of(self.request)


class EarlyCall(MemberCall, frozen=True):
    """A request whose caller's account is not read yet."""

    member_id: str


class Call(MemberCall, frozen=True):
    """A request of an authenticated member.

    `token_clock` is the clock that issue times of tokens are compared with. `key` is the API key of the request, None
    for one with a bearer token. `verified_address` is the e-mail address that the token proves, None without one.
    `is_staff` says that the token is that of a member of staff (R47).
    """

    caller: Profile
    token_clock: Callable[[], datetime]
    key: ApiKey | None = None
    verified_address: str | None = None
    is_staff: bool = False

    @property
    def member_id(self) -> str:
        """The id of the caller."""
        return self.caller.member_id


def instance_of(request: Request) -> str:
    """Return the `instance` of a request's problems. It contains the request id of the log line."""
    return f"/requests/{request.context['requestId']}"


def stage_path(request: Request) -> str:
    """Return the gateway's stage as it precedes the route in the called path, empty without a stage."""
    context = request.context
    # The last segments of the called path are those of the route's template.
    stage: str = context.get("path", "").rstrip("/").rsplit("/", context["resourcePath"].count("/"))[0]
    return stage


def called_at(request: Request) -> str:
    """Return the base address at which the API was called.

    It is empty without a gateway. Then the service does not know its address, and returns paths.
    """
    domain = request.context.get("domainName")
    return f"https://{domain}{stage_path(request)}" if domain else ""
