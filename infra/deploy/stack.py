"""The stacks of a stage, with their deployment by change sets and their deletion."""

from collections.abc import Iterable
from dataclasses import dataclass

from boto3.session import Session

from infra.cloudformation.backups import LEDGER
from infra.cloudformation.edge import REGION as EDGE_REGION
from infra.cloudformation.table import TABLE
from infra.cloudformation.user_pool import USER_POOL
from infra.cloudformation.web_app import FILES
from infra.deploy.cloud_stack import Changes, CloudStack, Say
from infra.deploy.deployment_name import with_name
from infra.deploy.edge_stack import EdgeStack
from infra.deploy.mail_identity import identity_choice
from infra.deploy.settings import CannotDeployError, parameters, room_warnings
from infra.deploy.site_publication import delete_objects, objects
from infra.deploy.summary import Deployed


@dataclass(frozen=True)
class Stack:
    """The stack of a stage, with that of its edge. `say` prints a line for the operator."""

    stage: str
    session: Session
    say: Say

    @property
    def name(self) -> str:
        """The name of the stack."""
        return f"lockstep-{self.stage}"

    @property
    def _main(self) -> CloudStack:
        return CloudStack(self.name, self.session.client("cloudformation"), self.say)

    @property
    def _edge(self) -> EdgeStack:
        client = self.session.client("cloudformation", region_name=EDGE_REGION)
        return EdgeStack(CloudStack(f"{self.name}-edge", client, self.say))

    def parameters(self) -> dict[str, str] | None:
        """Return the parameters of the stack, None without a stack."""
        return self._main.parameters()

    def resources(self) -> dict[str, str]:
        """Return the physical name of each resource by that of the template."""
        return self._main.resources()

    def deployed(self) -> Deployed:
        """Return the deployed stack."""
        return Deployed(self.session, self.parameters() or {}, self._main.outputs(), self.resources())

    def deploy(self, template_url: str, settings: dict[str, str]) -> dict[str, str]:
        """Print the changes, execute them and return the outputs of the stack. Raises CannotDeployError.

        The functions get the distribution's own address in a second step, since it is known only after the first.
        """
        before = self._main.parameters()
        for warning in room_warnings({**(before or {}), **settings}):
            self.say(warning)
        # The settings are checked before anything is made.
        parameters(settings, before)
        settings = {**settings, **identity_choice(self.session.client("sesv2"), settings, before)}
        merged = {**(before or {}), **settings}
        settings = {**settings, **self._edge.prepare(merged)}
        self._change(template_url, settings)
        self._edge.finish(merged)
        outputs = self._main.outputs()
        own = f"https://{outputs.get('AppTarget')}"
        if outputs.get("AppUrl") == own and (self._main.parameters() or {})["WebUrl"] != own:
            self._change(template_url, {**settings, "WebUrl": own})
        return self._main.outputs()

    def _change(self, template_url: str, settings: dict[str, str]) -> None:
        before = self._main.parameters()
        given = parameters(with_name(settings, before), before)
        changes = self._main.change({"TemplateURL": template_url}, given)
        # Not before: after a failed change the app is still served.
        self._delete(_removed_buckets(changes))

    def destroy(self, *, table_too: bool) -> None:
        """Delete the stacks, and with `table_too` the table. Raises CannotDeployError."""
        ids = self._main.resources()
        if ids:
            # Other buckets stay with their files.
            if FILES in ids:
                self._empty(ids[FILES])
            self._main.delete()
        # An earlier deletion may have ended between the two stacks.
        if not (self._edge.destroy() or ids):
            raise CannotDeployError(f"There is no stack {self.name}.")
        if table := ids.get(TABLE):
            self._keep_or_delete(table, delete=table_too)
        if ledger := ids.get(LEDGER):
            self.say(f"Its ledger {ledger} is kept, with the ids of deleted and suspended members.")
        if pool := ids.get(USER_POOL):
            self.say(f"Its user pool {pool} is kept, with the e-mail addresses of the members. See docs/operations.md.")

    def _keep_or_delete(self, table: str, *, delete: bool) -> None:
        if not delete:
            self.say(f"Its table {table} is kept.")
            return
        database = self.session.client("dynamodb")
        database.update_table(TableName=table, DeletionProtectionEnabled=False)
        database.get_waiter("table_exists").wait(TableName=table)
        database.delete_table(TableName=table)
        self.say(f"Its table {table} is deleted, too.")

    def _delete(self, buckets: Iterable[str]) -> None:
        """Delete buckets of the web app with their files. CloudFormation gives up a bucket that is not empty."""
        s3 = self.session.client("s3")
        for bucket in buckets:
            try:
                self._empty(bucket)
                s3.delete_bucket(Bucket=bucket)
            except s3.exceptions.NoSuchBucket:
                continue

    def _empty(self, bucket: str) -> None:
        """Delete the files of the web app. CloudFormation deletes only an empty bucket."""
        s3 = self.session.client("s3")
        delete_objects(s3, bucket, objects(s3, bucket))


def _removed_buckets(changes: Changes) -> list[str]:
    return [
        each["PhysicalResourceId"]
        for each in changes
        if each["LogicalResourceId"] == FILES and each["Action"] == "Remove"
    ]
