"""The split of the distribution between the web app and the API."""

import json
import subprocess
from fnmatch import fnmatchcase

import pytest

from chalicelib.handlers.http.routes import ROUTES
from infra.cloudformation.intrinsic import API
from infra.cloudformation.web_app import FILES, PAGES_CODE, web_app
from infra.nodejs import NODE

CALL = "console.log(JSON.stringify(JSON.parse(process.argv[1]).map((uri) => handler({ request: { uri } }).uri)));"


def origin_of(path: str) -> str:
    """Return the origin to which the distribution sends a path. The first pattern that fits decides."""
    configuration = web_app()["WebDistribution"]["Properties"]["DistributionConfig"]
    fitting = [each for each in configuration["CacheBehaviors"] if fnmatchcase(path, each["PathPattern"])]
    return (fitting or [configuration["DefaultCacheBehavior"]])[0]["TargetOriginId"]


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES}))
def test_every_route_leads_to_the_api(path: str) -> None:
    assert origin_of(path) == API


@pytest.mark.parametrize(
    "path", ["/", "/people/ada/availability", "/invite-links", "/sign-in", "/assets/index-x.js", "/v1"]
)
def test_pages_and_files_lead_to_the_bucket(path: str) -> None:
    assert origin_of(path) == FILES


def test_each_page_is_the_index_file_and_each_file_is_itself() -> None:
    pages = ["/", "/people/ada/availability", "/sessions/", "/a.b/c"]
    files = ["/index.html", "/assets/index-x.js", "/favicon.svg", "/a/.b"]
    command = [NODE, "-e", PAGES_CODE.read_text() + CALL, json.dumps([*pages, *files])]
    called = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(called.stdout) == ["/index.html"] * len(pages) + files
