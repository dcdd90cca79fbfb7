"""The stack of the edge in us-east-1, of which CloudFront takes its firewall and its certificate."""

from infra.cloudformation.firewall import HAS_FIREWALL, web_acl
from infra.cloudformation.intrinsic import Value, attribute, ref

REGION = "us-east-1"
FIREWALL, CERTIFICATE = "WebFirewall", "WebCertificate"
HAS_CERTIFICATE = "HasCertificate"
# The parameters of the stack, which are those of the main stack of the same names.
EDGE_PARAMETERS = ("Firewall", "FirewallRate", "WebDomainName", "HostedZoneId")
# The parameters of the main stack that have the outputs of this one.
FIREWALL_ARN, CERTIFICATE_ARN = "WebFirewallArn", "WebCertificateArn"


def edge_template() -> Value:
    """Return the template of the stack."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Lockstep: the firewall and the certificate of the web app.",
        "Parameters": {name: {"Type": "Number" if name == "FirewallRate" else "String"} for name in EDGE_PARAMETERS},
        "Conditions": {
            HAS_FIREWALL: {"Fn::Equals": [ref("Firewall"), "on"]},
            HAS_CERTIFICATE: {"Fn::Not": [{"Fn::Equals": [ref("WebDomainName"), ""]}]},
        },
        "Resources": {FIREWALL: web_acl("CLOUDFRONT"), CERTIFICATE: _certificate()},
        "Outputs": {
            FIREWALL_ARN: {"Condition": HAS_FIREWALL, "Value": attribute(FIREWALL, "Arn")},
            CERTIFICATE_ARN: {"Condition": HAS_CERTIFICATE, "Value": ref(CERTIFICATE)},
        },
    }


def _certificate() -> Value:
    """Return a certificate that CloudFormation validates by a record in the hosted zone."""
    return {
        "Type": "AWS::CertificateManager::Certificate",
        "Condition": HAS_CERTIFICATE,
        "DeletionPolicy": "Delete",
        # The distribution still uses the old certificate when a new one replaces it. It costs nothing.
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "DomainName": ref("WebDomainName"),
            "ValidationMethod": "DNS",
            "DomainValidationOptions": [{"DomainName": ref("WebDomainName"), "HostedZoneId": ref("HostedZoneId")}],
        },
    }
