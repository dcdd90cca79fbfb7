"""The routes under /dev, which no deployment has.

They sign in, move the clock, run the schedules, hold the stream, and show what the service has sent.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.domain.model.errors import UnsupportedCoding
from chalicelib.handlers.http.content_codings import check_coding
from chalicelib.handlers.pages import html_page
from infra.local.clock import MovableClock
from infra.local.dev.index_page import INDEX_PATH, described_routes, index_page
from infra.local.dev.mailbox import MAIL_PATH, SEND_PATH, Mailbox
from infra.local.dev.sink import SINK_PATH, Sink
from infra.local.events.bus import LocalBus
from infra.local.events.schedules import Schedules
from infra.local.events.stream import StreamDelivery
from infra.local.http.cross_origin import CrossOriginPolicy
from infra.local.http.responses import HttpResponse, json_response, problem
from infra.local.http.server import HttpRequest
from infra.local.identity.issuer import LocalIssuer
from infra.local.identity.members import LONGEST_NAME, Members, NotAdmittedError, is_name
from infra.local.identity.provider import (
    AUTHORIZE_PATH,
    END_SESSION_PATH,
    REVOCATION_PATH,
    TOKEN_PATH,
    OpenIdProvider,
)

KEY_SET_PATH = "/dev/jwks.json"
FORM = "application/x-www-form-urlencoded"
# All dates derived from these instants are valid.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST_DELIVERIES = 5

Fields = dict[str, Any]
Route = Callable[[HttpRequest], HttpResponse]
Methods = dict[str, Route]


class InvalidFieldError(Exception):
    """A body with an invalid field."""

    def __init__(self, field: str | None, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


class DevRoutes:
    """The handlers of the routes that the local run adds to the API."""

    def __init__(
        self,
        *,
        issuer: LocalIssuer,
        provider: OpenIdProvider,
        members: Members,
        clock: MovableClock,
        schedules: Schedules,
        streams: list[StreamDelivery],
        policy: CrossOriginPolicy,
        sink: Sink,
        mailbox: Mailbox,
        bus: LocalBus,
    ) -> None:
        self._policy = policy
        self._members = members
        self._clock = clock
        self._schedules = schedules
        self._streams = streams
        routes: dict[str, dict[str, Callable[[Fields], HttpResponse]]] = {
            "/dev/sign-in": {"POST": self._sign_in},
            "/dev/clock": {"GET": self._read_clock, "PUT": self._set_clock},
            "/dev/tick": {"POST": self._tick},
            "/dev/stream": {"PUT": self._switch_stream},
            INDEX_PATH: {"GET": lambda _: json_response({"routes": described_routes(self._routes)})},
            "/dev/events": {"GET": lambda _: json_response({"events": bus.events()})},
            SINK_PATH: {"GET": sink.listed, "PUT": sink.choose_status},
            MAIL_PATH: {"GET": mailbox.listed},
            SEND_PATH: {"POST": mailbox.send},
            KEY_SET_PATH: {"GET": lambda _: json_response(issuer.key_set())},
            "/.well-known/openid-configuration": {"GET": lambda _: provider.configuration(KEY_SET_PATH)},
        }
        self._routes: dict[str, Methods] = _provider_routes(provider) | {
            path: {method: _with_fields(route) for method, route in methods.items()} for path, methods in routes.items()
        }
        # The pages of paths that also answer with JSON.
        self._pages: dict[str, Callable[[], HttpResponse]] = {
            INDEX_PATH: lambda: index_page(self._routes),
            MAIL_PATH: mailbox.page,
            SINK_PATH: sink.page,
        }

    def respond(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response, or None for a path of the API."""
        methods = self._routes.get(request.path)
        if methods is None:
            return None
        if request.method == "OPTIONS":
            return self._policy.preflight(request.headers)
        return self._policy.readable(request.headers, self._response(request, methods))

    def _response(self, request: HttpRequest, methods: Methods) -> HttpResponse:
        route = methods.get("GET" if request.method == "HEAD" else request.method)
        if route is None:
            refusal = problem("method_not_allowed", f"This path takes {' and '.join(methods)}.")
            return HttpResponse(refusal.status, refusal.headers | {"Allow": ", ".join(methods)}, refusal.body)
        page = self._pages.get(request.path)
        if page and html_page.is_wanted({name.lower(): text for name, text in request.headers.items()}.get("accept")):
            return page()
        try:
            return route(request)
        except (ValueError, RecursionError):
            return problem("malformed_json", "The body must be one JSON value, in UTF-8.")
        except UnsupportedCoding as refusal:
            return problem(refusal.code, refusal.detail)
        except InvalidFieldError as invalid:
            return problem("invalid_request", invalid.detail, invalid.field)
        except NotAdmittedError as refused:
            return refused.response

    def _sign_in(self, fields: Fields) -> HttpResponse:
        _refuse_unknown(fields, "name", "userId", "staff")
        is_staff = fields.get("staff", False)
        if not isinstance(is_staff, bool):
            raise InvalidFieldError("staff", "staff must be true or false.")
        if "name" in fields and "userId" in fields:
            raise InvalidFieldError("userId", "Send a name for a new member or the userId of a known one, not both.")
        if "userId" in fields:
            user_id = _text(fields, "userId")
            if is_staff:
                self._members.make_staff(user_id)
            signed_in = self._members.sign_in(user_id)
            if signed_in is None:
                return problem("not_found", "No member with this userId signed in here.")
        else:
            signed_in = self._members.sign_up(_text(fields, "name"), is_staff=is_staff)
        return json_response({"userId": signed_in.user_id, "token": signed_in.token})

    def _read_clock(self, _: Fields) -> HttpResponse:
        return json_response({"now": self._clock().replace(microsecond=0).isoformat()})

    def _set_clock(self, fields: Fields) -> HttpResponse:
        _refuse_unknown(fields, "now")
        if "now" not in fields:
            raise InvalidFieldError("now", "Send an instant, or null for real time.")
        self._clock.set(None if fields["now"] is None else _instant(fields["now"]))
        return self._read_clock({})

    def _tick(self, fields: Fields) -> HttpResponse:
        _refuse_unknown(fields)
        return json_response({"ran": self._schedules.run_all()})

    def _switch_stream(self, fields: Fields) -> HttpResponse:
        _refuse_unknown(fields, "enabled", "deliveries")
        enabled, deliveries = fields.get("enabled"), fields.get("deliveries", 1)
        if not isinstance(enabled, bool):
            raise InvalidFieldError("enabled", "enabled must be true or false.")
        if type(deliveries) is not int or not 1 <= deliveries <= MOST_DELIVERIES:
            raise InvalidFieldError("deliveries", f"deliveries must be a number from 1 to {MOST_DELIVERIES}.")
        for stream in self._streams:
            if enabled:
                stream.resume(deliveries)
            else:
                stream.hold()
        return json_response({"enabled": enabled})


