"""`python -m infra.publication` writes the files of the release of the checked-out tag to `dist/v<version>`.

With `--bucket` and `--region` it also writes a template whose code is in that public bucket, and prints the link that
opens it in the console of AWS.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from chalicelib.version import VERSION
from infra.package.bundle import write_zip
from infra.package.release import RELEASE, Release, make_release, write_site
from infra.package.sbom import write_sbom
from infra.package.target import LAMBDA
from infra.publication.launch_link import launch_link, write_launch_template
from infra.publication.provenance import checksums, provenance
from infra.publication.tagged_source import CannotPublishError, TaggedSource, tagged_source

SITE, SUMS, PROVENANCE = "web.zip", "SHA256SUMS", "provenance.json"


def main(arguments: Sequence[str]) -> int:
    """Write the files and return the exit status."""
    options = _options(arguments)
    try:
        source = tagged_source(VERSION)
    except CannotPublishError as reason:
        print(reason, file=sys.stderr)
        return 1
    directory = options.directory / source.tag
    shutil.rmtree(directory, ignore_errors=True)
    release = make_release(directory, LAMBDA)
    write_sbom(release.sbom)
    write_site(release.site)
    _zip_site(release, directory / SITE)
    if options.bucket:
        write_launch_template(release, options.bucket, source.tag)
        print(launch_link(options.bucket, options.region, source.tag))
    finish(directory, source)
    print(f"{directory} has the files of {source.tag}. Check them with sha256sum -c {SUMS}.")
    return 0


def finish(directory: Path, source: TaggedSource) -> None:
    """Write the provenance of all files in a directory, and then the checksums with that of the provenance."""
    artifacts = sorted(path for path in directory.iterdir() if path.is_file())
    (directory / PROVENANCE).write_text(provenance(artifacts, source))
    (directory / SUMS).write_text(checksums([*artifacts, directory / PROVENANCE]))


def _zip_site(release: Release, path: Path) -> None:
    files = {one.relative_to(release.site).as_posix(): one for one in release.site.rglob("*") if one.is_file()}
    write_zip(path, {name: files[name].read_bytes() for name in sorted(files)})
    shutil.rmtree(release.site)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.publication", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=RELEASE, help="default: dist")
    parser.add_argument("--bucket", help="a public bucket, in which the files are below the name of the tag")
    parser.add_argument("--region", help="the region of the bucket and of the stacks")
    options = parser.parse_args(arguments)
    if bool(options.bucket) != bool(options.region):
        parser.error("name a --bucket and its --region together")
    return options


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as failure:
        sys.exit(f"{failure.cmd[0]} failed with status {failure.returncode}.")
