"""The DNS records of the web app's domain name in a hosted zone of the account."""

from infra.cloudformation.intrinsic import Value, attribute, ref
from infra.cloudformation.web_app import DISTRIBUTION

MAKES_RECORDS = "MakesDnsRecords"
# The hosted zone of all distributions.
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


def dns_records() -> dict[str, Value]:
    """Return an alias to the distribution for each version of the internet protocol by name."""
    return {f"WebRecord{kind}": _alias(kind) for kind in ("A", "AAAA")}


def _alias(kind: str) -> Value:
    return {
        "Type": "AWS::Route53::RecordSet",
        "Condition": MAKES_RECORDS,
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "HostedZoneId": ref("HostedZoneId"),
            "Name": ref("WebDomainName"),
            "Type": kind,
            "AliasTarget": {"DNSName": attribute(DISTRIBUTION, "DomainName"), "HostedZoneId": CLOUDFRONT_ZONE},
        },
    }
