"""The story of locked-in sessions, played with the keys of a keyboard alone. The focus is always visible."""

from datetime import UTC, datetime

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import OpenMember
from tests.browser.story.keyboard_member import KeyboardMember
from tests.browser.story.test_story import DAY, IS_COMPLETE, card, shows, wall

# Two browsers take a minute.
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

QUARTER = 15 * 60_000
FOCUSED_AT = "return Number(document.activeElement.dataset.at)"
# Scrolls to where the arrows leave a cell in the early hours: the block of its session ends behind a message.
SCROLL_LOWEST = """
const cell = document.activeElement, grid = cell.closest(".week");
grid.scrollTop += cell.getBoundingClientRect().bottom + 96 - grid.getBoundingClientRect().bottom;
cell.scrollIntoView({ block: "nearest" });
"""
LOCKS = "main li:has(svg.lock)"


def sign_in(keys: KeyboardMember, name: str) -> None:
    """Sign in as a new member."""
    keys.page.open("/")
    keys.go("button", "Sign in")
    keys.press_and_leave(Keys.ENTER)
    keys.go("textbox", "Name")
    keys.press(name)
    keys.press_and_leave(Keys.ENTER)
    keys.page.sees(f"Signed in as {name}")


def at(hour: int) -> int:
    """Return the instant of an hour on the day of the story, in milliseconds."""
    return int(datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC).timestamp() * 1000)


def go_to_cell(keys: KeyboardMember, hour: int) -> None:
    """Open the calendar, and reach the cell of an hour by the arrows."""
    page = keys.page
    keys.enter("link", "Calendar")
    page.until(lambda: page.browser.execute_script(IS_COMPLETE), "the calendar is not complete")
    keys.reach(lambda: page.browser.find_element(By.CSS_SELECTOR, "td[tabindex='0']"), "no cell")
    start = datetime.fromtimestamp(page.browser.execute_script(FOCUSED_AT) / 1000, UTC)
    days, lines = (DAY - start.date()).days, (hour - start.hour) * 4 - start.minute // 15
    keys.press(*[Keys.ARROW_RIGHT] * days, *[Keys.ARROW_DOWN if lines > 0 else Keys.ARROW_UP] * abs(lines))
    assert page.browser.execute_script(FOCUSED_AT) == at(hour)


def book(keys: KeyboardMember, hour: int) -> None:
    """Book a session of 50 minutes by the card of a cell."""
    go_to_cell(keys, hour)
    keys.press(Keys.ENTER)
    keys.confirm("Book", "Booked", "Book a session")


def lock_in(keys: KeyboardMember) -> None:
    """Press the Book button that appears for a chosen time."""
    keys.confirm("Book...", "You are locked in with Ben")


def is_locked_everywhere(keys: KeyboardMember, partner: str, hour: int) -> None:
    """Check the lock icon in the calendar, on the Sessions screen, and on the partner's Availability page (R2)."""
    page = keys.page
    go_to_cell(keys, hour)
    page.until(lambda: page.browser.switch_to.active_element.find_element(By.CSS_SELECTOR, "svg.lock"), "no lock")
    keys.enter("link", "Sessions")
    page.until(lambda: card(page, hour).find_element(By.CSS_SELECTOR, "svg.lock"), "no lock on the Sessions screen")
    keys.enter("link", partner, lambda: card(page, hour))
    keys.enter("link", "See availability")
    page.one("heading", f"Availability of {partner}")
    page.until(
        lambda: [row for row in page.browser.find_elements(By.CSS_SELECTOR, LOCKS) if wall(hour) in row.text],
        "no lock on the Availability page",
    )


def be_matched(ada: KeyboardMember, ben: KeyboardMember) -> None:
    """Book by the card, and favorite the partner."""
    book(ada, 9)
    book(ben, 9)
    ada.enter("link", "Sessions")
    shows(ada.page, 9, "Ben")
    ada.enter("button", "Add to favorites: Ben", lambda: card(ada.page, 9))
    shows(ada.page, 9, "Favorite")


