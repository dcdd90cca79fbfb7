"""Every state of the invite page, judged by axe-core on three screens, in both color schemes and both directions."""

from collections.abc import Callable, Iterator

import pytest

from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenBrowser
from tests.browser.member_browser import AXE, RUN_AXE
from tests.browser.test_invite_page import NINE, NOON, InviteHost
from tests.browser.visitor import Visitor

# Each state is judged six times.
pytestmark = pytest.mark.long

WIDTHS, SCHEMES = (320, 768, 1280), ("light", "dark")
DIRECTIONS = {"en": "ltr", "ar": "rtl"}
OVERFLOW = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"


def faults(visitor: Visitor, state: str) -> Iterator[str]:
    """Yield what axe-core finds on the page on each screen and in each scheme, and a text wider than the screen."""
    visitor.browser.execute_script(AXE.read_text())
    for scheme in SCHEMES:
        visitor.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for width in WIDTHS:
            visitor.command(
                "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
            )
            place = f"{state} {width} {scheme}"
            if visitor.browser.execute_script(OVERFLOW):
                yield f"{place} is too wide"
            found = visitor.browser.execute_async_script(RUN_AXE)
            for rule in found["violations"]:
                yield from (f"{place} {rule['id']}: {node['html'][:160]}" for node in rule["nodes"])


@pytest.mark.parametrize("language", DIRECTIONS)
def test_axe_finds_no_violation_in_any_state(run: LocalRun, open_browser: OpenBrowser, language: str) -> None:
    host = InviteHost(run, (NINE, 50), (NOON, 25))
    visitor = open_browser()
    found: list[str] = []

    def judge(state: str) -> None:
        assert visitor.browser.execute_script("return document.documentElement.dir") == DIRECTIONS[language]
        found.extend(faults(visitor, state))

    try:
        for path in (f"{run.url}/i/unknown", f"{run.url}/n/verify/unknown", f"{run.url}/signed-in"):
            visitor.open(f"{path}?language={language}")
            judge(path)
        visitor.open(f"{host.link}?language={language}")
        judge("free times")
        visitor.element("button.slot").click()
        visitor.sign_in("Ben")
        judge("question")
        visitor.book()
        visitor.visible("#sessions")
        judge("booked")
        visitor.element(".cancel").click()
        judge("cancel")
        visitor.element(".cancel").click()
        visitor.message()
        judge("cancelled")
    finally:
        visitor.command("Emulation.setEmulatedMedia", features=[])
    assert found == []


def test_a_guest_chooses_a_language_books_and_cancels_by_keyboard(run: LocalRun, open_browser: OpenBrowser) -> None:
    host = InviteHost(run, (NINE, 50))
    visitor = open_browser()
    visitor.open(host.link)

    def press(key: str, until: Callable[[], bool] | None = None) -> None:
        visitor.browser.switch_to.active_element.send_keys(key)
        if until:
            visitor.until(until, f"{key!r} has no effect")

    def reach(text: str) -> None:
        for _ in range(30):
            if visitor.browser.switch_to.active_element.text.startswith(text):
                return
            press(TAB)
        raise AssertionError(f"{text} cannot be reached")

    reach("Deutsch")
    press(ENTER, lambda: visitor.text("h1") == "Arbeite mit Ada")
    reach("09:00" if "09:00" in visitor.text("button.slot") else "9:00")
    press(ENTER, lambda: visitor.element("#ask").is_displayed())
    visitor.forget_sign_in()
    reach("Zum Buchen anmelden")
    press(ENTER, lambda: visitor.element("#new").is_displayed())
    visitor.sign_in_as_new("Ben")
    visitor.visible("#book")
    reach("Fest buchen")
    press(ENTER, lambda: visitor.focused() == "yours")
    reach("Absagen")
    press(ENTER)
    assert visitor.browser.switch_to.active_element.text == "Ja, diese Sitzung absagen"
    press(ENTER, lambda: visitor.text("#said") == "Deine Sitzung ist abgesagt.")
    assert host.guests() == {}


TAB, ENTER = "\ue004", "\ue007"
