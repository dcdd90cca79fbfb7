"""`python -m infra.web` builds the web app to `web/dist`. Its files can be served from any web server.

`python -m infra.web check` checks types, style and view logic. `python -m infra.web licenses` prints the licenses of
the shipped packages.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from subprocess import CalledProcessError

from infra.nodejs import run_npm
from infra.web.build import build, install_packages
from infra.web.shipped_packages import WEB, license_table

API_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")


def main(arguments: Sequence[str]) -> int:
    """Run the task and return the exit status."""
    options = _options(arguments)
    try:
        if options.task == "build":
            build(api=options.api)
        elif options.task == "check":
            install_packages(development=True)
            run_npm("run", "--silent", "check", within=WEB)
        else:
            print(license_table(), end="")
    except CalledProcessError as failure:
        print(f"The {options.task} of the web app failed, as described above.", file=sys.stderr)
        return failure.returncode
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.web", description=__doc__)
    parser.add_argument("task", nargs="?", choices=("build", "check", "licenses"), default="build")
    parser.add_argument("--api", default="", help="the address of an API at another origin than the app")
    options = parser.parse_args(arguments)
    if options.api and not API_ADDRESS.fullmatch(options.api):
        parser.error(f"--api is no address such as https://api.example: {options.api!r}")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
