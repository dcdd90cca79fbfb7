"""`python -m infra.deploy up STAGE` deploys the release in `dist`, and `down STAGE` deletes the stack.

The AWS account comes from the environment, as for any client of AWS. So does the region, unless the file of the stage
names it. A new stage without a file is asked for.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.questions import Ask, ask_settings, region_of, write_stage
from infra.deploy.settings import STAGES, CannotDeployError, read_region, read_settings, stage_file
from infra.deploy.site_publication import publication_of
from infra.deploy.stack import Stack
from infra.deploy.store import store
from infra.deploy.summary import summary
from infra.deploy.upgrade import deploy_release
from infra.package.release import RELEASE, Release


def main(arguments: Sequence[str]) -> int:
    """Run the command and return the exit status."""
    options = _options(arguments)
    try:
        stack = _stack(options, input)
        if options.command == "down":
            stack.destroy(table_too=options.table == "delete")
            return 0
        settings = _settings(stack, options.settings, input)
        release = Release.at(options.release)
        outputs = deploy_release(stack, store(stack.session, release), settings)
        if publication := publication_of(stack.session, outputs):
            publication.publish(release.site)
        print("\n".join(summary(stack.deployed())))
    except (BotoCoreError, CannotDeployError, ClientError) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


def _stack(options: argparse.Namespace, ask: Ask) -> Stack:
    region = region_of(read_region(options.stage, options.settings), os.environ, ask)
    return Stack(options.stage, Session(region_name=region), lambda line: print(line, flush=True))


def _settings(stack: Stack, directory: Path, ask: Ask) -> dict[str, str]:
    """Return the settings of a stage. Those of a new stage without a file are asked for and written to one."""
    path = stage_file(stack.stage, directory)
    if not path.exists() and stack.parameters() is None:
        write_stage(path, stack.session.region_name, ask_settings(ask))
        print(f"{path} has the settings.")
    return read_settings(stack.stage, directory)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up, down = commands.add_parser("up"), commands.add_parser("down")
    for command in (up, down):
        command.add_argument("stage")
        command.add_argument("--settings", type=Path, default=STAGES, help="the directory of settings; default: stages")
    up.add_argument("--release", type=Path, default=RELEASE, help="the directory of a release; default: dist")
    down.add_argument("--table", choices=("keep", "delete"), default="keep", help="keep or delete the table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
