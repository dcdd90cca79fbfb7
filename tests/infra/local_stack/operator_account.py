"""An account of AWS in the embedded engine, and the commands of its operator."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from botocore.client import BaseClient

from infra.local.aws import ACCESS_KEY
from infra.local.engine import ROOT
from infra.local_stack.engine import StackEngine
from infra.local_stack.stack import EngineSession
from infra.package.release import Release, write_site

STACK, EDGE = "lockstep-prod", "lockstep-prod-edge"


class Account(NamedTuple):
    """An account of the engine, with the folder of the operator's settings."""

    session: EngineSession
    release: Release
    stages: Path
    # The further environment of the operator.
    environment: Mapping[str, str]

    def run(self, *arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
        """Run the command as in a terminal in which the operator types the answers."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": ACCESS_KEY, "AWS_CONFIG_FILE": os.devnull}
        return subprocess.run(
            [sys.executable, "-m", "infra.deploy", *arguments, "--settings", str(self.stages)],
            cwd=ROOT,
            env={**kept, **keys, **self.environment, "AWS_ENDPOINT_URL": self.session.endpoint},
            input=answers,
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self, answers: str = "") -> list[str]:
        """Deploy the release and return the lines of the command."""
        done = self.run("up", "prod", "--release", str(self.release.template.parent), answers=answers)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def client(self, service: str) -> BaseClient:
        """Return a client of a service."""
        return self.session.client(service)

    def resource(self, name: str) -> str:
        """Return the physical name of a resource of the template."""
        found = self.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=name)
        return found["StackResourceDetail"]["PhysicalResourceId"]


@contextmanager
def new_account(release: Release, region: str, stages: Path, **environment: str) -> Iterator[Account]:
    """Start an engine whose account has nothing in it, and stop it at the end."""
    write_site(release.site)
    with StackEngine() as engine:
        session = EngineSession(engine.url, region)
        # A new account may send mails to verified addresses only, unlike one of the engine.
        session.client("sesv2").put_account_details(
            MailType="TRANSACTIONAL", WebsiteURL="https://focus.example", ProductionAccessEnabled=False
        )
        yield Account(session, release, stages, environment)
