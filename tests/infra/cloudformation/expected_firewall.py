"""The expected firewalls, records of the domain name, and the stack of the edge."""

import json
from typing import Any

Template = dict[str, Any]

REFUSED = {
    "type": "/problems/rate_limited",
    "title": "Rate limit reached",
    "status": 429,
    "detail": "Too many requests from this network. Try again in a few minutes.",
    "instance": "",
    "code": "rate_limited",
    "message": "Too many requests from this network. Try again in a few minutes.",
    "error": "Rate limit reached",
}


def _metric(name: Any) -> Template:
    # Sampled requests would contain the tokens of invite links.
    return {"MetricName": name, "CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": False}


def _firewall(scope: str, **scoped: Any) -> Template:
    rate = {"Limit": {"Ref": "FirewallRate"}, "AggregateKeyType": "IP", "EvaluationWindowSec": 300, **scoped}
    refusal = {
        "ResponseCode": 429,
        "CustomResponseBodyKey": "limited",
        "ResponseHeaders": [{"Name": "Retry-After", "Value": "300"}],
    }
    body = {"ContentType": "APPLICATION_JSON", "Content": json.dumps(REFUSED, separators=(",", ":"))}
    return {
        "Scope": scope,
        "DefaultAction": {"Allow": {}},
        "CustomResponseBodies": {"limited": body},
        "Rules": [
            {
                "Name": "rate",
                "Priority": 0,
                "Statement": {"RateBasedStatement": rate},
                "Action": {"Block": {"CustomResponse": refusal}},
                "VisibilityConfig": _metric("rate"),
            }
        ],
        "VisibilityConfig": _metric({"Fn::Sub": "${AWS::StackName}"}),
    }


# The addresses of requests through the distribution are those of CloudFront, which its own firewall has not to count.
NOT_FROM_THE_EDGE = {
    "NotStatement": {
        "Statement": {
            "ByteMatchStatement": {
                "FieldToMatch": {"SingleHeader": {"Name": "x-lockstep-edge"}},
                "PositionalConstraint": "EXACTLY",
                "SearchString": {"Ref": "EdgeKey"},
                "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            }
        }
    }
}
STAGE = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${api}/stages/${stage}"

FIREWALL: Template = {
    "Conditions.HasFirewall": {"Fn::Equals": [{"Ref": "Firewall"}, "on"]},
    "Resources.ApiFirewall.Condition": "HasFirewall",
    "Resources.ApiFirewall.Properties": _firewall("REGIONAL", ScopeDownStatement=NOT_FROM_THE_EDGE),
    "Resources.ApiFirewallAssociation.Condition": "HasFirewall",
    "Resources.ApiFirewallAssociation.Properties": {
        "ResourceArn": {"Fn::Sub": [STAGE, {"api": {"Ref": "RestAPI"}, "stage": {"Ref": "RestAPI.Stage"}}]},
        "WebACLArn": {"Fn::GetAtt": ["ApiFirewall", "Arn"]},
    },
    "Conditions.MakesDnsRecords": {
        "Fn::And": [
            {"Condition": "ServesWebApp"},
            {"Condition": "WebDomainNameIsGiven"},
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedZoneId"}, ""]}]},
        ]
    },
    **{
        path: value
        for kind in ("A", "AAAA")
        for path, value in {
            f"Resources.WebRecord{kind}.Condition": "MakesDnsRecords",
            f"Resources.WebRecord{kind}.Properties": {
                "HostedZoneId": {"Ref": "HostedZoneId"},
                "Name": {"Ref": "WebDomainName"},
                "Type": kind,
                "AliasTarget": {
                    "DNSName": {"Fn::GetAtt": ["WebDistribution", "DomainName"]},
                    "HostedZoneId": "Z2FDTNDATAQYW2",
                },
            },
        }.items()
    },
    "Parameters.EdgeKey.NoEcho": True,
}

EDGE: Template = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Description": "Lockstep: the firewall and the certificate of the web app.",
    "Parameters": {
        "Firewall": {"Type": "String"},
        "FirewallRate": {"Type": "Number"},
        "WebDomainName": {"Type": "String"},
        "HostedZoneId": {"Type": "String"},
    },
    "Conditions": {
        "HasFirewall": {"Fn::Equals": [{"Ref": "Firewall"}, "on"]},
        "HasCertificate": {"Fn::Not": [{"Fn::Equals": [{"Ref": "WebDomainName"}, ""]}]},
    },
    "Resources": {
        "WebFirewall": {
            "Type": "AWS::WAFv2::WebACL",
            "Condition": "HasFirewall",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": _firewall("CLOUDFRONT"),
        },
        "WebCertificate": {
            "Type": "AWS::CertificateManager::Certificate",
            "Condition": "HasCertificate",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "DomainName": {"Ref": "WebDomainName"},
                "ValidationMethod": "DNS",
                "DomainValidationOptions": [
                    {"DomainName": {"Ref": "WebDomainName"}, "HostedZoneId": {"Ref": "HostedZoneId"}}
                ],
            },
        },
    },
    "Outputs": {
        "WebFirewallArn": {"Condition": "HasFirewall", "Value": {"Fn::GetAtt": ["WebFirewall", "Arn"]}},
        "WebCertificateArn": {"Condition": "HasCertificate", "Value": {"Ref": "WebCertificate"}},
    },
}
