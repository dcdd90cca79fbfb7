"""The stack of a stage, with its deployment by change set and its deletion."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from boto3.session import Session
from botocore.client import BaseClient
from botocore.exceptions import ClientError, WaiterError

from infra.cloudformation.table import TABLE
from infra.cloudformation.user_pool import USER_POOL
from infra.deploy.deployment_name import with_name
from infra.deploy.settings import CannotDeployError, parameters, room_warnings
from infra.deploy.site_publication import delete_objects, objects

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND")
BUCKET = "AWS::S3::Bucket"
WAITING = {"Delay": 2, "MaxAttempts": 900}
# The beginnings of CloudFormation's reasons for an empty change set.
NO_CHANGE = ("didn't contain changes", "No updates are")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """The stack of a stage. `say` prints a line for the operator."""

    stage: str
    session: Session
    say: Say

    @property
    def name(self) -> str:
        """The name of the stack."""
        return f"lockstep-{self.stage}"

    def deploy(self, template_url: str, settings: dict[str, str]) -> dict[str, str]:
        """Print the changes, execute them and return the outputs of the stack. Raises CannotDeployError.

        The functions get the distribution's own address in a second step, since it is known only after the first.
        """
        for warning in room_warnings({**(self._parameters() or {}), **settings}):
            self.say(warning)
        outputs = self._change(template_url, settings)
        own = f"https://{outputs.get('AppTarget')}"
        if outputs.get("AppUrl") == own and self._parameters()["WebUrl"] != own:
            outputs = self._change(template_url, {**settings, "WebUrl": own})
        return outputs

    def _change(self, template_url: str, settings: dict[str, str]) -> dict[str, str]:
        client = self.session.client("cloudformation")
        before = self._parameters()
        deployment = f"deploy-{uuid.uuid4().hex}"
        change = client.create_change_set(
            StackName=self.name,
            ChangeSetName=deployment,
            ChangeSetType="CREATE" if before is None else "UPDATE",
            TemplateURL=template_url,
            Parameters=parameters(with_name(settings, before), before),
            Capabilities=CAPABILITIES,
        )["Id"]
        if self._show(client, change):
            removed = self._removed_buckets(client, change)
            client.execute_change_set(ChangeSetName=change, ClientRequestToken=deployment)
            self._wait(client, "stack_create_complete" if before is None else "stack_update_complete", deployment)
            # Not before: after a failed change the app is still served.
            self._delete(removed)
        return self._outputs(client)

    def destroy(self, *, table_too: bool) -> None:
        """Delete the stack, and with `table_too` its table. Raises CannotDeployError."""
        client = self.session.client("cloudformation")
        resources = self._resources(client)
        ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
        table, pool = ids.get(TABLE), ids.get(USER_POOL)
        self._empty([each["PhysicalResourceId"] for each in resources if each["ResourceType"] == BUCKET])
        destruction = f"destroy-{uuid.uuid4().hex}"
        client.delete_stack(StackName=self.name, ClientRequestToken=destruction)
        self._wait(client, "stack_delete_complete", destruction)
        self.say(f"{self.name} is deleted.")
        if table and table_too:
            database = self.session.client("dynamodb")
            database.update_table(TableName=table, DeletionProtectionEnabled=False)
            database.get_waiter("table_exists").wait(TableName=table)
            database.delete_table(TableName=table)
            self.say(f"Its table {table} is deleted, too.")
        elif table:
            self.say(f"Its table {table} is kept.")
        if pool:
            self.say(f"Its user pool {pool} is kept, with the e-mail addresses of the members. See docs/operations.md.")

    def _parameters(self) -> dict[str, str] | None:
        """Return the parameters of the stack, None without a stack."""
        try:
            (found,) = self.session.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if is_missing_stack(error):
                return None
            raise
        # The stack has a change set that was never executed, and nothing else.
        if found["StackStatus"] == "REVIEW_IN_PROGRESS":
            return None
        return {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])}

    def _show(self, client: BaseClient, change: str) -> bool:
        """Print the changes of a change set, and return whether it has any. Raises CannotDeployError."""
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
        """Wait until the operation with this token is complete. Raises CannotDeployError with the reasons."""
        try:
            client.get_waiter(state).wait(StackName=self.name, WaiterConfig=WAITING)
        except WaiterError:
            pages = client.get_paginator("describe_stack_events").paginate(StackName=self.name)
            failed = [
                f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
                for page in pages
                for event in page["StackEvents"]
                # The list includes the events of earlier deployments.
                if event.get("ClientRequestToken") == token and event["ResourceStatus"].endswith("_FAILED")
            ]
            # The events are newest first. The first failure caused the others, so it comes first here.
            raise CannotDeployError("\n".join([f"{self.name} failed:", *reversed(failed)])) from None

    def _outputs(self, client: BaseClient) -> dict[str, str]:
        (found,) = client.describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}

    def _resources(self, client: BaseClient) -> list[dict[str, Any]]:
        """Return the resources of the stack. Raises CannotDeployError."""
        pages = client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        try:
            return [each for page in pages for each in page["StackResourceSummaries"] if "PhysicalResourceId" in each]
        except ClientError as error:
            if is_missing_stack(error):
                raise CannotDeployError(f"There is no stack {self.name}.") from None
            raise

    def _removed_buckets(self, client: BaseClient, change: str) -> list[str]:
        pages = client.get_paginator("describe_change_set").paginate(ChangeSetName=change)
        changes = [each["ResourceChange"] for page in pages for each in page["Changes"]]
        return [
            each["PhysicalResourceId"]
            for each in changes
            if each["ResourceType"] == BUCKET and each["Action"] == "Remove"
        ]

    def _delete(self, buckets: Iterable[str]) -> None:
        """Delete buckets with their files. CloudFormation gives up a bucket that is not empty."""
        s3 = self.session.client("s3")
        for bucket in buckets:
            try:
                self._empty([bucket])
                s3.delete_bucket(Bucket=bucket)
            except s3.exceptions.NoSuchBucket:
                continue

    def _empty(self, buckets: Iterable[str]) -> None:
        """Delete the files of the web app. CloudFormation deletes only an empty bucket."""
        s3 = self.session.client("s3")
        for bucket in buckets:
            delete_objects(s3, bucket, objects(s3, bucket))


def is_missing_stack(error: ClientError) -> bool:
    """Return whether the error means that there is no such stack. CloudFormation has no error code for that."""
    details = error.response["Error"]
    return details["Code"] == "ValidationError" and "does not exist" in details["Message"]
