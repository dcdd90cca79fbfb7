"""The story of locked-in sessions, clicked by four members in browsers of their own. No step calls the API."""

from datetime import UTC, datetime, timedelta

import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import OpenMember
from tests.browser.member_browser import MemberBrowser

# Four browsers take a minute.
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
IS_COMPLETE = "return document.querySelector('table[aria-busy=false]') !== null"


def wall(hour: int) -> str:
    """Return the beginning of a session of 50 minutes on the hour, as the screens show it."""
    return f"{hour % 12 or 12}:00\u2013{hour % 12 or 12}:50 {'AM' if hour < 12 else 'PM'}"


def calendar(member: MemberBrowser) -> None:
    """Open the calendar by its link, at the day of the story, and wait for its slots."""
    member.click("link", "Calendar")
    field = member.until(lambda: member.browser.find_element(By.CSS_SELECTOR, "input[type=date]"), "no date")
    member.browser.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', { bubbles: true }))",
        field,
        DAY.isoformat(),
    )
    member.until(lambda: f"date={DAY}" in member.browser.current_url, "the calendar does not show the day")
    member.until(lambda: member.browser.execute_script(IS_COMPLETE), "the calendar is not complete")


def cell(member: MemberBrowser, hour: int):
    """Return the cell of an hour in the calendar, in view."""
    at = int(datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC).timestamp() * 1000)
    script = "const cell = document.getElementById('slot-' + arguments[0])?.parentElement;"
    script += "cell?.scrollIntoView({ block: 'center' }); return cell"
    return member.until(lambda: member.browser.execute_script(script, at), f"no cell at {hour}")


def book(member: MemberBrowser, hour: int) -> None:
    """Book a session of 50 minutes by a click in the calendar."""
    calendar(member)
    member.until(lambda: cell(member, hour).click() or True, "the cell cannot be clicked")
    member.click("button", "Book", member.one("dialog", "Book a session"))
    # An earlier booking may still be announced.
    member.until(lambda: any(is_booking(text, hour) for text in said(member)), f"{hour} is not booked")


def said(member: MemberBrowser) -> list[str]:
    """Return the messages on the page."""
    return member.text(".toasts").splitlines()


def is_booking(text: str, hour: int) -> bool:
    """Return True for the message that the slot of an hour is booked."""
    return text.startswith("Booked") and wall(hour) in text


def has_lock(member: MemberBrowser, css: str) -> None:
    """Wait until an element shows the lock icon by its name."""
    member.until(lambda: member.browser.find_element(By.CSS_SELECTOR, f"{css} svg.lock"), f"no lock in {css}")


def card(member: MemberBrowser, hour: int):
    """Return the card of a session on the Sessions screen."""
    start = datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC)
    path = f"//article[.//time[starts-with(@datetime, '{start:%Y-%m-%dT%H:%M}')]]"
    return member.until(lambda: member.browser.find_element(By.XPATH, path), f"no session at {hour}")


def shows(member: MemberBrowser, hour: int, text: str) -> None:
    """Wait until the card of a session shows a text, without a reload."""
    member.until(
        lambda: text in card(member, hour).text.replace("\u2068", "").replace("\u2069", ""), f"no {text!r} at {hour}"
    )


def is_locked_everywhere(member: MemberBrowser, partner: str, hour: int) -> None:
    """Check the lock icon in the calendar, on the Sessions screen, and on the partner's Availability page (R2)."""
    calendar(member)
    has_lock(
        member, f"td:has(#slot-{int(datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC).timestamp() * 1000)})"
    )
    member.click("link", "Sessions")
    shows(member, hour, "Locked in")
    member.until(lambda: card(member, hour).find_element(By.CSS_SELECTOR, "svg.lock"), "no lock on the Sessions screen")
    member.click("link", partner, card(member, hour))
    member.click("link", "See availability")
    member.one("heading", f"Availability of {partner}")
    member.until(
        lambda: [entry for entry in member.browser.find_elements(By.CSS_SELECTOR, "main li:has(svg.lock)")
                 if wall(hour) in entry.text],
        "no lock on the Availability page",
    )  # fmt: skip


def be_matched(ada: MemberBrowser, ben: MemberBrowser) -> None:
    """Book, be matched, and favorite the partner."""
    book(ada, 9)
    book(ben, 9)
    ada.click("link", "Sessions")
    shows(ada, 9, "Ben")
    ada.click("button", "Add to favorites: Ben", card(ada, 9))
    shows(ada, 9, "Favorite")


