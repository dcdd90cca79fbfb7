"""The same clicks at each provider.

Members sign in, renew, reload and sign out, and an address with a code or token of another member is refused.
"""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import OpenMember
from tests.browser.member_browser import MemberBrowser
from tests.browser.sign_in.providers import KeycloakProvider, Provider

# Each test starts a browser, and some providers start in a minute.
pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

WELCOME = "Work side by side"
NOT_BEGUN_HERE = "This sign-in did not begin in this tab, so it was not used."
DID_NOT_WORK = "The sign-in did not work. Please try again."
PENDING = "lockstep-web-sign-in"


def sign_in(browser: MemberBrowser, provider: Provider, name: str, path: str = "/") -> None:
    """Sign in by clicking, from a page of the app."""
    browser.open(path)
    browser.click("button", "Sign in")
    provider.enter(browser, name)
    browser.sees(f"Signed in as {name}")


def sign_in_twice(ada: MemberBrowser, provider: Provider) -> str:
    """Sign in, also in a second tab, which stays in front. Return the first one."""
    sign_in(ada, provider, "Ada")
    first = ada.browser.current_window_handle
    ada.browser.switch_to.new_window("tab")
    ada.open("/sessions")
    if not provider.keeps_sessions:
        provider.enter(ada, "Ada")
    ada.sees("Signed in as Ada")
    return first


def path(browser: MemberBrowser) -> str:
    """Return the address without the origin."""
    return browser.browser.current_url.removeprefix(browser.run.url)


def stored(browser: MemberBrowser) -> list[dict[str, str]]:
    """Return what the app stores in the tab and in the browser."""
    return list(browser.browser.execute_script("return [{...sessionStorage}, {...localStorage}]"))


def token_requests(browser: MemberBrowser) -> int:
    """Return the number of requests of this page for tokens."""
    count = "return performance.getEntriesByType('resource').filter(each => /[/]token$/.test(each.name)).length"
    return int(browser.browser.execute_script(count))


def begun(browser: MemberBrowser) -> dict[str, str]:
    """Begin a sign-in, and return the query of the page of the provider."""
    browser.open("/sessions")
    browser.click("button", "Sign in")
    browser.until(lambda: not browser.browser.current_url.startswith(f"{browser.run.url}/sessions"), "no provider")
    return dict(parse_qsl(urlsplit(browser.browser.current_url).query))


def pending(browser: MemberBrowser) -> dict[str, str]:
    """Return the request for which this tab waits."""
    browser.open("/favicon.svg")
    return dict(json.loads(browser.browser.execute_script("return sessionStorage.getItem(arguments[0])", PENDING)))


def test_a_member_signs_in_and_returns_to_the_same_place_without_a_trace_of_the_code(
    open_member: OpenMember, provider: Provider
) -> None:
    ada = open_member()
    sign_in(ada, provider, "Ada", "/sessions/past")
    assert path(ada) == "/sessions/past"
    assert stored(ada) == [{}, {"lockstep-signed-in": "yes"}]
    visited = [entry["url"] for entry in ada.command("Page.getNavigationHistory")["entries"]]
    assert [url for url in visited if url.startswith(ada.run.url) and "code=" in url] == []


def test_a_token_near_its_end_is_renewed_without_a_question(open_member: OpenMember, provider: Provider) -> None:
    ada = open_member()
    sign_in(ada, provider, "Ada")
    before = token_requests(ada)
    # The page takes the token for one in its last seconds, and reads again when it comes to the front.
    ada.browser.execute_script("const real = Date.now; Date.now = () => real() + 3590_000")
    ada.browser.execute_script("dispatchEvent(new Event('visibilitychange'))")
    ada.until(lambda: token_requests(ada) == before + 1, "the token was not renewed")
    ada.sees("Signed in as Ada")
    assert "expired" not in ada.text("body")


def test_a_reload_keeps_the_member_and_the_place(open_member: OpenMember, provider: Provider) -> None:
    ada = open_member()
    sign_in(ada, provider, "Ada", "/sessions/past")
    ada.browser.refresh()
    if not provider.keeps_sessions:
        # The emulated user pool keeps no session of a browser.
        ada.click("button", "Sign in")
        provider.enter(ada, "Ada")
    ada.sees("Signed in as Ada")
    assert path(ada) == "/sessions/past"


