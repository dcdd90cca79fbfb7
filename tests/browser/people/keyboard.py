"""The keyboard and the focus of a member's browser."""

from selenium.webdriver import ActionChains

from tests.browser.member_browser import MemberBrowser


def press(member: MemberBrowser, *keys: str) -> None:
    """Press keys wherever the focus is."""
    ActionChains(member.browser).send_keys(*keys).perform()


def press_until(member: MemberBrowser, key: str, text: str) -> None:
    """Press a key until the focused element has a text at its end."""

    def is_focused() -> bool:
        press(member, key)
        return focused(member).endswith(text)

    member.until(is_focused, f"{text!r} is not focused")


def focused(member: MemberBrowser) -> str:
    """Return the text of the focused element."""
    return member.browser.switch_to.active_element.text
