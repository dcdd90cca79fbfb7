"""The files of the web app and their headers."""

from pathlib import Path

from msgspec.structs import replace

from chalicelib.settings import Messaging, Settings, SignIn, from_environment
from infra.web.site import connected_origins, policy, site_files
from tests.test_settings import REQUIRED

SIGN_IN = SignIn(
    "https://id.example/authorize", "https://id.example:8443/token", "app", "id_token", "https://id.example:8443"
)


def settings(live_url: str, sign_in: SignIn | None) -> Settings:
    return replace(from_environment(REQUIRED), messaging=Messaging(live_url=live_url), sign_in=sign_in)


def test_only_files_whose_name_has_a_digest_are_kept_by_browsers(tmp_path: Path) -> None:
    for name in (
        "index.html",
        "push.js",
        "assets/index-Bx1.js",
        ".sources",
        ".git/config",
        "assets/.cache/index.js",
        "manifest.webmanifest",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(name)
    files = site_files(tmp_path)
    assert {name: (file.content_type, file.cache_control) for name, file in files.items()} == {
        "assets/index-Bx1.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "manifest.webmanifest": ("application/manifest+json", "no-cache"),
        "push.js": ("text/javascript; charset=utf-8", "no-cache"),
    }


def test_the_app_sends_requests_to_its_origin_the_live_connection_and_the_provider_only() -> None:
    both = connected_origins(settings("wss://live.example/api", SIGN_IN))
    assert both == ("wss://live.example", "https://id.example:8443")
    assert connected_origins(settings("", None)) == ()
    revoking = replace(SIGN_IN, revocation_url="https://id.example:8443/revoke")
    assert connected_origins(settings("", revoking)) == ("https://id.example:8443",)
    elsewhere = replace(SIGN_IN, revocation_url="https://revoke.example/oauth/revoke")
    assert connected_origins(settings("", elsewhere)) == ("https://id.example:8443", "https://revoke.example")
    assert "connect-src 'self' wss://live.example https://id.example:8443;" in policy(both)
    assert "connect-src 'self';" in policy(())


def test_the_policy_permits_neither_inline_scripts_nor_other_origins_of_scripts() -> None:
    directives = dict(each.split(" ", 1) for each in policy(()).split("; "))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' https:",
        "manifest-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
