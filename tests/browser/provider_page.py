"""The page of the local provider on which a member is chosen."""

from selenium.webdriver import Chrome

SEND_ID = (
    "const form = document.getElementById('new'), input = form.querySelector('input[name=name]');"
    "input.name = 'userId'; input.maxLength = 100; input.value = arguments[0]; form.submit()"
)


def choose_member(browser: Chrome, user_id: str) -> None:
    """Choose any member who signed in before, in place of the demo members that the page lists."""
    browser.execute_script(SEND_ID, user_id)
