"""Chalice packages app.py; what it does not know of the stack is merged in, and its zip is made a release's."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from infra.cloudformation.intrinsic import FUNCTIONS
from infra.cloudformation.parameters import environment
from infra.cloudformation.template import additions
from infra.local.engine import ROOT
from infra.package.bundle import bundle

RELEASE = ROOT / "dist"
CODE = "lockstep.zip"
TEMPLATE = "template.json"
BILL = "bom.json"
CHALICE = (sys.executable, "-c", "from chalice.cli import main; main()")

# To import app.py is to compose a deployment: any settings do, and none of them gets into the package.
ANY_SETTINGS = dict.fromkeys(environment(), "1") | {"LOCKSTEP_ORIGINS": ""}
# Chalice has pip fetch what is shipped: no other versions than are locked, and no files but those whose hashes are.
LOCKED = {"PIP_CONSTRAINT": str(ROOT / "requirements.lock")}


@dataclass(frozen=True)
class Release:
    """The files of a release: `template` is the stack's, and names `code`, which stands beside it.

    `sbom` tells what the code is made of.
    """

    code: Path
    template: Path
    sbom: Path

    @classmethod
    def at(cls, directory: Path) -> Self:
        """The release in a directory."""
        return cls(directory / CODE, directory / TEMPLATE, directory / BILL)


def make_release(directory: Path) -> Release:
    """Make the code and the template of a release of the working tree in `directory`, which is made if need be.

    The bill is made apart: it takes as long as all the rest, and follows from what is locked alone.
    """
    directory.mkdir(parents=True, exist_ok=True)
    release = Release.at(directory)
    with tempfile.TemporaryDirectory() as scratch:
        packaged, workspace = Path(scratch, "packaged"), Path(scratch, "workspace")
        workspace.mkdir()
        merged = Path(scratch, "additions.json")
        merged.write_text(json.dumps(additions()))
        _chalice_package(packaged, merged)
        bundle(packaged / "deployment.zip", release.code, workspace)
        template = json.loads((packaged / "sam.json").read_text())
    for function in FUNCTIONS:
        template["Resources"][function]["Properties"]["CodeUri"] = f"./{CODE}"
    release.template.write_text(json.dumps(template, indent=1, sort_keys=True) + "\n")
    return release


def _chalice_package(directory: Path, merged: Path) -> None:
    subprocess.run(
        [*CHALICE, "package", "--merge-template", str(merged), str(directory)],
        cwd=ROOT,
        env=os.environ | ANY_SETTINGS | LOCKED | {"AWS_DEFAULT_REGION": "us-east-1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
