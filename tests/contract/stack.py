"""The stack on this machine, called over HTTP as any deployment is."""

import json

from infra.local.clock import real_time
from infra.local.events.sources import schedule_event
from infra.local_stack.stack import Rehearsal
from tests.contract.client import Client, Service


class DeployedService(Service):
    """Lockstep behind the gateway of a stack; members sign in through its user pool."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__(rehearsal.url, rehearsal.outputs["InviteUrlBase"])
        self.rehearsal = rehearsal

    def sign_in(self, name: str) -> Client:
        """A new member whose name, after that one, is a canary."""
        name = self.canary(name)
        token = self.rehearsal.members.sign_in(name)
        answer = self.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 200, answer
        return Client(self, name, answer.json["user"]["userId"], token)

    def output(self) -> str:
        """All lines of all groups of the log, and what lies in the failure queue."""
        logs, queues = (self.rehearsal.session.client(service) for service in ("logs", "sqs"))
        groups = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
        pages = [logs.get_paginator("filter_log_events").paginate(logGroupName=group) for group in groups]
        said = [event["message"] for found in pages for page in found for event in page["events"]]
        queue = self.rehearsal.resource("Failures")
        return "\n".join([*said, json.dumps(queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10))])

    def tick(self) -> None:
        """Run the scheduled jobs."""
        for function in ("Finalize", "Sweep"):
            self.rehearsal.invoke(function, schedule_event(function.lower(), real_time()))
