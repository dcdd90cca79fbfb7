"""The languages of the web app in a browser."""

import pytest
from selenium.webdriver.support.ui import Select

from tests.browser.conftest import OpenMember
from tests.browser.member_browser import MemberBrowser

# A browser takes seconds for each test.
pytestmark = pytest.mark.long


def direction(member: MemberBrowser) -> list[str]:
    """Return the language and the direction of the page."""
    found: list[str] = member.browser.execute_script(
        "const { lang, dir } = document.documentElement; return [lang, dir]"
    )
    return found


def test_a_visitor_chooses_a_language_which_stays(open_member: OpenMember) -> None:
    visitor = open_member()
    visitor.open("/")
    choice = Select(visitor.one("combobox", "Language"))
    assert [(each.text, each.get_attribute("lang")) for each in choice.options] == [
        ("English", "en"),
        ("Deutsch", "de"),
        ("العربية", "ar"),
    ]
    choice.select_by_visible_text("العربية")
    visitor.sees("اعمل جنبًا إلى جنب", "h1")
    assert direction(visitor) == ["ar", "rtl"]
    visitor.browser.refresh()
    visitor.sees("اعمل جنبًا إلى جنب", "h1")
    Select(visitor.one("combobox", "اللغة")).select_by_visible_text("Deutsch")
    visitor.sees("Seite an Seite arbeiten", "h1")
    assert direction(visitor) == ["de", "ltr"]


def test_the_first_page_is_in_the_language_of_the_browser(open_member: OpenMember) -> None:
    visitor = open_member()
    agent = visitor.browser.execute_script("return navigator.userAgent")
    visitor.command("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage="fr-CH,de-AT;q=0.8,en;q=0.5")
    visitor.open("/")
    visitor.sees("Seite an Seite arbeiten", "h1")
    assert direction(visitor) == ["de", "ltr"]
