"""The OpenAPI document in the repository and the version of the release, from which the clients are made."""

import tomllib

from infra.local.engine import ROOT

DOCUMENT = ROOT / "docs/openapi.json"


def release_version() -> str:
    """Return the version of the release."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return version
