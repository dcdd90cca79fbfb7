"""The HTTP API of a deployment.

It authenticates the caller, calls the view of the route, and answers each refusal with a problem. Chalice turns an
exception of a view into a response before middleware sees it, so refusals are caught around each view. Chalice's own
refusals, such as that of a method, reach only the middleware and become problems there.
"""

from collections.abc import Callable
from functools import cached_property, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from chalice.app import Request, Response
from msgspec import Struct

from chalicelib.domain.model.errors import MethodNotAllowed, NotFound, Refusal
from chalicelib.handlers.event_log import log_event
from chalicelib.handlers.http.call import Call, EarlyCall, GuestCall, PublicCall, instance_of, stage_path
from chalicelib.handlers.http.content_codings import accepted_by
from chalicelib.handlers.http.early_reads import EarlyReads
from chalicelib.handlers.http.identity.access import UNKNOWN_PATH_DETAIL, Access
from chalicelib.handlers.http.operations import HTML, JSON, ApiOperation, Created, Done, Ok, operation_of
from chalicelib.handlers.http.responses import problems, rate_limits
from chalicelib.handlers.http.responses.cross_origin import depends_on_origin, preflight_headers, readable_by
from chalicelib.handlers.http.responses.entity_tag import conditional
from chalicelib.handlers.http.responses.headers import API_CSP, SECURITY_HEADERS
from chalicelib.handlers.http.routes import UNKNOWN_PATH
from chalicelib.handlers.pages import html_page
from chalicelib.handlers.pages.page_frame import frame_of
from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context
from chalicelib.services.overload import refused_as_busy

if TYPE_CHECKING:
    from chalicelib.handlers.http.identity.authentication import Caller
    from chalicelib.handlers.http.identity.tokens import TokenVerifier

# Its guests see the page of the link also if it cannot be used.
INVITE_PATH = "/i/{token}"
# The headers with credentials, in lower case.
CREDENTIALS = frozenset({"authorization", "x-api-key"})


