"""List prices of AWS in us-east-1, on demand, in US dollars. Compare them with the named pages before you rely on them.

A tier begins at a quantity of one month. A first tier without a price is what AWS gives each account for good. What it
gives new accounts for a year is left out.
"""

from itertools import pairwise

from msgspec import Struct

AS_OF = "29 November 2026"
MILLION = 1e6


class Price(Struct, frozen=True):
    """The price of a unit, by the month's quantity.

    `tiers` has the first unit of each tier with the dollars for each unit from there on. `page` is AWS's page of the
    price.
    """

    unit: str
    page: str
    tiers: tuple[tuple[float, float], ...]

    def dollars(self, quantity: float) -> float:
        """Return the price of a month's quantity."""
        ends = [*(first for first, _ in self.tiers), float("inf")]
        parts = zip(pairwise(ends), self.tiers, strict=True)
        return sum(each * max(0.0, min(quantity, end) - first) for (first, end), (_, each) in parts)


def _price(unit: str, page: str, dollars: float, per: float = 1, free: float = 0) -> Price:
    tiers = ((0.0, dollars / per),) if not free else ((0.0, 0.0), (free, dollars / per))
    return Price(unit, page, tiers)


def _tiers(unit: str, page: str, *millions: tuple[float, float]) -> Price:
    """Return a price by tiers of millions of units, in dollars for each million."""
    return Price(unit, page, tuple((first * MILLION, dollars / MILLION) for first, dollars in millions))


PRICES = {
    "write units": _price("write request unit", "Amazon DynamoDB on-demand pricing", 0.625, MILLION),
    "read units": _price("read request unit", "Amazon DynamoDB on-demand pricing", 0.125, MILLION),
    "storage": _price("GB-month", "Amazon DynamoDB on-demand pricing", 0.25, free=25),
    "recovery": _price("GB-month", "Amazon DynamoDB on-demand pricing", 0.20),
    "backups": _price("GB-month of a backup", "AWS Backup pricing, Amazon DynamoDB", 0.10),
    "copied bytes": _price("GB to another region", "AWS Backup pricing, Amazon DynamoDB", 0.02),
    "requests": _tiers("request", "Amazon API Gateway pricing", (0, 3.50), (333, 2.80), (1000, 2.38)),
    "messages": _tiers("message of 32 KB", "Amazon API Gateway pricing", (0, 1.00), (1000, 0.80)),
    "minutes": _price("connection minute", "Amazon API Gateway pricing", 0.25, MILLION),
    "runs": _price("request", "AWS Lambda pricing", 0.20, MILLION, free=MILLION),
    "work": _price("GB-second on arm64", "AWS Lambda pricing", 0.0000133334, free=400_000),
    "snapshots": _price("GB-second of a SnapStart snapshot", "AWS Lambda pricing", 0.0000015046),
    "restored snapshots": _price("GB of a SnapStart snapshot", "AWS Lambda pricing", 0.0001397998),
    "log bytes": _price("GB", "Amazon CloudWatch pricing", 0.50, free=5),
    "log storage": _price("GB-month", "Amazon CloudWatch pricing", 0.03, free=5),
    "metrics": _price("metric", "Amazon CloudWatch pricing", 0.30, free=10),
    "alarms": _price("alarm", "Amazon CloudWatch pricing", 0.10, free=10),
    "dashboards": _price("dashboard", "Amazon CloudWatch pricing", 3.00, free=3),
    "queue requests": _price("request", "Amazon SQS pricing", 0.50, MILLION, free=MILLION),
    "bus events": _price("event", "Amazon EventBridge pricing", 1.00, MILLION),
    "mails": _price("mail", "Amazon SES pricing", 0.10, 1000),
    "members": _price("monthly active user", "Amazon Cognito pricing, Essentials", 0.015, free=10_000),
    "edge requests": _price("request", "Amazon CloudFront pricing", 1.00, MILLION, free=10 * MILLION),
    "edge runs": _price("function call", "Amazon CloudFront pricing", 0.10, MILLION, free=2 * MILLION),
    "edge bytes": _price("GB", "Amazon CloudFront pricing", 0.085, free=1024),
    "file storage": _price("GB-month", "Amazon S3 pricing", 0.023),
    "file writes": _price("PUT request", "Amazon S3 pricing", 0.005, 1000),
    "access lists": _price("web ACL", "AWS WAF pricing", 5.00),
    "firewall rules": _price("rule", "AWS WAF pricing", 1.00),
    "inspected requests": _price("request", "AWS WAF pricing", 0.60, MILLION),
    "zones": _price("hosted zone", "Amazon Route 53 pricing", 0.50),
}
