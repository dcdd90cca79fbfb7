"""The topic of the alarms, whose e-mails the operator gets, and the budget."""

from infra.cloudformation.intrinsic import NOTHING, Value, ref, sub, when

TOPIC = "AlarmTopic"
HAS_BUDGET = "HasBudget"
# The budget sends a mail above this percentage of its amount, and if a forecast for the month is above all of it.
SPENT_PERCENT, FORECAST_PERCENT = 80, 100

# A second topic is for a deployment whose alarms also go elsewhere.
ALARM_TOPICS: Value = [ref(TOPIC), when("AlarmTopicArnIsGiven", ref("AlarmTopicArn"), NOTHING)]


def alarm_mails() -> dict[str, Value]:
    """Return the topic with its subscriber, and the budget of the account, by name."""
    return {
        TOPIC: _resource("AWS::SNS::Topic", {}),
        "AlarmSubscription": _resource(
            "AWS::SNS::Subscription", {"TopicArn": ref(TOPIC), "Protocol": "email", "Endpoint": ref("AlarmEmail")}
        ),
        "Budget": {**_resource("AWS::Budgets::Budget", _budget()), "Condition": HAS_BUDGET},
    }


def _resource(kind: str, properties: Value) -> Value:
    return {"Type": kind, "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Properties": properties}


def _budget() -> Value:
    return {
        "Budget": {
            # Budgets have no region, so that the name of the stack alone is not unique.
            "BudgetName": sub("${AWS::StackName}-${AWS::Region}"),
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": ref("MonthlyBudget"), "Unit": "USD"},
        },
        "NotificationsWithSubscribers": [
            _notification("ACTUAL", SPENT_PERCENT),
            _notification("FORECASTED", FORECAST_PERCENT),
        ],
    }


def _notification(kind: str, percent: int) -> Value:
    return {
        "Notification": {
            "NotificationType": kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        },
        # These mails need no confirmed subscription.
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": ref("AlarmEmail")}],
    }
