"""A stack of CloudFormation, changed by change sets that are shown before they are executed."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError, WaiterError

from infra.deploy.settings import CannotDeployError

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
WAITING = {"Delay": 2, "MaxAttempts": 900}
# The beginnings of CloudFormation's reasons for an empty change set.
NO_CHANGE = ("didn't contain changes", "No updates are")

Say = Callable[[str], None]
Changes = list[dict[str, Any]]


@dataclass(frozen=True)
class CloudStack:
    """A stack by its name. `client` is that of CloudFormation, and `say` prints a line for the operator."""

    name: str
    client: BaseClient
    say: Say

    def parameters(self) -> dict[str, str] | None:
        """Return the parameters of the stack, None without a stack."""
        found = self._described()
        return None if found is None else _pairs(found.get("Parameters", []), "Parameter")

    def outputs(self) -> dict[str, str]:
        """Return the outputs of the stack, none without a stack."""
        return _pairs((self._described() or {}).get("Outputs", []), "Output")

    def change(self, template: Mapping[str, str], parameters: Iterable[Mapping[str, Any]]) -> Changes:
        """Print the changes of a template or its address, execute them and return them. Raises CannotDeployError."""
        new = self._described() is None
        deployment = f"deploy-{uuid.uuid4().hex}"
        change = {"StackName": self.name, "ChangeSetName": deployment}
        # The client repeats a request whose response is lost. AWS knows it by its token, and the embedded engine by the
        # name, which no other change has.
        with suppress(self.client.exceptions.AlreadyExistsException):
            self.client.create_change_set(
                **change,
                ChangeSetType="CREATE" if new else "UPDATE",
                ClientToken=deployment,
                Parameters=list(parameters),
                Capabilities=CAPABILITIES,
                **template,
            )
        changes = self._show(change)
        if changes:
            self.client.execute_change_set(**change, ClientRequestToken=deployment)
            self._wait("stack_create_complete" if new else "stack_update_complete", deployment)
        return changes

    def delete(self) -> None:
        """Delete the stack. Raises CannotDeployError."""
        destruction = f"destroy-{uuid.uuid4().hex}"
        self.client.delete_stack(StackName=self.name, ClientRequestToken=destruction)
        self._wait("stack_delete_complete", destruction)
        self.say(f"{self.name} is deleted.")

    def resources(self) -> dict[str, str]:
        """Return the physical name of each resource by that of the template, none without a stack."""
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        try:
            found = [each for page in pages for each in page["StackResourceSummaries"]]
        except ClientError as error:
            if is_missing_stack(error):
                return {}
            raise
        return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found if "PhysicalResourceId" in each}

    def _described(self) -> dict[str, Any] | None:
        """Return the description of the stack, None without a stack."""
        try:
            (found,) = self.client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if is_missing_stack(error):
                return None
            raise
        # The stack has a change set that was never executed, and nothing else.
        return None if found["StackStatus"] == "REVIEW_IN_PROGRESS" else found

    def _show(self, change: Mapping[str, str]) -> Changes:
        """Print the changes of a change set and return them. Raises CannotDeployError."""
        try:
            self.client.get_waiter("change_set_create_complete").wait(**change, WaiterConfig=WAITING)
        except WaiterError as error:
            reason = error.last_response.get("StatusReason", "")
            self.client.delete_change_set(**change)
            if any(words in reason for words in NO_CHANGE):
                self.say(f"{self.name}: nothing to change.")
                return []
            raise CannotDeployError(f"{self.name}: {reason}") from None
        pages = self.client.get_paginator("describe_change_set").paginate(**change)
        changes = [each["ResourceChange"] for page in pages for each in page["Changes"]]
        self.say(f"{self.name} changes:")
        for each in changes:
            replaced = " (replaced)" if each.get("Replacement") == "True" else ""
            self.say(f"  {each['Action']:8}{each['ResourceType']:40}{each['LogicalResourceId']}{replaced}")
        return changes

    def _wait(self, state: str, token: str) -> None:
        """Wait until the operation with this token is complete. Raises CannotDeployError with the reasons."""
        try:
            self.client.get_waiter(state).wait(StackName=self.name, WaiterConfig=WAITING)
        except WaiterError:
            pages = self.client.get_paginator("describe_stack_events").paginate(StackName=self.name)
            failed = [
                f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
                for page in pages
                for event in page["StackEvents"]
                # The list includes the events of earlier deployments.
                if event.get("ClientRequestToken") == token and event["ResourceStatus"].endswith("_FAILED")
            ]
            # The events are newest first. The first failure caused the others, so it comes first here.
            raise CannotDeployError("\n".join([f"{self.name} failed:", *reversed(failed)])) from None


def is_missing_stack(error: ClientError) -> bool:
    """Return whether the error means that there is no such stack. CloudFormation has no error code for that."""
    details = error.response["Error"]
    return details["Code"] == "ValidationError" and "does not exist" in details["Message"]


def _pairs(described: Iterable[Mapping[str, str]], kind: str) -> dict[str, str]:
    return {each[f"{kind}Key"]: each.get(f"{kind}Value", "") for each in described}
