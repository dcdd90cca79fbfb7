"""The operations of the API, one for each route, derived from the annotations of its view.

A view takes its call and the parameters of the path by name. If it also has a parameter `body`, `query` or `key`, it
gets that input, parsed into the annotated type. A parameter `begun` gets what the view `begins` to read. Its return
annotation lists its responses, and `refuses` its refusals.
"""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from http import HTTPStatus
from importlib import import_module
from types import MappingProxyType, UnionType
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from chalice.app import Response
from msgspec import Struct

from chalicelib.domain.model.errors import (
    Busy,
    Forbidden,
    InvalidCursor,
    InvalidRequest,
    MalformedJson,
    NotFound,
    RateLimited,
    Refusal,
    Suspended,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from chalicelib.handlers.http.call import MemberCall
from chalicelib.handlers.http.content_codings import check_coding
from chalicelib.handlers.http.identity.access import Access
from chalicelib.handlers.http.inputs import requests
from chalicelib.handlers.http.inputs.input_fields import InvalidInputs
from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.handlers.http.routes import ROUTES, Route

JSON, HTML, CALENDAR, SHEET = "application/json", "text/html", "text/calendar", "text/csv"

B = TypeVar("B", bound=Schema)

View = Callable[..., Any]
V = TypeVar("V", bound=View)

Page = Annotated[Response, HTML]
CalendarFile = Annotated[Response, CALENDAR]
SheetFile = Annotated[Response, SHEET]


class Ok(Struct, Generic[B], frozen=True):
    """A 200 response with a body, and with the headers of refusals in it."""

    status: ClassVar = HTTPStatus.OK
    body: B
    headers: Mapping[str, str | list[str]] = MappingProxyType({})


class Created(Struct, Generic[B], frozen=True):
    """A 201 response with a body. `location` is the path at which a GET shows what was created."""

    status: ClassVar = HTTPStatus.CREATED
    body: B
    location: str


class Accepted(Struct, Generic[B], frozen=True):
    """A 202 response with a body. What was asked for may follow later."""

    status: ClassVar = HTTPStatus.ACCEPTED
    body: B


class Done(Struct, frozen=True):
    """A 204 response without a body."""

    status: ClassVar = HTTPStatus.NO_CONTENT


def calendar_file(content: bytes) -> Response:
    """Return a 200 response with an iCalendar file."""
    return Response(content.decode(), headers={"Content-Type": f"{CALENDAR}; charset=utf-8"})


def sheet_file(content: str) -> Response:
    """Return a 200 response with a CSV file, whose first line has the names of the columns."""
    return Response(content, headers={"Content-Type": f"{SHEET}; charset=utf-8; header=present"})


class ResponseSpec(NamedTuple):
    """The status of a response, the media type of its body, and the schema of a JSON body."""

    status: HTTPStatus
    media_type: str | None
    schema: type[Schema] | None


def _response_spec(annotation: Any) -> ResponseSpec:
    """Convert `Ok[...]`, `Created[...]`, `Accepted[...]`, `Done` or a response annotated with its media type."""
    if annotation is Done:
        return ResponseSpec(Done.status, None, None)
    if get_origin(annotation) is Annotated:
        return ResponseSpec(HTTPStatus.OK, annotation.__metadata__[0], None)
    return ResponseSpec(get_origin(annotation).status, JSON, *get_args(annotation))


def refuses(*kinds: type[Refusal]) -> Callable[[V], V]:
    """Declare a view's own refusals, besides those that follow from its access and inputs."""

    def note(view: V) -> V:
        vars(view)["refuses"] = kinds
        return view

    return note


def begins(reads: Callable[..., Any]) -> Callable[[V], V]:
    """Declare the reads of a view that need only the caller's id. They begin with the read of the caller's account.

    `reads` takes an early call, and the other parameters of the view by name. The view gets the result as `begun`.
    """

    def note(view: V) -> V:
        vars(view)["begins"] = reads
        return view

    return note


class ApiOperation(Struct, frozen=True, dict=True):
    """One method of one path, with its view, its level of access and the reads that begin early."""

    method: str
    path: str
    view: View
    own_refusals: tuple[type[Refusal], ...]
    access: Access
    begins: Callable[..., Any] | None = None

    @cached_property
    def types(self) -> dict[str, Any]:
        """The types of the view's parameters by name, and of its result as `return`."""
        return get_type_hints(self.view, include_extras=True)

    @cached_property
    def answers(self) -> list[ResponseSpec]:
        """Every response of the view that is no problem."""
        returned = self.types["return"]
        kinds = get_args(returned) if get_origin(returned) in (Union, UnionType) else [returned]
        return [_response_spec(kind) for kind in kinds]

    @property
    def refusals(self) -> list[type[Refusal]]:
        """Every possible refusal, by the gateway, the authentication, the checks of the inputs, and the view."""
        # The gateway limits the rate of every route.
        found: list[type[Refusal]] = [RateLimited]
        if self.access is not Access.PUBLIC:
            found += [Unauthenticated, Suspended, Busy]
        if self.access in (Access.WRITE, Access.EXPORT, Access.BEARER_ONLY):
            found.append(Forbidden)
        if self.access is Access.STAFF:
            found.append(NotFound)
        if "body" in self.types:
            found += [MalformedJson, TooLarge, UnsupportedMediaType]
        if {"body", "query", "key"} & self.types.keys():
            found.append(InvalidRequest)
        if issubclass(self.types.get("query", object), requests.PageQuery):
            found.append(InvalidCursor)
        return list(dict.fromkeys([*found, *self.own_refusals]))

    def inputs(self, call: MemberCall) -> dict[str, Any]:
        """Parse the inputs of the view except its path parameters. One refusal names every invalid one."""
        request = call.request
        parsers: dict[str, Callable[[], Any]] = {
            "body": lambda: requests.body(
                request.raw_body, request.headers.get("content-type"), self.types["body"], call
            ),
            "query": lambda: requests.query(request.query_params, self.types["query"], call),
            "key": lambda: requests.idempotency_key(request.headers.get(requests.IDEMPOTENCY_KEY)),
        }
        parsed: dict[str, Any] = {}
        if "body" in self.types:
            check_coding(request.headers.get("content-encoding"))
        invalid = InvalidInputs()
        for name in (name for name in parsers if name in self.types):
            with invalid:
                parsed[name] = parsers[name]()
        invalid.refuse()
        return parsed


def operation_of(method: str, path: str) -> ApiOperation:
    """Return the operation of a route, and import its resource. HEAD is answered by GET.

    Raises KeyError for a route without a row.
    """
    method = "GET" if method == "HEAD" else method
    return _operation(method, path, ROUTES[method, path])


def operations() -> tuple[ApiOperation, ...]:
    """Return the operation of every route."""
    return tuple(operation_of(method, path) for method, path in ROUTES)


@cache
def _operation(method: str, path: str, route: Route) -> ApiOperation:
    # A resource is imported with its first request, so that a cold start pays for one resource only.
    view = getattr(import_module(f"{__package__}.resources.{route.resource}"), route.view)
    return ApiOperation(method, path, view, vars(view).get("refuses", ()), route.access, vars(view).get("begins"))
