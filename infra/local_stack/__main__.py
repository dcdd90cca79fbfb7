"""`python -m infra.local_stack` deploys the release in `dist` on this machine and serves it until Ctrl-C."""

import signal
import sys

from infra.local.aws import ACCESS_KEY, REGION
from infra.local.engine import CannotStartError
from infra.local_stack.stack import Rehearsal
from infra.package.release import RELEASE, Release

CLOUD = f"AWS_ENDPOINT_URL={{}} AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={ACCESS_KEY} AWS_REGION={REGION}"
# The engine finds a distribution by its host.
APP = "curl -H 'Host: {}' -H 'X-Forwarded-Proto: https' {}/"


def main() -> int:
    """Deploy the release, print the addresses, and wait for Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Rehearsal(Release.at(RELEASE)) as rehearsal:
            print(f"Lockstep serves {rehearsal.url}")
            print(f"  web app: {APP.format(rehearsal.outputs['AppTarget'], rehearsal.session.endpoint)}")
            for name in ("Ada", "Ben"):
                print(f"  token of {name}: {rehearsal.members.sign_in(name)}")
            print(f"Environment for AWS clients: {CLOUD.format(rehearsal.session.endpoint)}")
            print("Ctrl-C stops both.")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except CannotStartError as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
