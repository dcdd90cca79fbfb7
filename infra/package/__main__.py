"""`python -m infra.package [directory]` writes a release to a directory, by default to `dist`.

A release has a zip, a template, a bill of materials and the files of the web app.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.package.release import RELEASE, make_release, write_site
from infra.package.sbom import write_sbom
from infra.package.target import LAMBDA, THIS_MACHINE


def main(arguments: Sequence[str]) -> int:
    """Write the release and print the size and digest of its files."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=RELEASE)
    parser.add_argument("--this-machine", action="store_true", help="for this interpreter, not for Lambda")
    options = parser.parse_args(arguments)
    release = make_release(options.directory, THIS_MACHINE if options.this_machine else LAMBDA)
    write_sbom(release.sbom)
    write_site(release.site)
    site = sorted(path for path in release.site.rglob("*") if path.is_file())
    for path in (release.code, release.template, release.sbom, *site):
        content = path.read_bytes()
        print(f"{path}\t{len(content)} bytes\tsha256 {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