class Api(Struct, frozen=True, dict=True):
    """The HTTP API of a deployment. `_tokens` replaces the verifier of the configured issuer in tests."""

    context: Context
    _tokens: "TokenVerifier | None"

    @cached_property
    def tokens(self) -> "TokenVerifier":
        """The verifier of bearer tokens."""
        # Imported with the first request of a member: a public route needs no token.
        from chalicelib.handlers.http.identity.tokens import verifier

        return self._tokens or verifier(self.context.settings)

    def respond(self, request: Request, parameters: dict[str, str]) -> Response:
        """Answer a request of a registered route or of an unknown path."""
        if request.method == "OPTIONS":
            return Response("", headers=preflight_headers(), status_code=HTTPStatus.NO_CONTENT)
        if request.path == UNKNOWN_PATH:
            return self._catch_refusals(request, _unknown_path, self._refusal_for(request))
        operation = operation_of(request.method, request.path)
        if operation.access is Access.PUBLIC:
            return conditional(request, self._respond_to_public(operation, request, parameters))
        if operation.access is Access.OPTIONAL:
            return conditional(request, self._respond_to_guest(operation, request, parameters))
        return conditional(request, self._respond_to_member(operation, request, parameters))

    def around(self, request: Request, get_response: Callable[[Request], Response]) -> Response:
        """Log every request and complete the headers of its response, also where Chalice itself refuses."""
        # The gateway's id of the request, or a new one without a gateway.
        request_id = request.context.setdefault("requestId", self.context.token(26))
        # `request.path` is the template of the route: the called path may contain the token of an invite link.
        with log_event(self.context, "request", request=request_id, route=f"{request.method} {request.path}") as line:
            response = _complete(self.context.settings.origins, request, get_response(request))
            line.fields["status"] = response.status_code
        return response

    def _respond_to_member(self, operation: ApiOperation, request: Request, parameters: dict[str, str]) -> Response:
        def view() -> Response:
            early = EarlyReads(self.context, operation, request, parameters)
            caller = self._caller(operation, request, early.begin if operation.begins else None)
            call = Call(
                self.context,
                request,
                caller.member,
                self.tokens.clock,
                caller.key,
                verified_address=caller.verified_address,
                is_staff=caller.is_staff,
            )
            return _response(request, operation.view(call, **parameters, **early.inputs(call)))

        return self._catch_refusals(request, view)

    def _respond_to_public(self, operation: ApiOperation, request: Request, parameters: dict[str, str]) -> Response:
        call = PublicCall(self.context, request)
        return self._respond_by_page(operation, request, lambda: _response(request, operation.view(call, **parameters)))

    def _respond_to_guest(self, operation: ApiOperation, request: Request, parameters: dict[str, str]) -> Response:
        def view() -> Response:
            if not CREDENTIALS & request.headers.keys():
                return _response(request, operation.view(GuestCall(self.context, request, None), **parameters))
            early = EarlyReads(self.context, operation, request, parameters)
            guest = self._caller(operation, request, early.begin if operation.begins else None).member
            inputs = early.inputs(EarlyCall(self.context, request, guest.member_id))
            return _response(request, operation.view(GuestCall(self.context, request, guest), **parameters, **inputs))

        return self._respond_by_page(operation, request, view)

    def _caller(
        self, operation: ApiOperation, request: Request, begin: Callable[[str], None] | None = None
    ) -> "Caller":
        # Imported with the first request of a member: a visitor needs no authentication.
        from chalicelib.handlers.http.identity.authentication import caller_of

        return caller_of(self.context, self.tokens, request, operation.access, begin)

    def _respond_by_page(self, operation: ApiOperation, request: Request, view: Callable[[], Response]) -> Response:
        response = self._catch_refusals(request, view, self._refusal_for(request))
        if any(kind.media_type == HTML for kind in operation.answers):
            response.headers["Vary"] = "Accept, Accept-Language"
        return response

    def _refusal_for(self, request: Request) -> Callable[[Any], Response]:
        """Return the function that makes a response from a problem. A browser also gets refusals as pages."""
        if not html_page.is_wanted(request.headers.get("accept")):
            return problems.response
        frame = frame_of(self.context.settings, request)
        return partial(html_page.problem, frame=frame, is_invite=request.path == INVITE_PATH)

    def _catch_refusals(
        self, request: Request, view: Callable[[], Response], refuse: Callable[[Any], Response] = problems.response
    ) -> Response:
        instance = instance_of(request)
        try:
            with refused_as_busy():
                response = view()
            response.headers.update(rate_limits.headers_near(current_metrics().limit_uses))
            return response
        except Refusal as refusal:
            current_metrics().code = refusal.code
            response = refuse(problems.from_refusal(refusal, instance=instance))
            for headers in (problems.retry_after, rate_limits.headers_beyond, accepted_by):
                response.headers.update(headers(refusal))
            return response
        except Exception as error:  # noqa: BLE001 - logged, and the caller gets a problem
            current_metrics().error = error
            return refuse(problems.problem(problems.INTERNAL_ERROR, problems.INTERNAL_DETAIL, instance=instance))


def _response(request: Request, answer: Any) -> Response:
    """Convert the result of a view to a response. A page is one already."""
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Done):
        return Response("", headers={"Cache-Control": "no-store"}, status_code=answer.status)
    headers: dict[str, str | list[str]] = {"Content-Type": JSON, "Cache-Control": "no-store"}
    if isinstance(answer, Ok):
        headers.update(answer.headers)
    if isinstance(answer, Created):
        headers["Location"] = f"{stage_path(request)}{answer.location}"
    return Response(msgspec.json.encode(answer.body).decode(), headers=headers, status_code=answer.status)


def _complete(origins: tuple[str, ...], request: Request, response: Response) -> Response:
    """Add the security, cache and CORS headers, and turn Chalice's own refusal of a method into a problem."""
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response = _refused_method(request, response)
    response.headers.update(SECURITY_HEADERS)
    response.headers.setdefault("Content-Security-Policy", API_CSP)
    response.headers.setdefault("Cache-Control", "no-store")
    chosen_by = [
        str(response.headers.get("Vary", "")),
        "Accept-Encoding",
        "Origin" if depends_on_origin(origins) else "",
    ]
    response.headers["Vary"] = ", ".join(filter(None, chosen_by))
    response.headers.update(readable_by(origins, request.headers.get("origin")))
    return response


def _refused_method(request: Request, response: Response) -> Response:
    """Return the problem for a method that a path does not have. An unknown path has none at all."""
    refusal = NotFound(UNKNOWN_PATH_DETAIL) if request.path == UNKNOWN_PATH else MethodNotAllowed()
    current_metrics().code = refusal.code
    refused = problems.response(problems.from_refusal(refusal, instance=instance_of(request)))
    if "Allow" in response.headers and request.path != UNKNOWN_PATH:
        refused.headers["Allow"] = response.headers["Allow"]
    return refused


def _unknown_path() -> Response:
    raise NotFound(UNKNOWN_PATH_DETAIL)
