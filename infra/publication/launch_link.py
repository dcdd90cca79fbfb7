"""The link that opens a release in the console of AWS, and the template behind it."""

import json
from pathlib import Path
from urllib.parse import urlencode

from infra.cloudformation.intrinsic import FUNCTIONS
from infra.package.release import CODE, Release

TEMPLATE = "launch.json"
STACK = "lockstep"
# Only make deploy publishes the files of the web app.
SETTINGS = {"WebApp": "off"}


def write_launch_template(release: Release, bucket: str, folder: str) -> Path:
    """Write the template of a release whose code is in a folder of a bucket, and return its path."""
    template = json.loads(release.template.read_text())
    for function in FUNCTIONS:
        template["Resources"][function]["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": f"{folder}/{CODE}"}
    path = release.template.with_name(TEMPLATE)
    path.write_text(json.dumps(template, separators=(",", ":"), sort_keys=True) + "\n")
    return path


def launch_link(bucket: str, region: str, folder: str) -> str:
    """Return the address in the console that asks for the settings of a new stack and makes it.

    Lambda reads code only from a bucket of its own region.
    """
    template = f"https://{bucket}.s3.{region}.amazonaws.com/{folder}/{TEMPLATE}"
    values = {"templateURL": template, "stackName": STACK} | {
        f"param_{name}": value for name, value in SETTINGS.items()
    }
    console = f"https://{region}.console.aws.amazon.com/cloudformation/home?region={region}"
    return f"{console}#/stacks/create/review?{urlencode(values)}"
