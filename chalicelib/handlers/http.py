"""The way in for HTTP: who calls, one view, and every refusal as a problem.

Chalice turns an exception in a view into an answer before middleware sees it, so refusals are caught around each view;
what Chalice itself refuses (a method, say) is seen by the middleware only, and becomes a problem there.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any

import msgspec
from chalice.app import Request, Response
from msgspec import UNSET, Struct, UnsetType, field

from chalicelib.domain.errors import Busy, MethodNotAllowed, Refusal
from chalicelib.domain.member import Profile
from chalicelib.handlers import cursors, pages, problems
from chalicelib.handlers.access import ACCESS, Access
from chalicelib.handlers.headers import DISCREET, INERT
from chalicelib.handlers.inputs import PageQuery
from chalicelib.handlers.operations import HTML, JSON, Done, Operation
from chalicelib.handlers.routes import RESOURCES, methods_of
from chalicelib.handlers.telemetry import told
from chalicelib.observation import observed
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.paging import Page
from chalicelib.storage.outcomes import NotCommitted

if TYPE_CHECKING:
    from chalicelib.handlers.tokens import TokenVerifier

OPEN_METHODS = ("GET", "HEAD")
ALLOWED_HEADERS = "Authorization,Content-Type,Idempotency-Key,X-API-KEY"
EXPOSED_HEADERS = "Retry-After"
PREFLIGHT_KEPT_SECONDS = "600"

View = Callable[..., Any]
# A view with all that is done around it: it takes the request and the path's parameters, and answers whatever happens.
Whole = Callable[[Request, dict[str, str]], Response]


class Call(Struct, frozen=True):
    """One request of one member."""

    lockstep: Lockstep
    request: Request
    caller: Profile

    def position(self, scope: str, page: PageQuery) -> str | None:
        """Where the page that is asked for begins in the caller's list `scope`; None for its beginning."""
        key = self.lockstep.settings.cursor_key
        cursor = None if isinstance(page.cursor, UnsetType) else page.cursor
        return cursors.position_in(key, f"{self.caller.member_id} {scope}", cursor)

    def cursor(self, scope: str, position: str) -> str:
        """The cursor that leads to a position in the caller's list `scope`."""
        return cursors.sign(self.lockstep.settings.cursor_key, f"{self.caller.member_id} {scope}", position)

    def next_cursor(self, scope: str, page: Page[Any]) -> str | UnsetType:
        """The cursor that leads behind a page of the caller's list `scope`; unset on the last."""
        return self.cursor(scope, page.more_after) if page.more_after else UNSET

    def instance(self) -> str:
        """What tells this request from every other."""
        return instance_of(self.request)


class Api(Struct, frozen=True, dict=True):
    """What the resources are built with: the deployment, how its callers are told, and what they registered."""

    lockstep: Lockstep
    _tokens: "TokenVerifier | None"
    _operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    _views: dict[tuple[str, str], Whole] = field(default_factory=dict)

    @cached_property
    def tokens(self) -> "TokenVerifier":
        """What tells callers by their tokens: that of the configured issuer, unless there was another."""
        from chalicelib.handlers.tokens import verifier

        return self._tokens or verifier(self.lockstep.settings)

    @property
    def operations(self) -> list[Operation]:
        """Every operation of every resource."""
        for resource in dict.fromkeys(RESOURCES.values()):
            self._register(resource)
        return list(self._operations.values())

    def respond(self, request: Request, parameters: dict[str, str]) -> Response:
        """Answer a request of a route, whose resource is imported with its first."""
        if request.method == "OPTIONS":
            return _preflight(request.path)
        if (request.method, request.path) not in self._views:
            self._register(RESOURCES[request.path])
        return self._views[request.method, request.path](request, parameters)

    def around(self, request: Request, get_response: Callable[[Request], Response]) -> Response:
        """What is done around every route, and around what Chalice refuses: a line of the log, and headers."""
        # The gateway's own id of the request, or a new one where there is no gateway.
        request_id = request.context.setdefault("requestId", self.lockstep.token(26))
        # Of the path the template only: what stands in its place may be the token of an invite link.
        with told(self.lockstep, "request", request=request_id, route=f"{request.method} {request.path}") as line:
            response = _hardened(self.lockstep.settings.origins, request, get_response(request))
            line.fields["status"] = response.status_code
        return response

    def _register(self, resource: str) -> None:
        # Threads may do it at the same time: the second time changes nothing.
        import_module(f"{__package__}.{resource}").routes(self)

    def route(self, path: str, method: str, *, refuses: Sequence[type[Refusal]] = ()) -> Callable[[View], View]:
        """Register a view for members; it takes the call, the path's parameters and what it names.

        Who may call is told by the table of access. `refuses` are the refusals that are the view's own, besides those
        that follow from who calls and what is sent.
        """
        # With the first route for members: whoever asks for what is public needs nothing of it.
        from chalicelib.handlers.callers import caller_of

        access = ACCESS[method, path]

        def register(view: View) -> View:
            operation = Operation(method, path, view, refuses, access)

            def signed_in(request: Request, parameters: dict[str, str]) -> Response:
                def answer() -> Response:
                    call = Call(self.lockstep, request, caller_of(self.lockstep, self.tokens, request, access))
                    return _response(view(call, **parameters, **operation.inputs(request)))

                return self._answered(request, answer)

            self._operations[method, path] = operation
            self._views[method, path] = signed_in
            return view

        return register

    def public(self, path: str, *, refuses: Sequence[type[Refusal]] = ()) -> Callable[[View], View]:
        """Register a view for anybody, who may GET it or ask for its HEAD; it takes the request and the parameters.

        Whoever asks for a page is refused with one.
        """
        access = {ACCESS[method, path] for method in OPEN_METHODS}
        assert access == {Access.ANYBODY}, f"{path} is not for anybody"  # noqa: S101 - told where it is registered

        def register(view: View) -> View:
            operation = Operation("GET", path, view, refuses, Access.ANYBODY)

            def open_to_all(request: Request, parameters: dict[str, str]) -> Response:
                refuse = pages.problem if pages.wanted(request.headers.get("accept")) else problems.answer
                response = self._answered(request, lambda: _response(view(request, **parameters)), refuse)
                if any(kind.media_type == HTML for kind in operation.answers):
                    response.headers["Vary"] = "Accept"
                return response

            self._operations["GET", path] = operation
            self._views.update({(method, path): open_to_all for method in OPEN_METHODS})
            return view

        return register

    def _answered(
        self, request: Request, view: Callable[[], Response], refuse: Callable[[Any], Response] = problems.answer
    ) -> Response:
        instance = instance_of(request)
        try:
            return view()
        except Refusal as refusal:
            observed().code = refusal.code
            response = refuse(problems.refused(refusal, instance=instance))
            response.headers.update(problems.wait_of(refusal))
            return response
        except NotCommitted:
            # A read found the table overloaded, or got no answer.
            observed().code = Busy.code
            return refuse(problems.refused(Busy(), instance=instance))
        except Exception as error:  # noqa: BLE001 - it is told, and the caller is answered
            observed().error = error
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
        observed().code = MethodNotAllowed.code
        allowed = response.headers.get("Allow", "")
        response = problems.answer(problems.refused(MethodNotAllowed(), instance=instance_of(request)))
        response.headers["Allow"] = allowed
    response.headers.update(DISCREET)
    response.headers.setdefault("Content-Security-Policy", INERT)
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
