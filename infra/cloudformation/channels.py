"""The queues of the channels with their failure queues, the event bus, and the feedback of mails."""

from chalicelib.domain.model.notices import Channel
from chalicelib.event_sources import QUEUE_SOURCES
from infra.cloudformation.intrinsic import LIVE_API, STAGE, Value, attribute, ref, sub, when

BUS = "Bus"
EVENTS_FAILURES = "EventsFailures"
# The queue of the records whose events could not be announced, whole.
UNANNOUNCED = "UnannouncedRecords"
# The queue of the bounces and complaints that could not be handled.
FEEDBACK_FAILURES = "MailFeedbackFailures"
# The failure queue of each function that reads the table's stream.
DISCARDED = {"Rematch": "Failures", "Events": EVENTS_FAILURES}
# The channel whose queue each function reads.
DELIVERS = {f"Deliver{channel.value.title()}": channel for channel in QUEUE_SOURCES}
MAIL_CONFIGURATION = "MailConfiguration"
FEEDBACK = "MailFeedbackTopic"

_LIVE_HOST = f"${{{LIVE_API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{STAGE}"

KEPT_SECONDS = 4 * 24 * 3600
FAILURES_KEPT_SECONDS = 14 * 24 * 3600

_SES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
# The sender of mails, empty for a stack that sends none.
_SENDER = when("MailFromIsGiven", ref("MailFrom"), ref("AlarmEmail"))
MAIL_FROM: Value = when("SendsMails", _SENDER, "")
# The suffix gives an empty sender a second part, too.
_DOMAIN = {"Fn::Select": [1, {"Fn::Split": ["@", {"Fn::Sub": ["${sender}@none", {"sender": MAIL_FROM}]}]}]}
# The identity of a sender is its address or its domain.
MAIL_SENDERS: tuple[Value, ...] = (
    {"Fn::Sub": [f"{_SES}:identity/${{sender}}", {"sender": MAIL_FROM}]},
    {"Fn::Sub": [f"{_SES}:identity/${{domain}}", {"domain": _DOMAIN}]},
    sub(f"{_SES}:configuration-set/${{{MAIL_CONFIGURATION}}}"),
)


def queue_of(channel: Channel) -> str:
    """Return the name of a channel's queue."""
    return f"{channel.value.title()}Queue"


def failures_of(channel: Channel) -> str:
    """Return the name of the failure queue of a channel."""
    return f"{channel.value.title()}Failures"


def channels() -> dict[str, Value]:
    """Return the queues, the bus and the feedback of mails by name."""
    queues: dict[str, Value] = {
        failures: _queue(MessageRetentionPeriod=FAILURES_KEPT_SECONDS)
        for failures in (EVENTS_FAILURES, UNANNOUNCED, FEEDBACK_FAILURES)
    }
    for channel, source in QUEUE_SOURCES.items():
        fifo = {"FifoQueue": True} if source.ordered else {}
        # The order and the repeated messages of one member delay no other.
        groups = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"} if fifo else {}
        failures = failures_of(channel)
        queues[failures] = _queue(**fifo, MessageRetentionPeriod=FAILURES_KEPT_SECONDS)
        queues[queue_of(channel)] = _queue(
            **fifo,
            **groups,
            MessageRetentionPeriod=KEPT_SECONDS,
            VisibilityTimeout=source.visibility_seconds,
            RedrivePolicy={"deadLetterTargetArn": attribute(failures, "Arn"), "maxReceiveCount": source.receives},
        )
    bus = _resource("AWS::Events::EventBus", {"Name": ref("AWS::StackName")})
    # Its owner confirms an address by the link in a mail of AWS.
    sender = {**_resource("AWS::SES::EmailIdentity", {"EmailIdentity": _SENDER}), "Condition": "MakesMailIdentity"}
    return {**queues, BUS: bus, "MailSender": sender, **_feedback()}


def channel_environment() -> dict[str, Value]:
    """Return the variables of every function that name these resources."""
    return {
        **{f"LOCKSTEP_{channel.name}_QUEUE": ref(queue_of(channel)) for channel in QUEUE_SOURCES},
        "LOCKSTEP_UNANNOUNCED_QUEUE": ref(UNANNOUNCED),
        "LOCKSTEP_BUS": ref(BUS),
        "LOCKSTEP_MAIL_CONFIGURATION": ref(MAIL_CONFIGURATION),
        # Mails are sent by SES in the region of the stack.
        "LOCKSTEP_MAIL_ENDPOINT": "",
        "LOCKSTEP_LIVE_URL": sub(f"wss://{_LIVE_HOST}"),
        "LOCKSTEP_LIVE_ENDPOINT": sub(f"https://{_LIVE_HOST}"),
    }


def _queue(**properties: Value) -> Value:
    return _resource("AWS::SQS::Queue", {**properties, "SqsManagedSseEnabled": True})


def _resource(kind: str, properties: Value) -> Value:
    return {"Type": kind, "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Properties": properties}


def _feedback() -> dict[str, Value]:
    """Return the configuration of mails and the topic with the bounces and complaints of their recipients."""
    own_mails = {"StringEquals": {"AWS:SourceAccount": ref("AWS::AccountId")}}
    publish = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": ref(FEEDBACK),
        "Condition": own_mails,
    }
    destination = {
        "Name": "feedback",
        "Enabled": True,
        "MatchingEventTypes": ["bounce", "complaint"],
        "SnsDestination": {"TopicARN": ref(FEEDBACK)},
    }
    configuration = {
        "Name": ref("AWS::StackName"),
        # A mail whose connection is not encrypted is not sent.
        "DeliveryOptions": {"TlsPolicy": "REQUIRE"},
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    }
    return {
        MAIL_CONFIGURATION: _resource("AWS::SES::ConfigurationSet", configuration),
        FEEDBACK: _resource("AWS::SNS::Topic", {}),
        f"{FEEDBACK}Policy": _resource(
            "AWS::SNS::TopicPolicy",
            {"Topics": [ref(FEEDBACK)], "PolicyDocument": {"Version": "2012-10-17", "Statement": [publish]}},
        ),
        f"{FEEDBACK}Destination": _resource(
            "AWS::SES::ConfigurationSetEventDestination",
            {"ConfigurationSetName": ref(MAIL_CONFIGURATION), "EventDestination": destination},
        ),
    }
