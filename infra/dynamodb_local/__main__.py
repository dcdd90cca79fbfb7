"""`python -m infra.dynamodb_local [port]` fetches the reference engine, and with a port serves it until Ctrl-C."""

import argparse
import contextlib
import sys

from infra.dynamodb_local.engine import ReferenceEngine, fetch
from infra.local.engine import CannotStartError

parser = argparse.ArgumentParser(prog="python -m infra.dynamodb_local", description=__doc__)
parser.add_argument("port", nargs="?", type=int, help="serve an engine on this port, without persistent data")
port = parser.parse_args().port
try:
    fetch()
    if port is not None:
        with ReferenceEngine(port) as engine, contextlib.suppress(KeyboardInterrupt):
            print(engine.url, flush=True)
            engine.wait()
except CannotStartError as refused:
    sys.exit(str(refused))
