"""Headless Chromium and a local runner that it visits. Without Chromium the tests are skipped."""

import fcntl
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from infra.local.engine import ROOT
from infra.local.run_process import LocalRun
from infra.web.build import build, install_packages
from tests.browser.member_browser import MemberBrowser
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

# The story, the sign-in, the accessibility and the pictures of all screens.
WHOLE = {"story", "sign_in", "test_accessibility.py", "test_screenshots.py"}

OpenBrowser = Callable[..., Visitor]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests of this folder where there is no browser, and leave tests of each module out by `--share`."""
    folder = f"{Path(__file__).parent}/"
    own = [item for item in items if str(item.path).startswith(folder)]
    left_out = set(_beyond_share(own, config.getoption("--share")))
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
    if DRIVER and BROWSER:
        return
    reason = "NOT TESTED: no chromium and chromedriver here (apt-get install chromium chromium-driver)"
    for item in own:
        item.add_marker(pytest.mark.skip(reason=reason))


def _beyond_share(items: list[pytest.Item], share: int) -> Iterator[pytest.Item]:
    """Yield all but every n-th test of each module. The tests of the whole app run in every share."""
    numbers: Counter[Path] = Counter()
    for item in items:
        if not any(part in WHOLE for part in item.path.relative_to(Path(__file__).parent).parts):
            if numbers[item.path] % share:
                yield item
            numbers[item.path] += 1


@pytest.fixture(scope="session")
def run(built_app: None) -> Iterator[LocalRun]:
    """A local runner of the present web app. Each test creates its own members."""
    with LocalRun() as run:
        yield run


def start_browser(profile: Path, *arguments: str) -> webdriver.Chrome:
    """Start a browser with an empty profile, and with more arguments."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}", *arguments):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # With the path of a driver, selenium neither searches for one nor downloads one.
    return webdriver.Chrome(options, Service(DRIVER))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """The only browser of the tests of pages without sign-in. The pages of the service store no data in it."""
    browser = start_browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def built_app() -> None:
    """The built web app with the packages for its tests. Test processes build one after another."""
    with (ROOT / "web/package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_packages(development=True)
        build()


OpenMember = Callable[..., MemberBrowser]


@pytest.fixture
def open_member(run: LocalRun, tmp_path: Path) -> Iterator[OpenMember]:
    """A function that opens another browser of a member, with a time zone, a screen size and a colour scheme."""
    members: list[MemberBrowser] = []
    with ExitStack() as stack:

        def open_member(*arguments: str, **emulated: Any) -> MemberBrowser:
            folder = tmp_path / str(len(members))
            folder.mkdir()
            browser = start_browser(folder / "profile", *arguments)
            stack.callback(browser.quit)
            member = MemberBrowser(browser, run, folder)
            member.emulate(**emulated)
            members.append(member)
            return member

        yield open_member
        assert [member.console_errors() for member in members] == [[] for _ in members]


@pytest.fixture
def open_browser(run: LocalRun, browser: webdriver.Chrome, tmp_path: Path) -> Iterator[OpenBrowser]:
    """A function that opens the browser with a time zone and a screen size, with or without JavaScript.

    Each test has a new tab, without the session storage of a sign-in that an earlier test began.
    """
    earlier = browser.current_window_handle
    browser.switch_to.new_window("tab")
    new = browser.current_window_handle
    browser.switch_to.window(earlier)
    browser.close()
    browser.switch_to.window(new)
    visitor = Visitor(browser, run, tmp_path)
    visitor.forget_sign_in()

    def open_browser(zone: str = "UTC", size: tuple[int, int] = PHONE, *, script: bool = True) -> Visitor:
        visitor.emulate(zone, size, script=script)
        return visitor

    yield open_browser
    assert visitor.console_errors() == []
