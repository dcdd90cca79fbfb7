"""The functions of CloudFormation, and the names that Chalice gives its resources."""

from typing import Any

Value = Any

API = "RestAPI"
LIVE_API = "WebsocketAPI"
# The stage of both APIs, of which .chalice/config.json has the name.
STAGE = "api"
API_FUNCTION = "APIHandler"
# The functions of app.py, by the name of their resource.
FUNCTIONS = {
    API_FUNCTION: "api",
    "Rematch": "rematch",
    "Events": "events",
    "DeliverEmail": "deliver_email",
    "DeliverPush": "deliver_push",
    "DeliverWebhook": "deliver_webhook",
    "DeliverLive": "deliver_live",
    "MailFeedback": "mail_feedback",
    "WebsocketConnect": "websocket_connect",
    "WebsocketMessage": "websocket_message",
    "WebsocketDisconnect": "websocket_disconnect",
    "Finalize": "finalize",
    "Sweep": "sweep",
    "Audit": "audit",
}


def ref(name: str) -> Value:
    """Return a reference to a parameter's value, or to a resource's own name."""
    return {"Ref": name}


def attribute(resource: str, name: str) -> Value:
    """Return a reference to an attribute of a resource."""
    return {"Fn::GetAtt": [resource, name]}


def sub(text: str) -> Value:
    """Return the text in which CloudFormation replaces every `${...}`."""
    return {"Fn::Sub": text}


def when(condition: str, then: Value, otherwise: Value) -> Value:
    """Return one value where a condition holds, and another where it does not."""
    return {"Fn::If": [condition, then, otherwise]}


NOTHING: Value = ref("AWS::NoValue")
# A name that no other stack has. One that is deployed again under the name of a deleted stack is another stack.
UNIQUE_NAME: Value = {
    "Fn::Sub": ["lockstep-${id}", {"id": {"Fn::Select": [2, {"Fn::Split": ["/", ref("AWS::StackId")]}]}}]
}
