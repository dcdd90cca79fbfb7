"""The software bill of materials of a release (CycloneDX), with the version and hashes of each package."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.local.engine import ROOT
from infra.web.shipped_packages import ShippedPackage, shipped_packages

COMMAND = (sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", "--output-reproducible")


def write_sbom(path: Path) -> None:
    """Write the bill of materials of the functions and of the web app. The same locks give the same bytes."""
    lock, project = ROOT / "requirements.lock", ROOT / "pyproject.toml"
    subprocess.run([*COMMAND, "--pyproject", str(project), "--of", "JSON", "-o", str(path), str(lock)], check=True)
    bill = json.loads(path.read_text())
    packages = shipped_packages()
    bill["components"] += map(_component, packages)
    bill["dependencies"] += [{"ref": package.address} for package in packages]
    path.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n")


def _component(package: ShippedPackage) -> dict[str, Any]:
    scope, _, name = package.name.rpartition("/")
    return {
        "bom-ref": package.address,
        "type": "library",
        **({"group": scope} if scope else {}),
        "name": name,
        "version": package.version,
        "purl": package.address,
        "hashes": [{"alg": "SHA-512", "content": package.digest}],
        "licenses": [{"license": {"id": package.license}}],
    }
