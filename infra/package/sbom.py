"""The software bill of materials of a release (CycloneDX), with the version and hashes of each package."""

import subprocess
import sys
from pathlib import Path

from infra.local.engine import ROOT

COMMAND = (sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", "--output-reproducible")


def write_sbom(path: Path) -> None:
    """Write the bill of materials of the locked runtime requirements. The same lock gives the same bytes."""
    lock, project = ROOT / "requirements.lock", ROOT / "pyproject.toml"
    subprocess.run([*COMMAND, "--pyproject", str(project), "--of", "JSON", "-o", str(path), str(lock)], check=True)
