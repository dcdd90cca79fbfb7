"""Every screen of the web app, judged by axe-core on three screens, in both colour schemes and both directions."""

import pytest

from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember
from tests.browser.member_browser import MemberBrowser

# Each screen is opened six times, and judged in both schemes each time.
pytestmark = pytest.mark.long

WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")
# The directions by a language of each.
LANGUAGES = {"ltr": "en", "rtl": "ar"}
SCREENS = (
    "/",
    "/favorites",
    "/sessions",
    "/sessions/past",
    "/repeats",
    "/people",
    "/people/{favorite}",
    "/people/{favorite}/availability",
    "/invite-links",
    "/settings",
    "/staff",
    "/staff/members?member={favorite}",
    "/staff/log",
    "/rooms/nothing-here",
    "/nothing-here",
)
IS_COMPLETE = "return document.querySelector('main h1') !== null && !document.querySelector('[aria-busy=true]')"
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


def wait_until_complete(member: MemberBrowser, path: str) -> None:
    """Wait until a screen has its heading and reads no data."""
    member.until(lambda: member.browser.execute_script(IS_COMPLETE), f"{path} is not complete")


def findings(member: MemberBrowser, path: str) -> dict[str, list[str]]:
    """Return what axe-core finds on a screen, by width and scheme, with a text that is wider than the screen."""
    found = {}
    for width in WIDTHS:
        member.emulate(size=(width, 900))
        member.open(path)
        for scheme in SCHEMES:
            # The style sheets alone follow the scheme, so an open page shows it.
            member.emulate(size=(width, 900), scheme=scheme)
            wait_until_complete(member, path)
            wide = [f"{path} is too wide"] if member.browser.execute_script(OVERFLOW) > 0 else []
            faults = member.violations()
            if faults:
                # The page may have read its data again meanwhile. A real fault is found again.
                wait_until_complete(member, path)
                faults = member.violations()
            found[f"{path} {width} {scheme}"] = faults + wide
    return {place: faults for place, faults in found.items() if faults}


@pytest.mark.parametrize("direction", LANGUAGES)
def test_axe_finds_no_violation_on_any_screen(open_member: OpenMember, direction: str) -> None:
    member = open_member()
    member.sign_in_as("Mara")
    member.browser.execute_script("localStorage.setItem('lockstep-language', arguments[0])", LANGUAGES[direction])
    favorite = KnownMember(member.run, "Someone").user_id
    found: dict[str, list[str]] = {}
    for screen in SCREENS:
        found |= findings(member, screen.format(favorite=favorite))
    assert member.browser.execute_script("return document.documentElement.dir") == direction
    assert found == {}


@pytest.mark.parametrize("direction", LANGUAGES)
def test_axe_finds_no_violation_on_the_first_page(open_member: OpenMember, direction: str) -> None:
    visitor = open_member()
    visitor.open("/")
    visitor.browser.execute_script("localStorage.setItem('lockstep-language', arguments[0])", LANGUAGES[direction])
    assert findings(visitor, "/") == {}