def _fields(request: HttpRequest) -> Fields:
    # The fields come from the query, from a form or from JSON.
    if request.method in ("GET", "HEAD"):
        return dict(parse_qsl(request.target.partition("?")[2]))
    headers = {name.lower(): value for name, value in request.headers.items()}
    check_coding(headers.get("content-encoding"))
    if headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        return dict(parse_qsl(request.body.decode()))
    fields = json.loads(request.body) if request.body.strip() else {}
    if not isinstance(fields, dict):
        raise InvalidFieldError(None, "The body must be a JSON object.")
    return fields


def _with_fields(route: Callable[[Fields], HttpResponse]) -> Route:
    return lambda request: route(_fields(request))


def _provider_routes(provider: OpenIdProvider) -> dict[str, Methods]:
    return {
        AUTHORIZE_PATH: {
            "GET": _for_browsers(provider.authorize),
            "POST": _for_own_page(_for_browsers(provider.answer)),
        },
        TOKEN_PATH: {"POST": _for_browsers(provider.exchange)},
        REVOCATION_PATH: {"POST": _for_browsers(provider.revoke)},
        END_SESSION_PATH: dict.fromkeys(("GET", "POST"), _for_browsers(provider.end_session)),
    }


def _for_browsers(route: Callable[[dict[str, str], str], HttpResponse]) -> Route:
    """Return the route of the provider with the cookies, and without the fields that no form can send."""

    def respond(request: HttpRequest) -> HttpResponse:
        texts = {name: value for name, value in _fields(request).items() if isinstance(value, str)}
        cookies = {name.lower(): value for name, value in request.headers.items()}.get("cookie", "")
        return route(texts, cookies)

    return respond


def _for_own_page(route: Route) -> Route:
    """Return the route with a refusal for forms of other origins, which would sign a browser in without its member."""

    def respond(request: HttpRequest) -> HttpResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if headers.get("origin", f"http://{headers.get('host')}") != f"http://{headers.get('host')}":
            return problem("invalid_request", "A form of another origin cannot sign in.")
        return route(request)

    return respond


def _refuse_unknown(fields: Fields, *known: str) -> None:
    for field in fields:
        if field not in known:
            raise InvalidFieldError(field, "This route has no such field.")


def _text(fields: Fields, field: str) -> str:
    text = fields.get(field)
    if not isinstance(text, str) or not is_name(text):
        raise InvalidFieldError(field, f"{field} must be a text of 1 to {LONGEST_NAME} characters.")
    return text


def _instant(text: Any) -> datetime:
    wrong = InvalidFieldError("now", "now must be an ISO 8601 instant with its offset, from 2000 to 2199, or null.")
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise wrong from None
    if instant.tzinfo is None or not EARLIEST <= instant < LATEST:
        raise wrong
    return instant