def lock_in_on_the_availability_page(ada: MemberBrowser, ben: MemberBrowser) -> None:
    """Lock in on the Availability page, from the context menu of People, which is the first way."""
    book(ben, 11)
    ada.click("link", "People")
    ada.click("button", "More about Ben")
    ada.click("link", "See availability")
    ada.click("button", wall(11))
    ada.click("button", "Book and lock in")
    ada.sees("You are locked in with Ben")
    is_locked_everywhere(ada, "Ben", 11)
    is_locked_everywhere(ben, "Ada", 11)


def lock_in_on_favorites_availability(ada: MemberBrowser, ben: MemberBrowser) -> None:
    """Lock in on Favorites Availability, below the Book button of the calendar, which is the second way."""
    book(ben, 13)
    calendar(ada)
    ada.click("link", "Favorites Availability", ada.browser.find_element(By.CSS_SELECTOR, "main"))
    entry = ada.until(
        lambda: ada.browser.find_element(By.XPATH, f"//main//li[contains(., '{wall(13)}')]"), "no slot at 13"
    )
    ada.click("button", "Ben", entry)
    ada.click("button", "Book and lock in")
    ada.sees("You are locked in with Ben")
    is_locked_everywhere(ada, "Ben", 13)


def lock_in_from_the_partner_panel(
    ada: MemberBrowser, ben: MemberBrowser, cy: MemberBrowser, dee: MemberBrowser
) -> None:
    """Lock in from the Partner panel, which is the third way.

    Cy is matched with Ben there, is displaced while looking, and is matched again.
    """
    book(ben, 15)
    book(cy, 15)
    cy.click("link", "Sessions")
    shows(cy, 15, "Ben")
    calendar(ada)
    ada.click("button", "More", cell(ada, 15))
    panel = ada.one("dialog", "Book a session")
    ada.click("radio", "Ben 50 minutes", panel)
    ada.click("button", "Book and lock in", panel)
    ada.sees("Locked in with Ben")
    shows(cy, 15, "Your partner got another partner. We look for a new one.")
    book(dee, 15)
    shows(cy, 15, "Your partner got another partner. You were matched again.")
    shows(cy, 15, "Dee")
    is_locked_everywhere(ada, "Ben", 15)


def cancel_in_both_directions(ada: MemberBrowser, ben: MemberBrowser, cy: MemberBrowser) -> None:
    """Cancel in both directions. The other member sees it while looking, and gets a new partner."""
    ben.click("link", "Sessions")
    ada.click("link", "Sessions")
    cancel(ada, 11)
    shows(ben, 11, "Your partner cancelled")
    cancel(ben, 13)
    shows(ada, 13, "Your partner cancelled")
    book(cy, 11)
    shows(ben, 11, "Cy")


def invite(ben: MemberBrowser, dee: MemberBrowser) -> None:
    """Lock a guest in by an invite link."""
    book(ben, 17)
    ben.click("link", "Invite links")
    ben.click("button", "Make a link")
    link = ben.one("textbox", "Address of the link").get_attribute("value")
    dee.browser.get(link)
    dee.click("button", "Sign in to book")
    dee.until(lambda: "signed in as" in dee.text(), "the page does not name Dee")
    dee.click("button", "5:00\u20135:50...")
    dee.click("button", "Book and lock in")
    dee.sees("You are locked in with Ben")
    ben.click("button", "Close")
    is_locked_everywhere(ben, "Dee", 17)


def test_the_story_of_locked_in_sessions(open_member: OpenMember) -> None:
    ada, ben, cy, dee = (open_member() for _ in range(4))
    for member, name in ((ada, "Ada"), (ben, "Ben"), (cy, "Cy"), (dee, "Dee")):
        member.sign_in_as_new(name)
    be_matched(ada, ben)
    lock_in_on_the_availability_page(ada, ben)
    lock_in_on_favorites_availability(ada, ben)
    lock_in_from_the_partner_panel(ada, ben, cy, dee)
    cancel_in_both_directions(ada, ben, cy)
    invite(ben, dee)


def cancel(member: MemberBrowser, hour: int) -> None:
    """Cancel a session by the button of its card, and confirm."""
    member.click("button", "Cancel", card(member, hour))
    member.click("button", "Cancel the session")
    member.sees("Your session is cancelled.")