def lock_in_on_the_availability_page(ada: KeyboardMember, ben: KeyboardMember) -> None:
    """Lock in on the Availability page, from the context menu of People, which is the first way."""
    book(ben, 11)
    ada.enter("link", "People")
    ada.enter("button", "More about Ben")
    ada.press(Keys.ARROW_DOWN)
    assert ada.page.browser.switch_to.active_element.text == "See availability"
    ada.press(Keys.ENTER)
    ada.enter("button", wall(11), key=Keys.SPACE)
    lock_in(ada)
    is_locked_everywhere(ben, "Ada", 11)


def lock_in_on_favorites_availability(ada: KeyboardMember, ben: KeyboardMember) -> None:
    """Lock in on Favorites Availability, below the Book button of the calendar, which is the second way."""
    book(ben, 13)
    ada.enter("link", "Calendar")
    ada.enter("link", "Favorites Availability", lambda: ada.page.browser.find_element(By.CSS_SELECTOR, "main .bar"))
    entry = f"//main//li[contains(., '{wall(13)}')]"
    ada.enter("button", "Ben", lambda: ada.page.browser.find_element(By.XPATH, entry), Keys.SPACE)
    lock_in(ada)


def lock_in_from_the_partner_panel(ada: KeyboardMember, ben: KeyboardMember) -> None:
    """Lock in from the Partner panel, which is the third way."""
    book(ben, 15)
    go_to_cell(ada, 15)
    ada.page.browser.execute_script(SCROLL_LOWEST)
    cell = f"td[data-at='{at(15)}']"
    ada.enter("button", "More", lambda: ada.page.browser.find_element(By.CSS_SELECTOR, cell))
    ada.choose("partner", "Ben 50 minutes")
    ada.confirm("Book and lock in", "Locked in with Ben", "Book a session")
    is_locked_everywhere(ada, "Ben", 15)


def cancel_or_keep(ada: KeyboardMember, ben: KeyboardMember) -> None:
    """Keep a session by Escape, and cancel it by Enter."""
    ada.enter("link", "Sessions")
    ada.enter("button", "Cancel", lambda: card(ada.page, 11))
    ada.page.one("button", "Cancel the session")
    ada.press(Keys.ESCAPE)
    assert ada.page.browser.switch_to.active_element.text == "Cancel"
    ada.press(Keys.ENTER)
    ada.confirm("Cancel the session", "Your session is cancelled.")
    ben.enter("link", "Sessions")
    shows(ben.page, 11, "Your partner cancelled")


def invite(ben: KeyboardMember, ada: KeyboardMember) -> None:
    """Lock a guest in by an invite link."""
    book(ben, 17)
    ben.enter("link", "Invite links")
    ben.enter("button", "Make a link")
    link = ben.page.one("textbox", "Address of the link").get_attribute("value")
    ben.press(Keys.ESCAPE)
    ada.page.browser.get(link)
    ada.go("button", "Sign in to book")
    ada.press_and_leave(Keys.ENTER)
    ada.page.until(lambda: "signed in as" in ada.page.text(), "the page does not name Ada")
    ada.enter("button", "5:00\u20135:50...")
    ada.enter("button", "Book and lock in")
    ada.page.sees("You are locked in with Ben")
    ada.sees_focus()
    is_locked_everywhere(ben, "Ada", 17)


def test_the_story_of_locked_in_sessions_by_keyboard(open_member: OpenMember) -> None:
    ada, ben = KeyboardMember(open_member()), KeyboardMember(open_member())
    sign_in(ada, "Ada")
    sign_in(ben, "Ben")
    be_matched(ada, ben)
    lock_in_on_the_availability_page(ada, ben)
    lock_in_on_favorites_availability(ada, ben)
    lock_in_from_the_partner_panel(ada, ben)
    cancel_or_keep(ada, ben)
    invite(ben, ada)
