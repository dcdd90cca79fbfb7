"""`python -m infra.redrive` gives the messages of a failure queue to their function once more, oldest first.

A message that the function handles leaves the queue. Exits with 0 if all did, and with 1 if some remain.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import botocore.session
from botocore.client import BaseClient

from infra.cloudformation.channels import FEEDBACK_FAILURES, UNANNOUNCED

# The function that handles the messages of a queue, which are its events.
REDRIVEN = {UNANNOUNCED: "Events", FEEDBACK_FAILURES: "MailFeedback"}
# The time for the whole redrive, after which the queue shows the remaining messages again.
HIDDEN_SECONDS = 3600

# Calls the function with an event in JSON and returns its response.
Invoke = Callable[[str], Any]


class Redrive(NamedTuple):
    """The numbers of messages that a redrive handled and left."""

    handled: int
    left: int


def main(arguments: Sequence[str]) -> int:
    """Redrive a queue of a stack and return the exit status."""
    options = _options(arguments)
    session = botocore.session.get_session()
    stacks, sqs, functions = (
        session.create_client(name, region_name=options.region) for name in ("cloudformation", "sqs", "lambda")
    )

    def name_of(resource: str) -> str:
        found = stacks.describe_stack_resource(StackName=options.stack, LogicalResourceId=resource)
        name: str = found["StackResourceDetail"]["PhysicalResourceId"]
        return name

    function = name_of(REDRIVEN[options.queue])
    done = redrive(sqs, name_of(options.queue), lambda event: invoke(functions, function, event))
    print(f"{options.queue}: {done.handled} messages handled, {done.left} left")
    return 1 if done.left else 0


def redrive(sqs: BaseClient, url: str, call: Invoke) -> Redrive:
    """Give each message of a queue to the function, and delete those that it handles.

    A record that fails for good again is a new message, which this redrive does not touch.
    """
    messages = sorted(_received(sqs, url), key=lambda message: int(message["Attributes"]["SentTimestamp"]))
    left = []
    for message in messages:
        if is_handled(call(message["Body"])):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        else:
            left.append(message)
    for message in left:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return Redrive(len(messages) - len(left), len(left))


def invoke(functions: BaseClient, function: str, event: str) -> Any:
    """Call a function with an event in JSON. Return its response, `FunctionError` if it failed."""
    response = functions.invoke(FunctionName=function, Payload=event.encode())
    return (
        {"FunctionError": response["FunctionError"]} if "FunctionError" in response else json.load(response["Payload"])
    )


def is_handled(response: Any) -> bool:
    """Return True if the response of a function reports no failure."""
    return not (response or {}).get("FunctionError") and not (response or {}).get("batchItemFailures")


def _received(sqs: BaseClient, url: str) -> list[dict[str, Any]]:
    """Receive all messages of a queue. It shows them again after an hour."""
    found: list[dict[str, Any]] = []
    while True:
        response = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            VisibilityTimeout=HIDDEN_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        if not response.get("Messages"):
            return found
        found += response["Messages"]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.redrive", description=__doc__)
    parser.add_argument("--stack", required=True, help="such as lockstep-prod")
    parser.add_argument("--queue", required=True, choices=sorted(REDRIVEN))
    parser.add_argument("--region", default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
