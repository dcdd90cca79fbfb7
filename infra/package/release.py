"""The files of a release, made from Chalice's package of app.py and the additions of the stack."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chalicelib.room_settings import ROOM_VARIABLES
from chalicelib.settings import BRANDING_VARIABLES, DEFAULTS, SIGN_IN_VARIABLES
from infra.cloudformation.intrinsic import FUNCTIONS
from infra.cloudformation.parameters import environment
from infra.cloudformation.published_api import name_release
from infra.cloudformation.template import additions
from infra.local.engine import ROOT
from infra.package.bundle import bundle
from infra.package.target import PackageTarget
from infra.web.build import build
from infra.web.site import site_files

RELEASE = ROOT / "dist"
CODE = "lockstep.zip"
TEMPLATE = "template.json"
BILL = "bom.json"
SITE = "web"
CHALICE = (sys.executable, "-c", "from chalice.cli import main; main()")

# Importing app.py needs settings. Any values work for most, and none is part of the package.
ANY_SETTINGS = (
    dict.fromkeys(environment(), "1")
    # Finalizing must begin before the cut-off of moves.
    | {"LOCKSTEP_FINALIZE_MINUTES": "2", "LOCKSTEP_JWKS_URL": "https://issuer.example/keys"}
    | dict.fromkeys(("LOCKSTEP_ORIGINS", "LOCKSTEP_READ_AUDIENCE", "LOCKSTEP_MAIL_FROM", *SIGN_IN_VARIABLES), "")
    | dict.fromkeys(BRANDING_VARIABLES, "")
    | {name: str(DEFAULTS[name]) for name in (*ROOM_VARIABLES, "LOCKSTEP_ATTENDANCE", "LOCKSTEP_LEAST_ATTENDANCE")}
    | {"LOCKSTEP_RETENTION_DAYS": str(DEFAULTS["LOCKSTEP_RETENTION_DAYS"])}
)
# Chalice fetches the requirements with pip, which this limits to the locked versions and hashes.
LOCKED = {"PIP_CONSTRAINT": str(ROOT / "requirements.lock")}


@dataclass(frozen=True)
class Release:
    """The files of a release.

    They are the stack's template, the code that it names, the bill of materials, and the folder of the web app.
    """

    code: Path
    template: Path
    sbom: Path
    site: Path

    @classmethod
    def at(cls, directory: Path) -> Self:
        """Return the release in a directory."""
        return cls(directory / CODE, directory / TEMPLATE, directory / BILL, directory / SITE)


def make_release(directory: Path, target: PackageTarget) -> Release:
    """Write the code and the template of a release of the working tree to `directory`. The code runs on `target`.

    The bill of materials and the web app are separate. They take as long as the rest and do not depend on it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    release = Release.at(directory)
    with tempfile.TemporaryDirectory() as scratch:
        packaged, workspace = Path(scratch, "packaged"), Path(scratch, "workspace")
        workspace.mkdir()
        merged = Path(scratch, "additions.json")
        merged.write_text(json.dumps(additions()))
        _chalice_package(packaged, merged)
        bundle(packaged / "deployment.zip", release.code, workspace, target)
        template = json.loads((packaged / "sam.json").read_text())
    for function in FUNCTIONS:
        template["Resources"][function]["Properties"]["CodeUri"] = f"./{CODE}"
    name_release(template["Resources"], release.code.read_bytes())
    release.template.write_text(json.dumps(template, indent=1, sort_keys=True) + "\n")
    return release


def write_site(directory: Path) -> None:
    """Build the web app and write its files to `directory`."""
    files = site_files(build())
    shutil.rmtree(directory, ignore_errors=True)
    for name, file in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def _chalice_package(directory: Path, merged: Path) -> None:
    subprocess.run(
        [*CHALICE, "package", "--merge-template", str(merged), str(directory)],
        cwd=ROOT,
        env=os.environ | ANY_SETTINGS | LOCKED | {"AWS_DEFAULT_REGION": "us-east-1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
