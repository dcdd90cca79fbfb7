"""The split of the distribution between the web app and the API."""

import json
import subprocess
from fnmatch import fnmatchcase

import pytest

from chalicelib.handlers.http.routes import ROUTES
from infra.cloudformation.intrinsic import API
from infra.cloudformation.web_address import APP_URL, INVITE_URL, PUBLIC_URL
from infra.cloudformation.web_app import FILES, PAGES_CODE, web_app
from infra.nodejs import NODE
from tests.infra.cloudformation.test_user_pool import evaluated

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


OWN = "https://d1.cloudfront.net"
PROVIDER = {"SignIn": "provider"}


@pytest.mark.parametrize(
    ("given", "app", "public", "invite"),
    [
        ({"WebUrl": OWN}, OWN, OWN, f"{OWN}/i"),
        (
            {"WebUrl": OWN, "WebDomainName": "app.example"},
            "https://app.example",
            "https://app.example",
            "https://app.example/i",
        ),
        # The first step of a deployment, and a stack without the web app.
        ({}, "", "", ""),
        ({"WebApp": "off", "WebUrl": OWN, "WebDomainName": "app.example"}, "", "", ""),
        (
            {"WebUrl": OWN, "PublicUrl": "https://a.example", "InviteUrl": "https://b.example/i"},
            OWN,
            "https://a.example",
            "https://b.example/i",
        ),
        ({"WebApp": "off", "PublicUrl": "https://a.example"}, "", "https://a.example", ""),
    ],
)
def test_the_functions_have_the_address_of_the_app_unless_the_settings_name_others(
    given: dict[str, str], app: str, public: str, invite: str
) -> None:
    assert [evaluated(each, **given) for each in (APP_URL, PUBLIC_URL, INVITE_URL)] == [app, public, invite]


@pytest.mark.parametrize(
    ("given", "token"),
    [
        (PROVIDER, ""),
        (PROVIDER | {"TokenUrl": "https://id.example:8443/oauth/token"}, " https://id.example:8443"),
        (
            PROVIDER
            | {"TokenUrl": "https://id.example/token", "RevocationUrl": "https://revoke.example:8443/oauth/revoke"},
            " https://id.example https://revoke.example:8443",
        ),
        ({}, " https://lockstep.auth.eu-central-1.amazoncognito.com"),
    ],
)
def test_the_app_sends_requests_to_the_live_connection_and_the_provider_of_the_settings(
    given: dict[str, str], token: str
) -> None:
    configuration = web_app()["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    policy = evaluated(configuration, **given)["SecurityHeadersConfig"]["ContentSecurityPolicy"][
        "ContentSecurityPolicy"
    ]
    live = "wss://live.execute-api.eu-central-1.amazonaws.com"
    assert f"connect-src 'self' {live}{token};" in policy
