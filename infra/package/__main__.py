"""`python -m infra.package [directory]` writes a release to a directory, by default to `dist`.

A release has a zip, a template and a bill of materials.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.package.release import RELEASE, make_release
from infra.package.sbom import write_sbom


def main(arguments: Sequence[str]) -> int:
    """Write the release and print the size and digest of its files."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=RELEASE)
    release = make_release(parser.parse_args(arguments).directory)
    write_sbom(release.sbom)
    for path in (release.code, release.template, release.sbom):
        content = path.read_bytes()
        print(f"{path}\t{len(content)} bytes\tsha256 {hashlib.sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
