"""`python -m infra.replay_erasures` erases and suspends again the accounts that a restored table brought back.

It reads the ledger since an instant, which is that of the restore or earlier. It can be repeated. Exits with 0 if every
entry holds in the table, and with 2 if the ledger or the table cannot be used.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.channels.aws_clients import SendFailed
from chalicelib.domain.model.errors import Busy
from chalicelib.handlers.bootstrap import bootstrap
from chalicelib.services.replay import replay
from chalicelib.storage.errors import TableRequestFailed
from infra.local.aws import ACCESS_KEY, REGION
from infra.local.ledger import LEDGER
from infra.local.settings import TABLE, keep_on_this_machine

UNFINISHED = 2
# A deletion reads none of these settings. A deployment needs them.
UNUSED = (
    "LOCKSTEP_STREAM_ARN",
    "LOCKSTEP_ISSUER",
    "LOCKSTEP_AUDIENCE",
    "LOCKSTEP_CURSOR_KEY",
    "LOCKSTEP_IDENTITY_KEY",
)


def main(arguments: Sequence[str]) -> int:
    """Replay the ledger on a table, print the numbers and return the exit status."""
    options = _options(arguments)
    if options.engine:
        # The engine accepts any key, but the client library requires one.
        keep_on_this_machine(os.environ)
        os.environ.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=ACCESS_KEY)
    environment = environment_of(options.table, options.ledger, region=options.region, endpoint=options.engine)
    try:
        done = replay(bootstrap(environment), options.since)
    except (SendFailed, Busy, TableRequestFailed, PynamoDBException, BotoCoreError, ClientError) as error:
        reason = error.__cause__ or error
        print(f"The replay is not complete, repeat it: {reason!r}", file=sys.stderr)
        return UNFINISHED
    print(
        f"{options.table}: {done.entries} entries since {options.since.isoformat()}, {done.erased} accounts erased,"
        f" {done.suspended} suspended, {done.lifted} suspensions lifted"
    )
    return 0


def environment_of(table: str, ledger: str, *, region: str, endpoint: str) -> dict[str, str]:
    """Return the environment of a deployment on a table that sends no notices."""
    return {
        **dict.fromkeys(UNUSED, "unused"),
        "LOCKSTEP_JWKS_URL": "https://unused.invalid",
        "LOCKSTEP_TABLE": table,
        "LOCKSTEP_LEDGER": ledger,
        "LOCKSTEP_ENDPOINT": endpoint,
        "AWS_REGION": region,
    }


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.replay_erasures", description=__doc__)
    engine = os.environ.get("LOCKSTEP_ENGINE", "")
    parser.add_argument("--since", type=_instant, required=True, help="such as 2026-03-02T09:00Z")
    parser.add_argument("--table", default=TABLE, help=f"the restored table; default: {TABLE}")
    parser.add_argument("--ledger", default=LEDGER, help=f"the bucket of the ledger; default: {LEDGER}")
    parser.add_argument("--engine", default=engine, help="an engine on this machine; default: LOCKSTEP_ENGINE")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", ""))
    options = parser.parse_args(arguments)
    if options.engine:
        options.region = REGION
    if not options.region:
        parser.error("name an --engine on this machine, or the --region of a deployed table")
    return options


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
