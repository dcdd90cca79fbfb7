"""The API gateway with its own problems, its limits and the format of its access log, and the WebSocket API."""

import json

import msgspec

from chalicelib.handlers.http.content_codings import COMPRESSED_FROM
from chalicelib.handlers.http.responses.cross_origin import EXPOSED_HEADERS
from chalicelib.handlers.http.responses.headers import API_CSP, SECURITY_HEADERS
from chalicelib.handlers.http.responses.problems import CONTENT_TYPE, PROBLEMS, headers_for, problem
from chalicelib.handlers.http.routes import UNKNOWN_PATH, methods_of
from infra.cloudformation.intrinsic import API, LIVE_API, NOTHING, Value, attribute, ref, sub, when
from infra.cloudformation.parameters import given

# The gateway's own errors as problems of the API.
REFUSALS = {
    "ACCESS_DENIED": ("forbidden", "This is not yours to do."),
    "UNAUTHORIZED": ("unauthenticated", "Sign in and try again."),
    # The gateway's name for an unknown path or method.
    "MISSING_AUTHENTICATION_TOKEN": ("not_found", "There is nothing at this path."),
    "RESOURCE_NOT_FOUND": ("not_found", "There is nothing at this path."),
    "REQUEST_TOO_LARGE": ("too_large", "The body is too large."),
    "UNSUPPORTED_MEDIA_TYPE": ("unsupported_media_type", "This path does not take this kind of body."),
    "THROTTLED": ("rate_limited", "Too many requests at the moment. Try again in a moment."),
    "QUOTA_EXCEEDED": ("rate_limited", "Too many requests at the moment. Try again in a moment."),
    # The outcome is unknown. The code `busy` would mean that nothing was changed.
    "INTEGRATION_TIMEOUT": ("internal_error", "Something went wrong on our side."),
    "INTEGRATION_FAILURE": ("internal_error", "Something went wrong on our side."),
    "DEFAULT_4XX": ("not_found", "There is nothing at this path."),
    "DEFAULT_5XX": ("internal_error", "Something went wrong on our side."),
}
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "method": "$context.httpMethod",
    # The template of the route: a path may hold the token of an invite link.
    "route": "$context.resourcePath",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "functionMilliseconds": "$context.integrationLatency",
    "refused": "$context.error.responseType",
}
# The limit of these routes slows down guessing of invite links. Other callers stay below it.
INVITE_PATH = "/~1i~1{token}"
INVITES_PER_SECOND, INVITE_BURST = 50, 100


def gateway() -> dict[str, Value]:
    """Return the additions to the API and to the WebSocket API."""
    return {
        API: {"Properties": _properties()},
        LIVE_API: {"Properties": {"Name": sub("${AWS::StackName}-live")}},
        f"{LIVE_API}Stage": {
            "Properties": {
                "DefaultRouteSettings": {
                    "ThrottlingRateLimit": ref("RequestsPerSecond"),
                    "ThrottlingBurstLimit": ref("RequestBurst"),
                    # As for the methods of the API.
                    "DetailedMetricsEnabled": False,
                    # These logs would contain the tokens in the messages.
                    "LoggingLevel": "OFF",
                    "DataTraceEnabled": False,
                }
            }
        },
    }


def _properties() -> Value:
    return {
        # The API's metrics have this name as their dimension. The title of the definition repeats it.
        "Name": ref("AWS::StackName"),
        "DefinitionBody": {"info": {"title": ref("AWS::StackName")}, "paths": {UNKNOWN_PATH: _unknown_path()}},
        "MinimumCompressionSize": COMPRESSED_FROM,
        "GatewayResponses": {name: _response(*refusal) for name, refusal in REFUSALS.items()},
        "AccessLogSetting": {
            "DestinationArn": attribute("AccessLogs", "Arn"),
            "Format": json.dumps(ACCESS_LOG),
        },
        # The stage cannot log before the account has the role. If the stack sets the role, a tag refers to the account,
        # so that CloudFormation creates the account first.
        "Tags": {"access-log-role": when("SetsGatewayLogs", ref("GatewayAccount"), "the account's")},
        "MethodSettings": [
            _limits("/*", "*", ref("RequestsPerSecond"), ref("RequestBurst")),
            *(_limits(INVITE_PATH, method, INVITES_PER_SECOND, INVITE_BURST) for method in ("GET", "HEAD", "POST")),
        ],
    }


def _unknown_path() -> Value:
    """Declare the parameter of the unknown paths, whose name Chalice does not recognize."""
    rest = {"name": "proxy", "in": "path", "required": True, "type": "string"}
    return {method.lower(): {"parameters": [rest]} for method in methods_of(UNKNOWN_PATH)}


def _limits(path: str, method: str, rate: Value, burst: Value) -> Value:
    return {
        "ResourcePath": path,
        "HttpMethod": method,
        "ThrottlingRateLimit": rate,
        "ThrottlingBurstLimit": burst,
        # CloudWatch charges the metrics of each method. Those of the stage are enough for the alarms, and free.
        "MetricsEnabled": False,
        # These logs would contain paths and bodies.
        "LoggingLevel": "OFF",
        "DataTraceEnabled": False,
    }


def _response(code: str, detail: str) -> Value:
    status = PROBLEMS[code].status
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Cache-Control": "no-store",
        "Content-Security-Policy": API_CSP,
        "Vary": "Origin",
        **SECURITY_HEADERS,
        **{header: str(value) for header, value in headers_for(status).items()},
    }
    return {
        "StatusCode": int(status),
        "ResponseParameters": {
            "Headers": {
                # The gateway removes the outer quotes and nothing else.
                **{header: f"'{value}'" for header, value in headers.items()},
                **{header: when(given("Origins"), value, NOTHING) for header, value in _cross_origin().items()},
            }
        },
        "ResponseTemplates": {
            "application/json": msgspec.json.encode(
                problem(code, detail, instance="/requests/$context.requestId")
            ).decode()
        },
    }


def _cross_origin() -> dict[str, Value]:
    # The gateway has no list of origins. It names the first one in its own errors, so only that one's pages can read
    # them. `*` is such an origin.
    first = {"Fn::Select": [0, {"Fn::Split": [",", ref("Origins")]}]}
    return {
        "Access-Control-Allow-Origin": {"Fn::Sub": ["'${origin}'", {"origin": first}]},
        "Access-Control-Expose-Headers": f"'{EXPOSED_HEADERS}'",
    }
