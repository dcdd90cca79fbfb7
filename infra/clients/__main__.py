"""`python -m infra.clients [directory]` writes the clients to a directory, by default to `dist/clients`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.clients.python_client import make_python_client
from infra.clients.typescript_client import make_typescript_client
from infra.package.release import RELEASE


def main(arguments: Sequence[str]) -> int:
    """Write both clients and print their directories."""
    parser = argparse.ArgumentParser(prog="python -m infra.clients", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=RELEASE / "clients")
    directory = parser.parse_args(arguments).directory
    for make in (make_typescript_client, make_python_client):
        print(make(directory))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
