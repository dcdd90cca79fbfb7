"""The bill of materials of a release (CycloneDX): what is shipped, each with its version and hashes."""

import subprocess
import sys
from pathlib import Path

from infra.local.engine import ROOT

COMMAND = (sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", "--output-reproducible")


def write_sbom(path: Path) -> None:
    """Write the bill of the locked runtime requirements; the same for the same locks."""
    lock, project = ROOT / "requirements.lock", ROOT / "pyproject.toml"
    subprocess.run([*COMMAND, "--pyproject", str(project), "--of", "JSON", "-o", str(path), str(lock)], check=True)
