"""The DNS records of the web app and of the sender of mails, in a hosted zone of the account."""

from infra.cloudformation.intrinsic import Value, attribute, ref
from infra.cloudformation.web_app import DISTRIBUTION

MAKES_RECORDS, MAKES_MAIL_DOMAIN = "MakesDnsRecords", "MakesMailDomain"
MAIL_DOMAIN = "MailDomainIdentity"
# SES signs mails by DKIM with three keys, each of which has a record.
DKIM_KEYS = (1, 2, 3)
DKIM_TTL = 1800
# The hosted zone of all distributions.
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


def dns_records() -> dict[str, Value]:
    """Return the records by name, and the SES identity of the domain of mails, which they verify.

    The distribution has an alias for each version of the internet protocol.
    """
    key_length = {"NextSigningKeyLength": "RSA_2048_BIT"}
    identity = {"EmailIdentity": ref("MailDomain"), "DkimSigningAttributes": key_length}
    return {
        **{f"WebRecord{kind}": _record(MAKES_RECORDS, _alias(kind)) for kind in ("A", "AAAA")},
        MAIL_DOMAIN: _resource("AWS::SES::EmailIdentity", MAKES_MAIL_DOMAIN, identity),
        **{f"MailRecord{number}": _record(MAKES_MAIL_DOMAIN, _dkim_key(number)) for number in DKIM_KEYS},
    }


def _alias(kind: str) -> Value:
    target = {"DNSName": attribute(DISTRIBUTION, "DomainName"), "HostedZoneId": CLOUDFRONT_ZONE}
    return {"Name": ref("WebDomainName"), "Type": kind, "AliasTarget": target}


def _dkim_key(number: int) -> Value:
    name, value = (attribute(MAIL_DOMAIN, f"DkimDNSToken{part}{number}") for part in ("Name", "Value"))
    return {"Name": name, "Type": "CNAME", "TTL": str(DKIM_TTL), "ResourceRecords": [value]}


def _record(condition: str, properties: Value) -> Value:
    return _resource("AWS::Route53::RecordSet", condition, {"HostedZoneId": ref("HostedZoneId"), **properties})


def _resource(kind: str, condition: str, properties: Value) -> Value:
    return {
        "Type": kind,
        "Condition": condition,
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": properties,
    }
