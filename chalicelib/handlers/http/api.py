"""The way in for HTTP: who calls, one view, and every refusal as a problem.

Chalice turns an exception in a view into an answer before middleware sees it, so refusals are caught around each view;
what Chalice itself refuses (a method, say) is seen by the middleware only, and becomes a problem there.
"""

from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from chalice.app import Request, Response
from msgspec import UNSET, Struct, UnsetType

from chalicelib.domain.model.errors import MethodNotAllowed, Refusal
from chalicelib.domain.model.member import Profile
from chalicelib.handlers import pages
from chalicelib.handlers.event_log import log_event
from chalicelib.handlers.http import cursors, problems
from chalicelib.handlers.http.access import Access
from chalicelib.handlers.http.headers import API_CSP, SECURITY_HEADERS
from chalicelib.handlers.http.operations import HTML, JSON, Done, Operation, operation_of
from chalicelib.handlers.http.requests import PageQuery
from chalicelib.handlers.http.routes import methods_of
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.overload import refused_as_busy
from chalicelib.services.pages import Page

if TYPE_CHECKING:
    from chalicelib.handlers.http.tokens import TokenVerifier

ALLOWED_HEADERS = "Authorization,Content-Type,Idempotency-Key,X-API-KEY"
EXPOSED_HEADERS = "Retry-After"
PREFLIGHT_KEPT_SECONDS = "600"


class PublicCall(Struct, frozen=True):
    """One request of a route that is open to all."""

    api: "Api"
    request: Request

    @property
    def context(self) -> Context:
        """The deployment that answers."""
        return self.api.context


class Call(PublicCall, frozen=True):
    """One request of one member."""

    caller: Profile

    def position(self, scope: str, page: PageQuery) -> str | None:
        """Where the page that is asked for begins in the caller's list `scope`; None for its beginning."""
        key = self.context.settings.cursor_key
        cursor = None if isinstance(page.cursor, UnsetType) else page.cursor
        return cursors.position_in(key, f"{self.caller.member_id} {scope}", cursor)

    def cursor(self, scope: str, position: str) -> str:
        """The cursor that leads to a position in the caller's list `scope`."""
        return cursors.sign(self.context.settings.cursor_key, f"{self.caller.member_id} {scope}", position)

    def next_cursor(self, scope: str, page: Page[Any]) -> str | UnsetType:
        """The cursor that leads behind a page of the caller's list `scope`; unset on the last."""
        return self.cursor(scope, page.more_after) if page.more_after else UNSET

    def instance(self) -> str:
        """What tells this request from every other."""
        return instance_of(self.request)


class Api(Struct, frozen=True, dict=True):
    """The HTTP API of a deployment; `_tokens` stands in for the tokens of the configured issuer."""

    context: Context
    _tokens: "TokenVerifier | None"

    @cached_property
    def tokens(self) -> "TokenVerifier":
        """The verifier of callers' tokens: that of the configured issuer, unless another was passed in."""
        # With the first request of a member: a public route needs nothing of it.
        from chalicelib.handlers.http.tokens import verifier

        return self._tokens or verifier(self.context.settings)

    def respond(self, request: Request, parameters: dict[str, str]) -> Response:
        """Answer a request of a route, whose resource is imported with its first."""
        if request.method == "OPTIONS":
            return _preflight(request.path)
        operation = operation_of(request.method, request.path)
        answer = self._respond_to_all if operation.access is Access.ANYBODY else self._respond_to_member
        return answer(operation, request, parameters)

    def around(self, request: Request, get_response: Callable[[Request], Response]) -> Response:
        """What is done around every route, and around what Chalice refuses: a line of the log, and headers."""
        # The gateway's own id of the request, or a new one where there is no gateway.
        request_id = request.context.setdefault("requestId", self.context.token(26))
        # Of the path the template only: what stands in its place may be the token of an invite link.
        with log_event(self.context, "request", request=request_id, route=f"{request.method} {request.path}") as line:
            response = _hardened(self.context.settings.origins, request, get_response(request))
            line.fields["status"] = response.status_code
        return response

    def _respond_to_member(self, operation: Operation, request: Request, parameters: dict[str, str]) -> Response:
        # With the first request of a member: a public route needs nothing of it.
        from chalicelib.handlers.http.authentication import caller_of

        def answer() -> Response:
            caller = caller_of(self.context, self.tokens, request, operation.access)
            return _response(operation.view(Call(self, request, caller), **parameters, **operation.inputs(request)))

        return self._answered(request, answer)

    def _respond_to_all(self, operation: Operation, request: Request, parameters: dict[str, str]) -> Response:
        # A caller who wants a page gets refusals as pages too.
        refuse = pages.problem if pages.wanted(request.headers.get("accept")) else problems.answer
        call = PublicCall(self, request)
        response = self._answered(request, lambda: _response(operation.view(call, **parameters)), refuse)
        if any(kind.media_type == HTML for kind in operation.answers):
            response.headers["Vary"] = "Accept"
        return response

    def _answered(
        self, request: Request, view: Callable[[], Response], refuse: Callable[[Any], Response] = problems.answer
    ) -> Response:
        instance = instance_of(request)
        try:
            with refused_as_busy():
                return view()
        except Refusal as refusal:
            current_metrics().code = refusal.code
            response = refuse(problems.refused(refusal, instance=instance))
            response.headers.update(problems.wait_of(refusal))
            return response
        except Exception as error:  # noqa: BLE001 - it is told, and the caller is answered
            current_metrics().error = error
            return refuse(problems.problem(problems.INTERNAL_ERROR, problems.OUR_FAULT, instance=instance))


def instance_of(request: Request) -> str:
    """The id of a request as problems tell it; the line of the log has it too."""
    return f"/requests/{request.context['requestId']}"


def stage_path(request: Request) -> str:
    """What comes before the route in the path of a request: the stage of the gateway, or nothing."""
    context = request.context
    # The route's own path has as many parts at the end of the one that was called.
    before: str = context.get("path", "").rstrip("/").rsplit("/", context["resourcePath"].count("/"))[0]
    return before


def _response(answer: Any) -> Response:
    """What a view answers as an HTTP answer; a page is one already."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Done):
        return Response("", headers={"Cache-Control": "no-store"}, status_code=answer.status)
    headers: dict[str, str | list[str]] = {"Content-Type": JSON, "Cache-Control": "no-store"}
    return Response(msgspec.json.encode(answer.body).decode(), headers=headers, status_code=answer.status)


def _hardened(origins: tuple[str, ...], request: Request, response: Response) -> Response:
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        current_metrics().code = MethodNotAllowed.code
        allowed = response.headers.get("Allow", "")
        response = problems.answer(problems.refused(MethodNotAllowed(), instance=instance_of(request)))
        response.headers["Allow"] = allowed
    response.headers.update(SECURITY_HEADERS)
    response.headers.setdefault("Content-Security-Policy", API_CSP)
    response.headers.setdefault("Cache-Control", "no-store")
    origin = request.headers.get("origin")
    if origins:
        response.headers["Vary"] = "Accept, Origin" if "Vary" in response.headers else "Origin"
    if origin in origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    return response


def _preflight(path: str) -> Response:
    headers: dict[str, str | list[str]] = {
        "Access-Control-Allow-Methods": ",".join(methods_of(path)),
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": PREFLIGHT_KEPT_SECONDS,
        "Cache-Control": "no-store",
    }
    return Response("", headers=headers, status_code=HTTPStatus.NO_CONTENT)
