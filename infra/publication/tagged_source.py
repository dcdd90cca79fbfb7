"""The commit of a release, which has the tag of its version and no other changes."""

import re
import subprocess
from dataclasses import dataclass

from infra.local.engine import ROOT

# The name and password, or the token, with which the maintainer's clone was made.
CREDENTIALS = re.compile(r"(?<=//)[^/]*@")


class CannotPublishError(Exception):
    """A working tree that is no release, with the reason for the maintainer."""


@dataclass(frozen=True)
class TaggedSource:
    """The tag, commit and address of the source of a release. The address may be empty."""

    tag: str
    commit: str
    address: str


def tagged_source(version: str) -> TaggedSource:
    """Return the source of the release of a version. Raises CannotPublishError for another commit or a changed file."""
    tag = f"v{version}"
    if changed := _git("status", "--porcelain"):
        raise CannotPublishError(f"These files are not those of a commit:\n{changed}")
    if tag not in _git("tag", "--points-at", "HEAD").split():
        raise CannotPublishError(f"The commit has no tag {tag}, which is the version in chalicelib/version.py.")
    address = CREDENTIALS.sub("", _git("config", "--default", "", "--get", "remote.origin.url"))
    return TaggedSource(tag, _git("rev-parse", "HEAD"), address)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