def test_a_sign_out_holds_in_all_tabs_and_at_the_provider(open_member: OpenMember, provider: Provider) -> None:
    ada = open_member()
    first = sign_in_twice(ada, provider)
    ada.click("button", "Sign out")
    if isinstance(provider, KeycloakProvider):
        # Without an ID token in the address Keycloak asks the member to confirm.
        ada.until(lambda: ada.browser.find_element(By.ID, "kc-logout"), "no question").click()
    ada.sees(WELCOME)
    ada.browser.switch_to.window(first)
    ada.sees(WELCOME)
    # The provider asks who signs in.
    ada.click("button", "Sign in")
    provider.enter(ada, "Ben")
    ada.sees("Signed in as Ben")


def test_another_member_can_sign_in_and_the_first_one_is_signed_out_in_all_tabs(
    open_member: OpenMember, provider: Provider
) -> None:
    ada = open_member()
    first = sign_in_twice(ada, provider)
    ada.click("button", "Not you?")
    second = ada.browser.current_window_handle
    ada.browser.switch_to.window(first)
    ada.sees(WELCOME)
    ada.browser.switch_to.window(second)
    provider.enter(ada, "Ben")
    ada.sees("Signed in as Ben")


def test_another_state_is_refused(open_member: OpenMember, provider: Provider) -> None:
    ada = open_member()
    begun(ada)
    state = pending(ada)["state"]
    ada.open(f"/sign-in?code=made-up&state={state[:-1]}")
    ada.sees(NOT_BEGUN_HERE)
    assert (path(ada), stored(ada)[0]) == ("/sessions", {})
    # The state is used up.
    ada.open(f"/sign-in?code=made-up&state={state}")
    ada.sees(NOT_BEGUN_HERE)
    assert path(ada) == "/"


def test_another_nonce_is_refused(open_member: OpenMember, provider: Provider) -> None:
    ada = open_member()
    query = begun(ada)
    address = ada.browser.current_url
    changed = {**pending(ada), "nonce": "of another request"}
    ada.browser.execute_script("sessionStorage.setItem(arguments[0], arguments[1])", PENDING, json.dumps(changed))
    ada.browser.get(address)
    provider.enter(ada, "Ada")
    ada.sees(DID_NOT_WORK)
    assert "nonce" not in query or query["nonce"] != changed["nonce"]
    assert (stored(ada), path(ada)) == ([{}, {}], "/sessions")


def test_a_code_of_another_browser_signs_in_no_member(open_member: OpenMember, provider: Provider) -> None:
    """Let a visitor open an address with the code of another member, with and without a state of the visitor's own."""
    mallory, ada = open_member(), open_member()
    begun(mallory)
    # Without its script the page leaves the code in the address, and unused.
    mallory.command("Emulation.setScriptExecutionDisabled", value=True)
    provider.enter(mallory, "Ben")
    mallory.until(lambda: "code=" in mallory.browser.current_url, "no address with a code")
    stolen = path(mallory)
    ada.open(stolen)
    ada.sees(NOT_BEGUN_HERE)
    assert (stored(ada), path(ada)) == ([{}, {}], "/")
    begun(ada)
    code = dict(parse_qsl(urlsplit(stolen).query))["code"]
    ada.open(f"/sign-in?code={code}&state={pending(ada)['state']}")
    # The provider refuses the code without its verifier.
    ada.sees(DID_NOT_WORK)
    assert stored(ada) == [{}, {}]


@pytest.mark.parametrize("address", ["/people?token=eyJ.eyJ.x&week=2", "/people?week=2#id_token=eyJ.eyJ.x&state=s"])
def test_a_token_in_an_address_is_ignored_and_removed(
    open_member: OpenMember, provider: Provider, address: str
) -> None:
    ada = open_member()
    ada.open(address)
    ada.sees(WELCOME)
    assert (path(ada), stored(ada)) == ("/people?week=2", [{}, {}])
