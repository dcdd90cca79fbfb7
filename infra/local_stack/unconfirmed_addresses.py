"""The e-mail addresses of a stack in the embedded engine, which their owners have to confirm as in AWS.

The engine takes them as confirmed. This module changes the subscriptions and the senders that its CloudFormation makes,
with private names of the engine.
"""

from typing import Any

Properties = dict[str, Any]
Made = tuple[str, dict[str, str]]


def install() -> None:
    """Replace how the engine's CloudFormation makes subscriptions and senders."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import ses_v2, sns
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS
    subscribe, identify = (handlers[kind]["create"] for kind in ("AWS::SNS::Subscription", "AWS::SES::EmailIdentity"))

    def subscribed(logical_id: str, properties: Properties, stack: str) -> Made:
        made: Made = subscribe(logical_id, properties, stack)
        topic = sns._topics[properties["TopicArn"]]
        for each in topic["subscriptions"]:
            if each["arn"] == made[0] and each["protocol"] == "email":
                each["confirmed"] = False
        sns._refresh_subscription_counts(topic)
        return made

    def identified(logical_id: str, properties: Properties, stack: str) -> Made:
        made: Made = identify(logical_id, properties, stack)
        ses_v2._identities[made[0]]["VerifiedForSendingStatus"] = False
        return made

    handlers["AWS::SNS::Subscription"]["create"] = subscribed
    handlers["AWS::SES::EmailIdentity"]["create"] = identified
