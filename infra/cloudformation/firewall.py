"""The web firewalls, which limit the requests of each address.

One protects the distribution and is in the stack of the edge, since CloudFront takes those of us-east-1 only. The other
protects the API. Requests through the distribution reach the API with the addresses of CloudFront, so it counts only
those that do not: the distribution adds a header with a secret.
"""

from typing import Literal

import msgspec

from chalicelib.handlers.http.responses.problems import PROBLEMS, problem
from infra.cloudformation.intrinsic import API, Value, attribute, ref, sub

HAS_FIREWALL = "HasFirewall"
FIREWALL = "ApiFirewall"
EDGE_HEADER = "X-Lockstep-Edge"
WINDOW_SECONDS = 300
LIMITED = "limited"
# The name of the rule, also in its metrics.
RATE = "rate"
_STAGE_ARN = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${api}/stages/${stage}"


def firewall() -> dict[str, Value]:
    """Return the firewall of the API by name."""
    stage = {"Fn::Sub": [_STAGE_ARN, {"api": ref(API), "stage": ref(f"{API}.Stage")}]}
    association = {"ResourceArn": stage, "WebACLArn": attribute(FIREWALL, "Arn")}
    return {
        FIREWALL: web_acl("REGIONAL", _not_from_the_distribution()),
        f"{FIREWALL}Association": _resource("AWS::WAFv2::WebACLAssociation", association),
    }


def web_acl(scope: Literal["CLOUDFRONT", "REGIONAL"], counted: Value | None = None) -> Value:
    """Return a firewall that refuses an address above the rate. `counted` is the statement of the counted requests."""
    limit = {"Limit": ref("FirewallRate"), "AggregateKeyType": "IP", "EvaluationWindowSec": WINDOW_SECONDS}
    scoped = {} if counted is None else {"ScopeDownStatement": counted}
    refusal = {
        "ResponseCode": int(PROBLEMS["rate_limited"].status),
        "CustomResponseBodyKey": LIMITED,
        "ResponseHeaders": [{"Name": "Retry-After", "Value": str(WINDOW_SECONDS)}],
    }
    rule = {
        "Name": RATE,
        "Priority": 0,
        "Statement": {"RateBasedStatement": {**limit, **scoped}},
        "Action": {"Block": {"CustomResponse": refusal}},
        "VisibilityConfig": _visible(RATE),
    }
    text = problem("rate_limited", "Too many requests from this network. Try again in a few minutes.", instance="")
    properties = {
        "Scope": scope,
        "DefaultAction": {"Allow": {}},
        "CustomResponseBodies": {
            LIMITED: {"ContentType": "APPLICATION_JSON", "Content": msgspec.json.encode(text).decode()}
        },
        "Rules": [rule],
        "VisibilityConfig": _visible(sub("${AWS::StackName}")),
    }
    return _resource("AWS::WAFv2::WebACL", properties)


def _not_from_the_distribution() -> Value:
    matched = {
        "FieldToMatch": {"SingleHeader": {"Name": EDGE_HEADER.lower()}},
        "PositionalConstraint": "EXACTLY",
        "SearchString": ref("EdgeKey"),
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }
    return {"NotStatement": {"Statement": {"ByteMatchStatement": matched}}}


def _visible(metric: Value) -> Value:
    # Samples of requests would contain paths with the tokens of invite links.
    return {"MetricName": metric, "CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": False}


def _resource(kind: str, properties: Value) -> Value:
    return {
        "Type": kind,
        "Condition": HAS_FIREWALL,
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": properties,
    }
