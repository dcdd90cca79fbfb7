"""The stack of a stage: what a change would do, doing it, and taking the stack away."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from boto3.session import Session
from botocore.client import BaseClient
from botocore.exceptions import ClientError, WaiterError

from infra.cloudformation.table import TABLE
from infra.deploy.settings import CannotDeployError, parameters

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
WAITING = {"Delay": 2, "MaxAttempts": 900}
NO_CHANGE = ("didn't contain changes", "No updates are to be performed")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """The stack of a stage; `say` is told what an operator wants to see."""

    stage: str
    session: Session
    say: Say

    @property
    def name(self) -> str:
        """Its name."""
        return f"lockstep-{self.stage}"

    def deploy(self, template_url: str, settings: dict[str, str]) -> dict[str, str]:
        """Show what a release and settings change, change it, and answer the outputs. Raises CannotDeployError."""
        client = self.session.client("cloudformation")
        before = self._known_parameters(client)
        deployment = f"deploy-{uuid.uuid4().hex}"
        change = client.create_change_set(
            StackName=self.name,
            ChangeSetName=deployment,
            ChangeSetType="CREATE" if before is None else "UPDATE",
            TemplateURL=template_url,
            Parameters=parameters(settings, before),
            Capabilities=CAPABILITIES,
        )["Id"]
        if self._show(client, change):
            client.execute_change_set(ChangeSetName=change, ClientRequestToken=deployment)
            self._wait(client, "stack_create_complete" if before is None else "stack_update_complete", deployment)
        return self._outputs(client)

    def destroy(self, *, table_too: bool) -> None:
        """Take the stack away; its table stays unless that is to go, too. Raises CannotDeployError."""
        client = self.session.client("cloudformation")
        table = self._own_table(client)
        destruction = f"destroy-{uuid.uuid4().hex}"
        client.delete_stack(StackName=self.name, ClientRequestToken=destruction)
        self._wait(client, "stack_delete_complete", destruction)
        self.say(f"{self.name} is gone.")
        if table and table_too:
            database = self.session.client("dynamodb")
            database.update_table(TableName=table, DeletionProtectionEnabled=False)
            database.get_waiter("table_exists").wait(TableName=table)
            database.delete_table(TableName=table)
            self.say(f"Its table {table} is gone, too.")
        elif table:
            self.say(f"Its table {table} is kept.")

    def _known_parameters(self, client: BaseClient) -> list[str] | None:
        try:
            (found,) = client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if is_missing_stack(error):
                return None
            raise
        # A stack of which there was only a change set that was never carried out.
        if found["StackStatus"] == "REVIEW_IN_PROGRESS":
            return None
        return [parameter["ParameterKey"] for parameter in found.get("Parameters", [])]

    def _show(self, client: BaseClient, change: str) -> bool:
        """Tell what a change set would do, and whether it would do anything."""
        try:
            client.get_waiter("change_set_create_complete").wait(ChangeSetName=change, WaiterConfig=WAITING)
        except WaiterError as error:
            reason = error.last_response.get("StatusReason", "")
            client.delete_change_set(ChangeSetName=change)
            if any(words in reason for words in NO_CHANGE):
                self.say(f"{self.name}: nothing to change.")
                return False
            raise CannotDeployError(f"{self.name}: {reason}") from None
        self.say(f"{self.name} changes:")
        for page in client.get_paginator("describe_change_set").paginate(ChangeSetName=change):
            for each in page["Changes"]:
                resource = each["ResourceChange"]
                replaced = " (replaced)" if resource.get("Replacement") == "True" else ""
                self.say(
                    f"  {resource['Action']:8}{resource['ResourceType']:40}{resource['LogicalResourceId']}{replaced}"
                )
        return True

    def _wait(self, client: BaseClient, state: str, token: str) -> None:
        """Wait for what was asked for under a token. Raises CannotDeployError, with the reasons, where it fails."""
        try:
            client.get_waiter(state).wait(StackName=self.name, WaiterConfig=WAITING)
        except WaiterError:
            pages = client.get_paginator("describe_stack_events").paginate(StackName=self.name)
            failed = [
                f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
                for page in pages
                for event in page["StackEvents"]
                # The events of earlier deployments are there, too.
                if event.get("ClientRequestToken") == token and event["ResourceStatus"].endswith("_FAILED")
            ]
            # Told newest first; what failed first is why the rest did.
            raise CannotDeployError("\n".join([f"{self.name} failed:", *reversed(failed)])) from None

    def _outputs(self, client: BaseClient) -> dict[str, str]:
        (found,) = client.describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}

    def _own_table(self, client: BaseClient) -> str | None:
        """The name of the table that the stack made; None where it was given one."""
        try:
            resources = client.describe_stack_resources(StackName=self.name)["StackResources"]
        except ClientError as error:
            if is_missing_stack(error):
                raise CannotDeployError(f"There is no stack {self.name}.") from None
            raise
        found = [each["PhysicalResourceId"] for each in resources if each["LogicalResourceId"] == TABLE]
        return found[0] if found else None


def is_missing_stack(error: ClientError) -> bool:
    """Whether CloudFormation says that there is no such stack, for which it has no code of its own."""
    told = error.response["Error"]
    return told["Code"] == "ValidationError" and "does not exist" in told["Message"]
