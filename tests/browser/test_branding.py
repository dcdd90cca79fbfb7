"""The operator's name, color and links in the web app."""

from collections.abc import Iterator

import pytest
import urllib3
from selenium.webdriver.common.by import By

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember

# A browser per test.
pytestmark = pytest.mark.long

BRANDING = {
    "LOCKSTEP_PRODUCT_NAME": 'Tandem & "Co"',
    "LOCKSTEP_ACCENT_COLOR": "#8A4B08",
    "LOCKSTEP_IMPRINT_URL": "https://operator.example/imprint",
    "LOCKSTEP_PRIVACY_URL": "https://operator.example/privacy",
}


@pytest.fixture(scope="module")
def run(built_app: None) -> Iterator[LocalRun]:
    """A run of an operator with a branding."""
    with LocalRun(**BRANDING) as run:
        yield run


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_visitor_sees_the_name_the_color_and_the_links_of_the_operator(open_member: OpenMember, scheme: str) -> None:
    visitor = open_member(size=(320, 640), scheme=scheme)
    visitor.open("/")
    button = visitor.one("button", "Sign in")
    assert button.value_of_css_property("background-color") in ("rgb(138, 75, 8)", "rgba(138, 75, 8, 1)")
    links = {name: visitor.one("link", name).get_attribute("href") for name in ("Imprint", "Privacy policy")}
    assert list(links.values()) == [BRANDING["LOCKSTEP_IMPRINT_URL"], BRANDING["LOCKSTEP_PRIVACY_URL"]]
    assert visitor.browser.title == BRANDING["LOCKSTEP_PRODUCT_NAME"]
    assert visitor.text(".product") == BRANDING["LOCKSTEP_PRODUCT_NAME"]
    assert visitor.violations() == []


def test_a_preview_and_an_installed_app_have_the_name_of_the_operator(open_member: OpenMember) -> None:
    visitor = open_member()
    visitor.open("/people/ada")
    (preview,) = visitor.browser.find_elements(By.CSS_SELECTOR, "meta[property='og:title']")
    assert preview.get_attribute("content") == BRANDING["LOCKSTEP_PRODUCT_NAME"]
    (link,) = visitor.browser.find_elements(By.CSS_SELECTOR, "link[rel=manifest]")
    response = urllib3.request("GET", link.get_attribute("href"))
    manifest = response.json()
    assert (response.headers["Content-Type"], manifest["name"]) == (
        "application/manifest+json",
        BRANDING["LOCKSTEP_PRODUCT_NAME"],
    )
    for icon in manifest["icons"]:
        image = urllib3.request("GET", visitor.run.url + icon["src"])
        assert (image.status, image.headers["Content-Type"]) == (200, icon["type"])
