"""The checksums of a release, and its provenance as an in-toto statement (SLSA provenance 1.0)."""

import hashlib
import json
import platform
from collections.abc import Sequence
from pathlib import Path

from infra.local.engine import ROOT
from infra.package.target import LAMBDA
from infra.publication.tagged_source import TaggedSource

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
# Names what `make release` does. Another command needs another name.
BUILD_TYPE = "https://lockstep.example/make-release/v1"
BUILDER = "https://lockstep.example/maintainer"
# The files that fix every package of the build.
LOCKS = ("requirements.lock", "requirements/all.lock", "web/package-lock.json")


def checksums(paths: Sequence[Path]) -> str:
    """Return the lines that `sha256sum -c` reads."""
    return "".join(f"{digest_of(path)}  {path.name}\n" for path in paths)


def provenance(artifacts: Sequence[Path], source: TaggedSource) -> str:
    """Return what was built, from which commit and packages, by which interpreter. It has no time, so it repeats."""
    address = {"uri": f"git+{source.address}@refs/tags/{source.tag}"} if source.address else {}
    commit = {**address, "digest": {"gitCommit": source.commit}}
    locks = [{"name": name, "digest": {"sha256": digest_of(ROOT / name)}} for name in LOCKS]
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": path.name, "digest": {"sha256": digest_of(path)}} for path in artifacts],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"tag": source.tag, "python": LAMBDA.python, "machine": LAMBDA.machine},
                "internalParameters": {"interpreter": platform.python_version()},
                "resolvedDependencies": [commit, *locks],
            },
            "runDetails": {"builder": {"id": BUILDER}},
        },
    }
    return json.dumps(statement, indent=1, sort_keys=True) + "\n"


def digest_of(path: Path) -> str:
    """Return the SHA-256 digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
