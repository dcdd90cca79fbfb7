"""A browser of this machine, and a runner for it to visit; without a browser the tests are left out and say so."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from infra.local.run_process import OwnRun
from tests.browser.visitor import Visitor

DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE, DESKTOP = (320, 640), (1280, 900)

OpenBrowser = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests of this folder out where there is no browser, and say why in the summary."""
    if DRIVER and BROWSER:
        return
    reason = "NOT TESTED: no chromium and chromedriver here (apt-get install chromium chromium-driver)"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def run() -> Iterator[OwnRun]:
    """A local runner; each test makes members of its own."""
    with OwnRun() as run:
        yield run


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """The one browser of a test run; a page of ours leaves nothing behind in it."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # With the path of a driver selenium looks for none, and downloads none.
    browser = webdriver.Chrome(options, Service(DRIVER))
    yield browser
    browser.quit()


@pytest.fixture
def open_browser(run: OwnRun, browser: webdriver.Chrome, tmp_path: Path) -> Iterator[OpenBrowser]:
    """Sit down before the browser, in a time zone and at a screen of some size, with or without JavaScript."""
    visitor = Visitor(browser, run, tmp_path)

    def open_browser(zone: str = "UTC", size: tuple[int, int] = PHONE, *, script: bool = True) -> Visitor:
        visitor.emulate(zone, size, script=script)
        return visitor

    yield open_browser
    assert visitor.complaints() == []
    visitor.open("about:blank")
