"""Operations: the inputs, answers and refusals of each route, read off its view, so that each stands only once.

A view takes its call, the parameters of the path by name, and by these names what else it needs: `body`, `query` and
`key`, parsed as their annotations say. Its annotation for what it returns is the answers it has.
"""

from collections.abc import Callable
from functools import cache, cached_property
from http import HTTPStatus
from importlib import import_module
from types import UnionType
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from chalice.app import Request, Response
from msgspec import Struct

from chalicelib.domain.model.errors import (
    Busy,
    Forbidden,
    InvalidCursor,
    InvalidRequest,
    MalformedJson,
    RateLimited,
    Refusal,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from chalicelib.handlers.http import requests
from chalicelib.handlers.http.access import Access
from chalicelib.handlers.http.routes import ROUTES, Route
from chalicelib.handlers.http.schemas import Schema

JSON, HTML = "application/json", "text/html"

B = TypeVar("B", bound=Schema)

View = Callable[..., Any]
V = TypeVar("V", bound=View)

Page = Annotated[Response, HTML]


class Ok(Struct, Generic[B], frozen=True):
    """What was asked for."""

    status: ClassVar = HTTPStatus.OK
    body: B


class Created(Struct, Generic[B], frozen=True):
    """What was made."""

    status: ClassVar = HTTPStatus.CREATED
    body: B


class Done(Struct, frozen=True):
    """It is so; there is nothing to tell."""

    status: ClassVar = HTTPStatus.NO_CONTENT


class ResponseSpec(NamedTuple):
    """The status of an answer, the media type of its body, if it has one, and its shape, if that is JSON of ours."""

    status: HTTPStatus
    media_type: str | None
    shape: type[Schema] | None


def _answer(kind: Any) -> ResponseSpec:
    """What an annotation says of an answer: `Ok[...]`, `Created[...]`, `Done`, or a response of a media type."""
    if kind is Done:
        return ResponseSpec(Done.status, None, None)
    if get_origin(kind) is Annotated:
        return ResponseSpec(HTTPStatus.OK, kind.__metadata__[0], None)
    return ResponseSpec(get_origin(kind).status, JSON, *get_args(kind))


def refuses(*kinds: type[Refusal]) -> Callable[[V], V]:
    """Note the refusals that are a view's own, besides those that follow from who calls and what is sent."""

    def note(view: V) -> V:
        vars(view)["refuses"] = kinds
        return view

    return note


class Operation(Struct, frozen=True, dict=True):
    """One method of one path, and the view that answers it.

    `reasons` are the refusals that are the view's own; `refusals` are all there may be. `access` says who may call.
    """

    method: str
    path: str
    view: View
    reasons: tuple[type[Refusal], ...]
    access: Access

    @cached_property
    def types(self) -> dict[str, Any]:
        """The type of each thing that the view takes, and of what it returns, by name."""
        return get_type_hints(self.view, include_extras=True)

    @cached_property
    def answers(self) -> list[ResponseSpec]:
        """Each answer that the view may give."""
        returned = self.types["return"]
        return [
            _answer(kind) for kind in (get_args(returned) if get_origin(returned) in (Union, UnionType) else [returned])
        ]

    @property
    def refusals(self) -> list[type[Refusal]]:
        """What it may be refused with: by the gateway, for who calls, for what is sent, and what the view says."""
        # The gateway lets only so many requests through, on every route.
        found: list[type[Refusal]] = [RateLimited]
        if self.access is not Access.ANYBODY:
            found += [Unauthenticated, Busy]
        if self.access in (Access.WRITE, Access.BEARER_ONLY):
            found.append(Forbidden)
        if "body" in self.types:
            found += [MalformedJson, TooLarge, UnsupportedMediaType]
        if {"body", "query", "key"} & self.types.keys():
            found.append(InvalidRequest)
        if issubclass(self.types.get("query", object), requests.PageQuery):
            found.append(InvalidCursor)
        return list(dict.fromkeys([*found, *self.reasons]))

    def inputs(self, request: Request) -> dict[str, Any]:
        """What the view takes of a request besides the path, parsed. Raises the refusal of what is at fault."""
        taken: dict[str, Any] = {}
        if "body" in self.types:
            taken["body"] = requests.body(request.raw_body, request.headers.get("content-type"), self.types["body"])
        if "query" in self.types:
            taken["query"] = requests.query(request.query_params, self.types["query"])
        if "key" in self.types:
            taken["key"] = requests.idempotency_key(request.headers.get(requests.IDEMPOTENCY_KEY))
        return taken


def operation_of(method: str, path: str) -> Operation:
    """Return the operation of a route, importing its resource. Raises KeyError where the table has no such row."""
    return _operation(method, path, ROUTES[method, path])


def operations() -> tuple[Operation, ...]:
    """Return the operation of every route; HEAD is no operation of its own."""
    return tuple(operation_of(method, path) for method, path in ROUTES if method != "HEAD")


@cache
def _operation(method: str, path: str, route: Route) -> Operation:
    # With its first request: one resource costs nothing while another is asked for.
    view = getattr(import_module(f"{__package__}.resources.{route.resource}"), route.view)
    return Operation(method, path, view, vars(view).get("refuses", ()), route.access)
