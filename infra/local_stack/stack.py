"""A release deployed on this machine: its address, its members and its functions."""

import json
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from botocore.client import BaseClient

from infra.deploy.stack import Stack
from infra.deploy.store import store
from infra.local.aws import REGION, client
from infra.local.settings import ROOM_URL
from infra.local_stack.engine import StackEngine
from infra.local_stack.members import UserPool
from infra.package.release import Release

STAGE = "rehearsal"
# A change of the whole stack takes half a minute on a busy machine; asked for again, it is refused as a second one.
PATIENCE_SECONDS = 300
# A slot always starts within half an hour. Real time cannot be moved to the minutes before a start.
SETTINGS = {"RoomUrl": ROOM_URL, "Origins": "https://app.example", "FinalizeMinutes": "30"}


@dataclass(frozen=True)
class EngineSession:
    """As much of a session of AWS as deploying takes, whose clients talk to the engine and nowhere else."""

    endpoint: str
    region_name: str = REGION

    def client(self, service: str) -> BaseClient:
        """Make a client of a service."""
        return client(service, self.endpoint, patience_seconds=PATIENCE_SECONDS)


class Rehearsal:
    """The stack of a stage, on an engine of its own that is stopped at the end."""

    def __init__(self, release: Release) -> None:
        """Start the engine, and deploy."""
        self._engine = StackEngine()
        try:
            self.session = EngineSession(self._engine.url)
            self.members = UserPool(self.session.client("cognito-idp"), self.session.endpoint)
            self.stack = Stack(STAGE, self.session, say=lambda _line: None)
            template = store(self.session, release)
            self.outputs = self.stack.deploy(template, {**SETTINGS, **self.members.settings})
            # The engine's gateway does not say at which address it was called: here it has to be set.
            self.outputs = self.stack.deploy(template, {"InviteUrl": f"{self.url}/i"})
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """Where the API is served: the engine's address for it, for its own name leads to the real cloud."""
        return f"{self.session.endpoint}/_aws/execute-api/{self.outputs['RestAPIId']}/api"

    def resource(self, name: str) -> str:
        """The name that a resource of the template was given."""
        found = self.session.client("cloudformation").describe_stack_resource(
            StackName=self.stack.name, LogicalResourceId=name
        )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function as Lambda would, and answer what it answers. Raises RuntimeError where it fails."""
        answer = self.session.client("lambda").invoke(
            FunctionName=self.resource(function), Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise RuntimeError(f"{function} failed: {payload}")
        return payload

    def stop(self) -> None:
        """Stop the engine; nothing is kept."""
        self._engine.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
