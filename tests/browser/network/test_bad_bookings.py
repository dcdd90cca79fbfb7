"""A lock-in from each screen on a bad network. It happens once, and words say so."""

from collections.abc import Callable

import pytest

from infra.local.run_process import LocalRun
from tests.browser.calendar.calendar_screen import CalendarScreen
from tests.browser.conftest import OpenMember
from tests.browser.known_member import KnownMember, ahead
from tests.browser.network.browser_proxy import BrowserProxy, ProxyFault
from tests.browser.network.test_bad_networks import FAULTS, conditions

# A browser takes seconds for each case.
pytestmark = pytest.mark.long

START = ahead(3, 10)
BOOKING = ("POST", "/v1/sessions")
# Where each screen shows that a booking did not succeed.
CARD, TOAST = "dialog[open] [role=alert]", ".toasts [role=alert]"


def choose_in_calendar(ada: KnownMember, ben: KnownMember) -> str:
    """Choose the partner in the Partner panel of the calendar, and return the name of the Book button."""
    calendar = CalendarScreen(ada.page, ada)
    calendar.is_complete()
    calendar.open_panel(START)
    ada.page.click("radio", f"{ben.name} 50 minutes")
    return "Book and lock in"


def choose_in_favorites(ada: KnownMember, ben: KnownMember) -> str:
    """Choose the partner in Favorites Availability, and return the beginning of the name of the Book button."""
    ada.page.click("link", "Favorites Availability")
    ada.page.click("button", ben.name)
    return "Book..."


def choose_in_availability(ada: KnownMember, ben: KnownMember) -> str:
    """Choose the time on the partner's page, and return the beginning of the name of the Book button."""
    ada.page.open(f"/people/{ben.user_id}/availability")
    ada.page.click("button", "10:00\u201310:50 AM")
    return "Book..."


@pytest.mark.parametrize("fault", ["busy", "response lost", "offline"])
@pytest.mark.parametrize(
    ("choose", "failures"),
    [(choose_in_calendar, CARD), (choose_in_favorites, TOAST), (choose_in_availability, TOAST)],
)
def test_r12_a_lock_in_on_a_bad_network_happens_once(
    run: LocalRun,
    open_member: OpenMember,
    proxy: BrowserProxy,
    choose: Callable[[KnownMember, KnownMember], str],
    failures: str,
    fault: str,
) -> None:
    ben = KnownMember(run, "Ben")
    ada = KnownMember(run, "Ada", ben)
    ben.book(START)
    page = open_member(*proxy.arguments)
    page.allowed_messages += FAULTS
    ada.sign_in(page, "/")
    book = choose(ada, ben)
    if fault == "offline":
        conditions(page, offline=True)
        page.click("button", book)
        page.sees("The connection was lost.", failures)
        assert ada.sessions() == []
        conditions(page)
        page.sees_no_more("You are offline.")
    else:
        status = 503 if fault == "busy" else None
        proxy.faults = [ProxyFault(*BOOKING, status, "busy", retry_after=1)]
    page.click("button", book)
    page.sees(f"ocked in with {ben.name}", ".toasts")
    # A failure is shown until the member closes it. Without one there are no words about the network.
    assert fault == "offline" or page.text(failures) == ""
    assert ada.partners() == {START.isoformat(): ben.name}
    keys = [request.headers["idempotency-key"] for request in proxy.requests(*BOOKING)]
    assert (len(keys), len(set(keys))) == (1 if fault == "offline" else 2, 1)
