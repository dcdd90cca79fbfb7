"""The expected mails to the operator, and the sender of the mails to members."""

from typing import Any

Template = dict[str, Any]

# The sender, empty without mails.
SENDER = {"Fn::If": ["MailFromIsGiven", {"Ref": "MailFrom"}, {"Ref": "AlarmEmail"}]}
MAIL_FROM = {"Fn::If": ["SendsMails", SENDER, ""]}


def _warning(kind: str, percent: int) -> Template:
    return {
        "Notification": {
            "NotificationType": kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        },
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": {"Ref": "AlarmEmail"}}],
    }


MAILS: Template = {
    # Without a policy of its own, so that the alarms of the account may publish.
    "Resources.AlarmTopic.Type": "AWS::SNS::Topic",
    "Resources.AlarmTopic.Properties": {},
    "Resources.AlarmSubscription.Properties": {
        "TopicArn": {"Ref": "AlarmTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AlarmEmail"},
    },
    "Conditions.HasBudget": {"Fn::Not": [{"Fn::Equals": [{"Ref": "MonthlyBudget"}, 0]}]},
    "Resources.Budget.Condition": "HasBudget",
    "Resources.Budget.Properties": {
        "Budget": {
            "BudgetName": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"},
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": {"Ref": "MonthlyBudget"}, "Unit": "USD"},
        },
        "NotificationsWithSubscribers": [_warning("ACTUAL", 80), _warning("FORECASTED", 100)],
    },
    "Conditions.SendsMails": {"Fn::Not": [{"Fn::Equals": [{"Ref": "MailFrom"}, "off"]}]},
    "Conditions.MakesMailIdentity": {
        "Fn::And": [
            {"Condition": "SendsMails"},
            {"Fn::Equals": [{"Ref": "MailIdentity"}, "on"]},
            # An unconfirmed address would keep a confirmed domain from sending for it.
            {"Fn::Not": [{"Condition": "MakesMailDomain"}]},
        ]
    },
    "Conditions.MakesMailDomain": {
        "Fn::And": [{"Condition": "SendsMails"}, {"Fn::Not": [{"Fn::Equals": [{"Ref": "MailDomain"}, ""]}]}]
    },
    "Rules.MailDomainHasAZone": {
        "RuleCondition": {"Fn::Not": [{"Fn::Equals": [{"Ref": "MailDomain"}, ""]}]},
        "Assertions": [
            {
                "Assert": {
                    "Fn::And": [
                        {"Fn::Not": [{"Fn::Equals": [{"Ref": "MailFrom"}, ""]}]},
                        {"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedZoneId"}, ""]}]},
                    ]
                },
                "AssertDescription": "A MailDomain needs a MailFrom and the HostedZoneId of its zone.",
            }
        ],
    },
    "Resources.MailDomainIdentity.Condition": "MakesMailDomain",
    "Resources.MailDomainIdentity.Properties": {
        "EmailIdentity": {"Ref": "MailDomain"},
        "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
    },
    **{f"Resources.MailRecord{number}.Condition": "MakesMailDomain" for number in (1, 2, 3)},
    **{
        f"Resources.MailRecord{number}.Properties": {
            "HostedZoneId": {"Ref": "HostedZoneId"},
            "Name": {"Fn::GetAtt": ["MailDomainIdentity", f"DkimDNSTokenName{number}"]},
            "Type": "CNAME",
            "TTL": "1800",
            "ResourceRecords": [{"Fn::GetAtt": ["MailDomainIdentity", f"DkimDNSTokenValue{number}"]}],
        }
        for number in (1, 2, 3)
    },
    "Resources.MailSender.Condition": "MakesMailIdentity",
    "Resources.MailSender.Properties": {"EmailIdentity": SENDER},
    "Resources.APIHandler.Properties.Environment.Variables.LOCKSTEP_MAIL_FROM": MAIL_FROM,
}
