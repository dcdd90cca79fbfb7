"""A release deployed on this machine, with its address, members and functions."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from botocore.client import BaseClient

from infra.cloudformation.intrinsic import API_FUNCTION
from infra.cloudformation.published_api import ALIAS_NAME
from infra.deploy.site_publication import publication_of
from infra.deploy.stack import Stack
from infra.deploy.store import store
from infra.local.aws import REGION, client
from infra.local_stack.engine import StackEngine
from infra.local_stack.mailbox import mails_to
from infra.local_stack.members import UserPool
from infra.package.release import Release

STAGE = "rehearsal"
# A change of the whole stack takes half a minute on a busy machine. A retry after a time-out would be refused.
TIMEOUT_SECONDS = 300
MAIL_DOMAIN = "lockstep.example"
# The stack runs on real time. In a window of 30 minutes at least one slot always starts.
SETTINGS = {
    "AlarmEmail": f"operator@{MAIL_DOMAIN}",
    "SignIn": "provider",
    "Origins": "https://app.example",
    "FinalizeMinutes": "30",
    "MailFrom": f"notices@{MAIL_DOMAIN}",
}
# The functions that know the address of live connections.
LIVE_FUNCTIONS = ("APIHandler", "DeliverLive", "Finalize", "Rematch", "WebsocketMessage")


@dataclass(frozen=True)
class EngineSession:
    """The part of a boto3 session that deploying uses. Its clients connect to the engine only."""

    endpoint: str
    region_name: str = REGION

    def client(self, service: str, region_name: str | None = None) -> BaseClient:
        """Return a client of a service, in another region if one is given."""
        return client(service, self.endpoint, region=region_name or self.region_name, timeout_seconds=TIMEOUT_SECONDS)


class Rehearsal:
    """A deployed stack on its own engine, which is stopped at the end."""

    def __init__(self, release: Release) -> None:
        """Start the engine and deploy the release."""
        self._engine = StackEngine()
        try:
            self.session = EngineSession(self._engine.url)
            self.members = UserPool(self.session.client("cognito-idp"), self.session.endpoint)
            self.stack = Stack(STAGE, self.session, say=lambda _line: None)
            self.session.client("sesv2").create_email_identity(EmailIdentity=MAIL_DOMAIN)
            template = store(self.session, release)
            self.outputs = self.stack.deploy(template, {**SETTINGS, **self.members.settings})
            # The engine's gateway does not pass on its own address, so the base address of invite links must be set.
            self.outputs = self.stack.deploy(template, {"InviteUrl": f"{self.url}/i", "PublicUrl": self.url})
            publication_of(self.session, self.outputs).publish(release.site)
            self._connect_live()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """The address of the API at the engine. The API's regular host name would lead to AWS."""
        return f"{self.session.endpoint}/_aws/execute-api/{self.outputs['RestAPIId']}/api"

    @property
    def live_url(self) -> str:
        """The address of the WebSocket API at the engine."""
        return f"{self.session.endpoint}/_aws/execute-api/{self.outputs['WebsocketAPIId']}/api"

    def deploy(self, release: Release, **settings: str) -> None:
        """Deploy another release, or the same with further settings. All others stay."""
        self.outputs = self.stack.deploy(store(self.session, release), settings)
        self._connect_live()

    @contextmanager
    def with_variables(self, *functions: str, **variables: str) -> Iterator[None]:
        """Add variables to the environment of functions, and remove them afterwards."""
        before = {name: self._variables(name) for name in functions}
        self._configure({name: before[name] | variables for name in functions})
        try:
            yield
        finally:
            self._configure(before)

    def _connect_live(self) -> None:
        """Give the functions the engine's address of live connections. The regular one would lead to AWS."""
        addresses = {
            "LOCKSTEP_LIVE_URL": self.live_url.replace("http", "ws", 1),
            "LOCKSTEP_LIVE_ENDPOINT": self.live_url,
        }
        self._configure({name: self._variables(name) | addresses for name in LIVE_FUNCTIONS})

    def _variables(self, function: str) -> dict[str, str]:
        """Return the environment of a function."""
        functions = self.session.client("lambda")
        found = functions.get_function_configuration(FunctionName=self.resource(function))
        variables: dict[str, str] = found["Environment"]["Variables"]
        return variables

    def _configure(self, environments: Mapping[str, dict[str, str]]) -> None:
        """Set the environments of functions.

        The version of the API's function that the stack published keeps its settings, so another one takes its place.
        """
        functions = self.session.client("lambda")
        for name, variables in environments.items():
            functions.update_function_configuration(
                FunctionName=self.resource(name), Environment={"Variables": variables}
            )
        if API_FUNCTION in environments:
            # The gateway calls a published version of the API's function.
            api = self.resource(API_FUNCTION)
            version = functions.publish_version(FunctionName=api)["Version"]
            functions.update_alias(FunctionName=api, Name=ALIAS_NAME, FunctionVersion=version)

    def mails(self, address: str) -> list[dict[str, Any]]:
        """Return the mails to an address that the engine accepted, oldest first."""
        return mails_to(address, self.session.endpoint)

    def resource(self, name: str) -> str:
        """Return the physical name of a resource of the template."""
        found = self.session.client("cloudformation").describe_stack_resource(
            StackName=self.stack.name, LogicalResourceId=name
        )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function with an event and return its response. Raises RuntimeError if it fails."""
        response = self.session.client("lambda").invoke(
            FunctionName=self.resource(function), Payload=json.dumps(event).encode()
        )
        payload = json.loads(response["Payload"].read() or b"null")
        if "FunctionError" in response:
            raise RuntimeError(f"{function} failed: {payload}")
        return payload

    def stop(self) -> None:
        """Stop the engine and end its data."""
        self._engine.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
