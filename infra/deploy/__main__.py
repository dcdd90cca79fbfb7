"""`python -m infra.deploy up STAGE` deploys the release in `dist`, and `down STAGE` deletes the stack.

The AWS account and region come from the environment, as for any client of AWS.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.settings import STAGES, CannotDeployError, read_settings
from infra.deploy.site_publication import publication_of
from infra.deploy.stack import Stack
from infra.deploy.store import store
from infra.deploy.upgrade import deploy_release
from infra.package.release import RELEASE, Release


def main(arguments: Sequence[str]) -> int:
    """Run the command and return the exit status."""
    options = _options(arguments)
    stack = Stack(options.stage, Session(), lambda line: print(line, flush=True))
    try:
        if options.command == "down":
            stack.destroy(table_too=options.table == "delete")
            return 0
        settings = read_settings(options.stage, options.settings)
        release = Release.at(options.release)
        outputs = deploy_release(stack, store(stack.session, release), settings)
        if publication := publication_of(stack.session, outputs):
            publication.publish(release.site)
    except (BotoCoreError, CannotDeployError, ClientError) as reason:
        print(reason, file=sys.stderr)
        return 1
    for name, value in sorted(outputs.items()):
        print(f"{name}: {value}")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up, down = commands.add_parser("up"), commands.add_parser("down")
    for command in (up, down):
        command.add_argument("stage")
    up.add_argument("--release", type=Path, default=RELEASE, help="the directory of a release; default: dist")
    up.add_argument("--settings", type=Path, default=STAGES, help="the directory of settings; default: stages")
    down.add_argument("--table", choices=("keep", "delete"), default="keep", help="keep or delete the table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
