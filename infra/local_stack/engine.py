"""The embedded engine with all services of the stack and enforced roles, in a separate process."""

import argparse
import signal
from tempfile import TemporaryDirectory

from infra.local.aws import ACCESS_KEY
from infra.local.engine import QUIET_ONCE_READY, Engine, serve
from infra.local_stack import (
    added_resources,
    alarm_state,
    api_origin,
    delivery,
    function_addresses,
    managed_login,
    rights,
    sign_up_page,
    unconfirmed_addresses,
    websocket_deployment,
)
from infra.nodejs import node_path

SERVICES = (
    "acm", "apigateway", "budgets", "cloudformation", "cloudfront", "cloudwatch", "cognito-idp", "dynamodb",
    "dynamodbstreams", "events", "iam", "lambda", "logs", "monitoring", "route53", "s3", "ses", "sns", "sqs", "sts",
    "wafv2",
)  # fmt: skip

ENVIRONMENT = {
    "SERVICES": ",".join(SERVICES),
    # Every function has only the rights of its role.
    "AUTH": "true",
    # The key of the deployment has all rights.
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
    "LAMBDA_EXECUTOR": "local",
}


class StackEngine(Engine):
    """A stack engine that this process starts and stops."""

    module = "infra.local_stack.engine"

    def __init__(self) -> None:
        """Start the engine without waiting for it. `url` waits."""
        # The engine unpacks the zip of every function here and does not delete it.
        self._scratch = TemporaryDirectory(ignore_cleanup_errors=True)
        # Node.js runs the functions of the distribution.
        super().__init__(TMPDIR=self._scratch.name, PATH=node_path())

    def stop(self) -> None:
        """End the process and delete its files."""
        super().stop()
        self._scratch.cleanup()


def prepare() -> None:
    """Replace what the engine does differently from AWS, and add what it lacks."""
    added_resources.install()
    alarm_state.install()
    api_origin.install()
    delivery.install()
    function_addresses.install()
    managed_login.install()
    rights.install()
    sign_up_page.install()
    unconfirmed_addresses.install()
    websocket_deployment.install()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = argparse.ArgumentParser(prog="python -m infra.local_stack.engine", description=__doc__)
    parser.add_argument("port", nargs="?", type=int, default=0, help="default: any free port")
    parser.add_argument(QUIET_ONCE_READY, action="store_true", help="print the address and nothing after it")
    arguments = parser.parse_args()
    serve(
        arguments.port,
        quiet_once_ready=arguments.quiet_once_ready,
        environment=ENVIRONMENT,
        prepare=prepare,
    )
