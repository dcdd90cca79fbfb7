"""The way in for HTTP: who calls, one view, and every refusal as a problem.

Chalice turns an exception in a view into an answer before middleware sees it, so refusals are caught around each view;
what Chalice itself refuses (a method, say) is seen by the middleware only, and becomes a problem there.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib.domain.errors import Busy, MethodNotAllowed, Refusal
from chalicelib.domain.member import Profile
from chalicelib.handlers import cursors, inputs, pages, problems
from chalicelib.handlers.tokens import TokenVerifier
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.profiles import admit
from chalicelib.storage.outcomes import NotCommitted

log = logging.getLogger(__name__)

T = TypeVar("T")

JSON = "application/json"
ALLOWED_HEADERS = "Authorization,Content-Type,Idempotency-Key,X-API-KEY"
PREFLIGHT_KEPT_SECONDS = "600"

View = Callable[..., Response]

# On every answer: what an address gives away it gives to nobody else, and no search engine finds it.
DISCREET = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request of one member."""

    lockstep: Lockstep
    request: Request
    caller: Profile

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; of one given twice, the last."""
        return dict(self.request.query_params or {})

    def body(self, shape: type[T]) -> T:
        """The body as `shape`, strictly."""
        raw = self.request.raw_body
        raw = raw.encode() if isinstance(raw, str) else raw
        inputs.check_body(raw, self.request.headers.get("content-type"))
        return inputs.decode(raw, shape)

    def position(self, scope: str) -> str | None:
        """Where the page that is asked for begins in the caller's list `scope`; None for its beginning."""
        key = self.lockstep.settings.cursor_key
        return cursors.position_in(key, f"{self.caller.member_id} {scope}", self.query.get("cursor"))

    def cursor(self, scope: str, position: str) -> str:
        """The cursor that leads to a position in the caller's list `scope`."""
        return cursors.sign(self.lockstep.settings.cursor_key, f"{self.caller.member_id} {scope}", position)

    def idempotency_key(self) -> str | None:
        """The idempotency key of the request, if it has one."""
        return inputs.idempotency_key(self.request.headers.get(inputs.IDEMPOTENCY_KEY))

    def instance(self) -> str:
        """What tells this request from every other."""
        return instance_of(self.lockstep, self.request)


@dataclass(frozen=True, slots=True)
class Api:
    """What the blueprints are built with: the deployment, and how its callers are told."""

    lockstep: Lockstep
    tokens: TokenVerifier

    def route(self, blueprint: Blueprint, path: str, method: str) -> Callable[[Callable[..., Response]], View]:
        """Register a view for signed-in members; it takes the call and the path's parameters."""

        def register(view: Callable[..., Response]) -> View:
            @wraps(view)
            def signed_in(**parameters: str) -> Response:
                request = blueprint.current_request
                return self._answered(request, lambda: view(self._call(request), **parameters))

            # Without content types Chalice leaves the check of the body's type to `Call.body`, which answers problems.
            blueprint.route(path, methods=[method], content_types=[])(signed_in)
            return signed_in

        return register

    def public(self, blueprint: Blueprint, path: str) -> Callable[[Callable[..., Response]], View]:
        """Register a view for anybody, who may GET it or ask for its HEAD; it takes the request and the parameters.

        Whoever asks for a page is refused with one.
        """

        def register(view: Callable[..., Response]) -> View:
            @wraps(view)
            def open_to_all(**parameters: str) -> Response:
                request = blueprint.current_request
                refuse = pages.problem if pages.wanted(request.headers.get("accept")) else problems.answer
                response = self._answered(request, lambda: view(request, **parameters), refuse)
                response.headers["Vary"] = "Accept"
                return response

            blueprint.route(path, methods=["GET", "HEAD"], content_types=[])(open_to_all)
            return open_to_all

        return register

    def _call(self, request: Request) -> Call:
        claims = self.tokens.verify(request.headers.get("authorization"))
        return Call(self.lockstep, request, admit(self.lockstep, claims))

    def _answered(
        self, request: Request, view: Callable[[], Response], refuse: Callable[[Any], Response] = problems.answer
    ) -> Response:
        instance = instance_of(self.lockstep, request)
        try:
            return view()
        except Refusal as refusal:
            return refuse(problems.refused(refusal, instance=instance))
        except NotCommitted as outcome:
            # A read found the table overloaded, or got no answer.
            log.warning("The table did not answer: %r", outcome)
            return refuse(problems.refused(Busy(), instance=instance))
        except Exception:
            log.exception("A view failed: %s", instance)
            detail = "Something went wrong on our side."
            return refuse(problems.problem("internal_error", detail, instance=instance))


def instance_of(lockstep: Lockstep, request: Request) -> str:
    """The id of a request as problems tell it: the gateway's own, or a new one where there is no gateway."""
    return f"/requests/{request.context.get('requestId') or lockstep.token(26)}"


def ok(body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """An answer with a body."""
    return Response(body, headers=personal(), status_code=status)


def done() -> Response:
    """An answer without a body."""
    return Response("", headers={"Cache-Control": "no-store"}, status_code=HTTPStatus.NO_CONTENT)


def personal() -> dict[str, str | list[str]]:
    """The headers of an answer about a member."""
    return {"Content-Type": JSON, "Cache-Control": "no-store"}


def install(app: Chalice, lockstep: Lockstep) -> None:
    """Add what holds for every route: preflights, cross-origin headers, and problems for what Chalice refuses."""
    for path in list(app.routes):
        methods = sorted(app.routes[path])
        app.route(path, methods=["OPTIONS"], content_types=[], name=f"preflight {path}")(_preflight(methods))

    @app.middleware("http")
    def for_every_route(request: Request, get_response: Callable[[Request], Response]) -> Response:
        response = get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response.headers.get("Allow", "")
            response = problems.answer(problems.refused(MethodNotAllowed(), instance=instance_of(lockstep, request)))
            response.headers["Allow"] = allowed
        response.headers.update(DISCREET)
        origin = request.headers.get("origin")
        if lockstep.settings.origins:
            response.headers["Vary"] = "Accept, Origin" if "Vary" in response.headers else "Origin"
        if origin in lockstep.settings.origins:
            response.headers["Access-Control-Allow-Origin"] = origin
        return response


def _preflight(methods: Sequence[str]) -> Callable[..., Response]:
    def preflight(**_parameters: str) -> Response:
        headers: dict[str, str | list[str]] = {
            "Access-Control-Allow-Methods": ",".join([*methods, "OPTIONS"]),
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": PREFLIGHT_KEPT_SECONDS,
            "Cache-Control": "no-store",
        }
        return Response("", headers=headers, status_code=HTTPStatus.NO_CONTENT)

    return preflight
