"""The rights of some requests in the embedded engine, as AWS requires them.

The engine requires a right of its own for a batch of messages, and a right on every resource for a mail. It has no TLS,
so a policy that refuses requests without it would refuse all. This module replaces the three with private names of the
engine.
"""

import json
from typing import Any

BATCH = "Batch"
OUTBOUND_MAILS = "/v2/email/outbound-emails"


def install() -> None:
    """Replace the engine's names of these rights and resources."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.core import iam_actions, iam_evaluator

    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def action(service: str, *request: Any) -> str | None:
        # The right to send a message is the right to send a batch of them.
        found = action_of(service, *request)
        return found.removesuffix(BATCH) if service == "sqs" and found else found

    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *request: Any) -> str:
        found: str = resource_of(service, method, path, headers, body, *request)
        if service != "ses" or path != OUTBOUND_MAILS:
            return found
        _query, region, account = request
        return f"arn:aws:ses:{region}:{account}:identity/{_domain_of_sender(body)}"

    iam_actions.extract_iam_action, iam_actions.extract_resource_arn = action, resource
    value_of = iam_evaluator._resolve_condition_key

    def value(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else value_of(key, context)

    iam_evaluator._resolve_condition_key = value


def _domain_of_sender(body: bytes) -> str:
    sender: str = json.loads(body)["FromEmailAddress"]
    return sender.rpartition("@")[2].removesuffix(">")
