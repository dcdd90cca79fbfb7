"""The parameters of the table, the gateways, the operator's mails and the web app, which no function reads."""

from infra.cloudformation.parameter import MAIL_ADDRESS, URL, Parameter

# The retention periods of CloudWatch Logs, up to two years.
DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)

STACK_PARAMETERS = {
    "TableName": Parameter(
        "An existing table, such as a restored one; empty for the stack's own.",
        default="",
        pattern=r"([A-Za-z0-9_.-]{3,255})?",
    ),
    "TableStreamLabel": Parameter(
        "The label of that table's stream; needed with a TableName.", default="", pattern=r"([0-9T:.-]+)?"
    ),
    "BackupCopyArn": Parameter(
        "The backup vault in another region or account that gets a daily copy of the table; empty for none.",
        default="",
        pattern=r"(arn:\S+:backup:\S+:backup-vault:\S+)?",
    ),
    "BackupDays": Parameter(
        "The days for which these daily backups are kept, at most a year.", default=35, least=1, most=365
    ),
    "LedgerCopyArn": Parameter(
        "The versioned bucket in another region or account that gets each entry of the ledger; empty for none.",
        default="",
        pattern=r"(arn:\S+:s3:::[a-z0-9.-]+)?",
    ),
    # DynamoDB's values of a new table, which cost nothing. They can only be raised.
    "WarmReads": Parameter("The table's warm throughput in read units a second.", default=12_000, least=12_000),
    "WarmWrites": Parameter("The table's warm throughput in write units a second.", default=4_000, least=4_000),
    "StreamEnabled": Parameter(
        "true to deliver the table's stream; with false only the schedules match.",
        default="true",
        pattern="true|false",
    ),
    "RequestsPerSecond": Parameter("The gateway's limit in requests a second.", default=500, least=1),
    "RequestBurst": Parameter("The gateway's limit for a burst of requests.", default=1_000, least=1),
    "LogDays": Parameter("Days of log retention; one of the values of CloudWatch Logs.", default=30, choices=DAYS),
    "GatewayLogs": Parameter(
        "true to set the role for API Gateway's logs, one per account and region.",
        default="true",
        pattern="true|false",
    ),
    "AlarmEmail": Parameter(
        "The e-mail address that gets the alarms and the warnings of the budget; its owner confirms it once.",
        pattern=MAIL_ADDRESS,
    ),
    "AlarmTopicArn": Parameter(
        "A further SNS topic for alarms; empty for none.", default="", pattern=r"(arn:\S+:sns:\S+)?"
    ),
    "MonthlyBudget": Parameter(
        "US dollars a month of the whole account, with a mail at 80 percent and at a forecast above it; 0 for none.",
        # Its mails come for no ordinary month of 2,000 members (docs/costs.md).
        default=50,
        least=0,
    ),
    "WebApp": Parameter(
        "on to serve the web app with the API at one address; off for a frontend of your own.",
        default="on",
        choices=("on", "off"),
    ),
    "WebDomainName": Parameter(
        "A custom domain name of the web app and the API with it; empty for the distribution's own.",
        default="",
        pattern=r"([a-z0-9.-]+)?",
    ),
    "WebCertificateArn": Parameter(
        "The certificate of that name, in us-east-1; needed with a WebDomainName without a HostedZoneId.",
        default="",
        pattern=r"(arn:\S+:acm:us-east-1:\S+)?",
    ),
    "HostedZoneId": Parameter(
        "The hosted zone of WebDomainName and MailDomain in Route 53, for their records; empty for DNS elsewhere.",
        default="",
        pattern="[A-Z0-9]{0,32}",
    ),
    "Firewall": Parameter(
        "on for web firewalls that limit the requests of each address.", default="on", choices=("on", "off")
    ),
    "FirewallRate": Parameter(
        "The requests of one address in 5 minutes above which the firewalls refuse it.",
        default=2_000,
        least=10,
        most=2_000_000_000,
    ),
    "WebFirewallArn": Parameter(
        "The firewall of the distribution, in us-east-1. The deployment sets it; leave it out.",
        default="",
        pattern=r"(arn:\S+:wafv2:us-east-1:\S+)?",
    ),
    "EdgeKey": Parameter(
        "The secret by which the API's firewall knows the distribution: at least 32 random characters.",
        pattern=r"\S{32,}",
        secret=True,
    ),
    "WebPriceClass": Parameter(
        "The edge locations of the web app: PriceClass_100 has those of Europe and North America.",
        default="PriceClass_100",
        choices=("PriceClass_100", "PriceClass_200", "PriceClass_All"),
    ),
    "WebUrl": Parameter(
        "The distribution's own address. The deployment sets it; leave it out.", default="", pattern=rf"({URL})?"
    ),
    "DomainName": Parameter("A custom domain name of the API; empty for none.", default="", pattern=r"([a-z0-9.-]+)?"),
    "CertificateArn": Parameter(
        "The certificate of the custom domain, in the stack's region.", default="", pattern=r"(arn:\S+:acm:\S+)?"
    ),
}
