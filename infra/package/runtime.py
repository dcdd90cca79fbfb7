"""The packages of the Lambda runtime, and events and environments to run an unpacked release as Lambda does."""

import site
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.aws import ACCESS_KEY, REGION
from infra.package.release import ANY_SETTINGS

RUNTIME = ("botocore", "dateutil", "jmespath", "six.py", "urllib3")


def link_runtime(directory: Path) -> Path:
    """Fill `directory` with links to the installed packages that the Lambda runtime has."""
    directory.mkdir(parents=True, exist_ok=True)
    installed, *_ = site.getsitepackages()
    for name in RUNTIME:
        (directory / name).symlink_to(Path(installed, name))
    return directory


def unpack(code: Path, directory: Path) -> Path:
    """Unpack the zip of a release as Lambda does."""
    with zipfile.ZipFile(code) as archive:
        archive.extractall(directory)
    return directory


def function_environment(engine_url: str, stream_arn: str, table: str) -> dict[str, str]:
    """Return the environment of a function whose table is on an engine of this machine."""
    return ANY_SETTINGS | {
        "LOCKSTEP_TABLE": table,
        "LOCKSTEP_STREAM_ARN": stream_arn,
        "LOCKSTEP_ENDPOINT": engine_url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
    }


def request_event(path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the gateway's event for a GET request of a path."""
    context = {"resourcePath": path, "path": f"/api{path}", "httpMethod": "GET", "requestId": "request"}
    nothing = dict.fromkeys(("multiValueQueryStringParameters", "pathParameters", "body", "stageVariables"))
    return {
        **nothing,
        "requestContext": context,
        "path": path,
        "headers": dict(headers or {}),
        "isBase64Encoded": False,
    }
