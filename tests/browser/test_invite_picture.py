"""The picture of the invite page in the documentation. `--record` writes it."""

import base64
from datetime import UTC, datetime

import pytest

from infra.local.engine import ROOT
from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenBrowser
from tests.browser.pictures import text_of, with_text
from tests.browser.test_invite_page import InviteHost
from tests.browser.visitor import Visitor

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

PICTURE = ROOT / "docs/invite-page.png"
NOW = "2026-11-30T14:00:00Z"
# The clock of the page, which offers to cancel only what is ahead.
CLOCK = f"""
const now = new Date("{NOW}").getTime();
Date = class extends Date {{
  constructor(...parts) {{ super(...(parts.length ? parts : [now])); }}
  static now() {{ return now; }}
}};
"""
SLOTS = [(1, 14, 0, 50), (1, 18, 30, 25), (3, 15, 15, 75), (3, 19, 0, 50)]
PHONE = (390, 844)
# Lays the phones out side by side, and returns the size of the page.
BESIDE = """
document.body.style = "margin: 0; display: flex; gap: 24px; width: max-content; background: #fff";
for (const picture of arguments[0]) {
  const image = document.createElement("img");
  image.src = `data:image/png;base64,${picture}`;
  document.body.append(image);
}
"""


def shown(visitor: Visitor) -> tuple[str, str]:
    """Return the picture of the screen and its text."""
    visitor.browser.execute_script("scrollTo(0, 0)")
    return visitor.command("Page.captureScreenshot")["data"], visitor.text("main")


def beside(visitor: Visitor, pictures: list[str]) -> bytes:
    """Return the pictures of three phones as one."""
    width, height = len(pictures) * PHONE[0] + (len(pictures) - 1) * 24, PHONE[1]
    visitor.open("about:blank")
    visitor.emulate("UTC", (width, height), script=True)
    visitor.browser.execute_script(BESIDE, pictures)
    complete = "return [...document.images].every((image) => image.complete)"
    visitor.until(lambda: visitor.browser.execute_script(complete), "a picture is not complete")
    return base64.b64decode(visitor.command("Page.captureScreenshot")["data"])


def test_the_picture_of_the_invite_page_is_of_this_page(
    run: LocalRun, open_browser: OpenBrowser, pytestconfig: pytest.Config
) -> None:
    run.call("PUT", "/dev/clock", payload={"now": NOW})
    try:
        starts = [(datetime(2026, 12, day, hour, minute, tzinfo=UTC), length) for day, hour, minute, length in SLOTS]
        host = InviteHost(run, *starts, name="Ada Lindqvist")
        visitor = open_browser("America/New_York", PHONE)
        visitor.command("Emulation.setScrollbarsHidden", hidden=True)
        clock = visitor.command("Page.addScriptToEvaluateOnNewDocument", source=CLOCK)
        visitor.open(host.link)
        free = shown(visitor)
        visitor.open(f"{host.link}?language=ar")
        arabic = shown(visitor)
        visitor.open(host.link)
        visitor.choose("9:00")
        visitor.sign_in("Ben")
        visitor.book()
        visitor.visible("#sessions")
        booked = shown(visitor)
        visitor.command("Page.removeScriptToEvaluateOnNewDocument", **clock)
    finally:
        run.call("PUT", "/dev/clock", payload={"now": None})
    pictures, texts = zip(free, booked, arabic, strict=True)
    text = "\n\n".join(texts)
    if pytestconfig.getoption("--record"):
        PICTURE.write_bytes(with_text(beside(visitor, list(pictures)), text))
    assert text_of(PICTURE) == text
