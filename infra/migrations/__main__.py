"""`python -m infra.migrations` migrates a table to the schema of this release, while the service runs.

`make deploy` does so by itself. The former release must have ended.
"""

import argparse
import os
import sys
import threading
from collections.abc import Sequence

import botocore.session

from chalicelib.version import SCHEMA
from infra.local.aws import client
from infra.local.settings import TABLE
from infra.migrations.migration import migrate, schema_of


def main(arguments: Sequence[str]) -> int:
    """Migrate the table, print the counts and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.migrations", description=__doc__)
    engine = os.environ.get("LOCKSTEP_ENGINE", "")
    parser.add_argument("--engine", default=engine, help="an engine on this machine; default: LOCKSTEP_ENGINE")
    parser.add_argument("--table", default=TABLE, help=f"default: {TABLE}")
    parser.add_argument("--region", help="the region of a deployed table; default: that of the environment")
    options = parser.parse_args(arguments)
    session = botocore.session.get_session()
    database = (
        client("dynamodb", options.engine)
        if options.engine
        else session.create_client("dynamodb", region_name=options.region)
    )
    if schema_of(database, options.table) > SCHEMA:
        print(f"{options.table} has a newer schema than this release reads, {SCHEMA}.", file=sys.stderr)
        return 1
    done = migrate(database, options.table, threading.Event().wait)
    counts = f"{done.read} items read, {done.rewritten} rewritten, {done.changed} changed by the service meanwhile"
    print(f"{options.table}: schema {SCHEMA}, {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
