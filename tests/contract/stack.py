"""The stack on this machine, called over HTTP like any deployment."""

import json

from infra.local.clock import real_time
from infra.local.events.sources import schedule_event
from infra.local_stack.stack import Rehearsal
from tests.contract.client import Client, Service


class DeployedService(Service):
    """The API behind the gateway of a stack. Members sign in through its user pool."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__(rehearsal.url, rehearsal.outputs["InviteUrlBase"])
        self.rehearsal = rehearsal

    def sign_in(self, name: str) -> Client:
        """Create and return a member whose name is `name` with a canary."""
        name = self.canary(name)
        token = self.rehearsal.members.sign_in(name)
        response = self.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert response.status == 200, response
        return Client(self, name, response.json["user"]["userId"], token)

    def output(self) -> str:
        """Return the lines of all log groups and the messages of the failure queue."""
        logs, queues = (self.rehearsal.session.client(service) for service in ("logs", "sqs"))
        groups = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
        pages = [logs.get_paginator("filter_log_events").paginate(logGroupName=group) for group in groups]
        lines = [event["message"] for found in pages for page in found for event in page["events"]]
        queue = self.rehearsal.resource("Failures")
        return "\n".join([*lines, json.dumps(queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10))])

    def tick(self) -> None:
        """Run the scheduled jobs."""
        for function in ("Finalize", "Sweep"):
            self.rehearsal.invoke(function, schedule_event(function.lower(), real_time()))
