"""`python -m infra.web` builds the web app, and `python -m infra.web check` checks its types, style and view logic."""

import argparse
import sys
from collections.abc import Sequence
from subprocess import CalledProcessError

from infra.nodejs import run_npm
from infra.web.build import WEB, build, install_packages


def main(arguments: Sequence[str]) -> int:
    """Build or check the app, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.web", description=__doc__)
    parser.add_argument("task", nargs="?", choices=("build", "check"), default="build")
    is_build = parser.parse_args(arguments).task == "build"
    try:
        if is_build:
            build()
        else:
            install_packages(development=True)
            run_npm("run", "--silent", "check", within=WEB)
    except CalledProcessError as failure:
        print(f"The {'build' if is_build else 'check'} of the web app failed, as described above.", file=sys.stderr)
        return failure.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
