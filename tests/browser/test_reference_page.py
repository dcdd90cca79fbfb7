"""The page of the API reference in a browser, with its sign-in and its forms that send requests."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from chalicelib.handlers.http.description.tags import tag_names
from infra.local.engine import ROOT
from infra.local.run_process import LocalRun
from tests.browser.conftest import DESKTOP, PHONE, OpenBrowser
from tests.browser.known_member import KnownMember
from tests.browser.visitor import Visitor

# A browser takes seconds for each test.
pytestmark = pytest.mark.long

CHECKED_IN = json.loads((ROOT / "docs/openapi.json").read_text())


def sign_in(reader: Visitor, name: str) -> None:
    """Follow the sign-in of the page, and return to it as a new member with this name."""
    reader.visible("#sign-in").click()
    reader.sign_in_as_new(name)
    reader.until(lambda: reader.text("#signed-in") == f"You are signed in as {name}. Sign out", f"{name} is not")


def press_send(reader: Visitor, form: WebElement) -> tuple[int, str]:
    """Press the button of an open form, and return the status and the body of the response."""
    output = form.find_element(By.CSS_SELECTOR, ".answer")
    form.find_element(By.CSS_SELECTOR, ".button").click()
    status, _, body = reader.until(lambda: output.text.removeprefix("\u2026"), "no response").partition("\n")
    return int(status), body


def test_a_reader_sends_a_request_of_an_operation_by_keyboard(run: LocalRun, open_browser: OpenBrowser) -> None:
    ada = KnownMember(run, "Ada")
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    reader.visible("#credentials").send_keys(ada.token)
    form = "form[data-method=PATCH][data-path='/v1/me']"
    reader.element(f"{form} summary").send_keys(Keys.ENTER)
    body = reader.visible(f"{form} textarea")
    body.clear()
    body.send_keys('{"quietMode": true}')
    reader.element(f"{form} button").send_keys(Keys.ENTER)
    response = reader.until(lambda: reader.text(f"{form} .answer").removeprefix("…"), "no response")
    assert response.startswith("200\n")
    assert '"quietMode": true' in response
    assert ada.read("/v1/me")["user"]["quietMode"] is True


def test_a_path_parameter_is_encoded_and_the_refusal_is_shown(run: LocalRun, open_browser: OpenBrowser) -> None:
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    form = "form[data-method=GET][data-path='/i/{token}']"
    reader.visible(f"{form} summary").click()
    reader.visible(f"{form} input").send_keys("made/up?")
    reader.element(f"{form} button").click()
    response = reader.until(lambda: reader.text(f"{form} .answer").removeprefix("…"), "no response")
    assert response.startswith("404\n")
    assert '"code": "invite_unavailable"' in response


def test_without_javascript_the_page_is_readable_on_a_phone(run: LocalRun, open_browser: OpenBrowser) -> None:
    reader = open_browser(size=PHONE, script=False)
    reader.open(f"{run.url}/docs")
    assert "GET /v1/me" in reader.texts("h3")
    assert not reader.element("form").is_displayed()
    assert not reader.element("form.try").is_displayed()


@pytest.fixture
def partner(run: LocalRun, open_browser: OpenBrowser) -> Iterator[KnownMember]:
    """A member who waits in the slot of the sample booking."""
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    body = reader.element("form[data-method=POST][data-path='/v1/sessions'] textarea").get_attribute("value")
    member = KnownMember(run, "Ben")
    session = member.call("POST", "/v1/sessions", json.loads(body or ""))["session"]
    yield member
    member.call("DELETE", f"/v1/sessions/{session['sessionId']}")


def test_a_member_signs_in_and_every_sample_gets_its_documented_response(
    run: LocalRun, open_browser: OpenBrowser, partner: KnownMember
) -> None:
    """Press each button of the page once, in the order of the page, without typing anything."""
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    sign_in(reader, "Ada")
    sent = {}
    for form in reader.browser.find_elements(By.CSS_SELECTOR, "form.try"):
        form.find_element(By.CSS_SELECTOR, "summary").click()
        operation = f"{form.get_attribute('data-method')} {form.get_attribute('data-path')}"
        if confirm := form.get_attribute("data-confirm"):
            form.find_element(By.CSS_SELECTOR, ".button").click()
            assert form.find_element(By.CSS_SELECTOR, ".button").text == confirm
        sent[operation] = press_send(reader, form)
    # Members do not lock in with themselves, and the sample link is the member's own. The room of the sample session is
    # not open yet, and the member has cancelled it before the report. No form knows the link of a mail or the secret of
    # a room's server, and the member is not of staff.
    unknown = [each for each in sent if " /n/" in each or " /v1/staff/" in each]
    unknown += ["POST /v1/rooms/joined", "POST /v1/reports"]
    too_early = ("POST /v1/sessions/{sessionId}/join", "POST /v1/sessions/{sessionId}/second-chance")
    refused = {"POST /i/{token}": 409, **dict.fromkeys(too_early, 409), **dict.fromkeys(unknown, 404)}
    expected = {operation: first_status(operation) for operation in sent} | refused
    assert {operation: status for operation, (status, _) in sent.items()} == expected
    assert len(sent) == len(tag_names())
    assert json.loads(sent["POST /i/{token}"][1])["code"] == "not_available"
    assert json.loads(sent["GET /v1/users/{userId}"][1])["user"]["userId"] == partner.user_id
    assert json.loads(sent["POST /v1/sessions"][1])["session"]["state"] == "matched"
    assert reader.text("#said") == "Your account is deleted."
    assert not reader.element("#signed-in").is_displayed()


def first_status(operation: str) -> int:
    """Return the first documented 2xx status, which a request without repetition gets."""
    method, path = operation.split()
    responses = CHECKED_IN["paths"][path][method.lower()]["responses"]
    return 201 if "201" in responses else min(map(int, responses))


def test_the_token_of_the_sign_in_is_in_memory_only_and_a_reload_signs_out(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs?token=made-up#getSessions")
    sign_in(reader, "Ada")
    # The reader is back at the operation where the sign-in began.
    assert reader.browser.current_url == f"{run.url}/docs#getSessions"
    script = "return [history.state, document.cookie, {...localStorage}, {...sessionStorage}]"
    assert reader.browser.execute_script(script) == [None, "", {}, {}]
    reader.browser.refresh()
    assert reader.visible("#sign-in").text == "Sign in"
    assert not reader.element("#signed-in").is_displayed()


def test_a_member_also_signs_in_at_the_other_name_of_the_machine(run: LocalRun, open_browser: OpenBrowser) -> None:
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url.replace('127.0.0.1', 'localhost')}/docs")
    sign_in(reader, "Ada")
    assert reader.browser.current_url.startswith("http://localhost:")


def test_a_cancelled_sign_in_is_explained_and_a_sign_out_forgets_the_ids(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    reader = open_browser(size=PHONE)
    reader.open(f"{run.url}/docs")
    reader.visible("#sign-in").click()
    reader.visible("#cancel button").click()
    assert reader.message() == "You did not sign in."
    sign_in(reader, "Ada")
    field = reader.element("form[data-path='/v1/users/{userId}'] input")
    reader.until(lambda: field.get_attribute("value"), "no id is filled in")
    reader.element("#sign-out").click()
    assert reader.message() == "You are signed out on this page."
    assert field.get_attribute("value") == ""
    reader.element("form[data-path='/v1/me'] summary").click()
    status, body = press_send(reader, reader.element("form[data-path='/v1/me']"))
    assert (status, json.loads(body)["code"]) == (401, "unauthenticated")


def test_credentials_that_become_invalid_sign_the_reader_out(run: LocalRun, open_browser: OpenBrowser) -> None:
    ada = KnownMember(run, "Ada")
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    reader.element("#credentials").send_keys(f"{ada.token}x", Keys.TAB)
    assert reader.message() == "These credentials are not valid."
    reader.element("#credentials").clear()
    reader.element("#credentials").send_keys(ada.token, Keys.TAB)
    reader.until(lambda: reader.text("#signed-in").startswith("You are signed in as Ada."), "Ada is not")
    ada.call("DELETE", "/v1/me")
    form = reader.element("form[data-path='/v1/me']")
    form.find_element(By.CSS_SELECTOR, "summary").click()
    status, _ = press_send(reader, form)
    assert status == 401
    assert reader.message() == "Your credentials are no longer valid. Please sign in again."
    assert reader.visible("#sign-in").text == "Sign in"


def test_the_ids_of_the_members_own_things_are_filled_in_also_for_an_api_key(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    ada = KnownMember(run, "Ada", KnownMember(run, "Ben"))
    key = ada.call("POST", "/v1/api-keys", {"name": "Script", "scope": "read"})["apiKey"]
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    body = json.loads(reader.element("form[data-path='/v1/sessions'] textarea").get_attribute("value") or "")
    session = ada.call("POST", "/v1/sessions", {**body, "duration": 1_500_000})["session"]
    reader.element("#credentials").send_keys(key["key"], Keys.TAB)
    reader.until(lambda: reader.text("#signed-in").startswith("You are signed in as Ada."), "the key is not used")
    form = reader.element("form[data-method=GET][data-path='/v1/sessions/{sessionId}']")
    field = form.find_element(By.CSS_SELECTOR, "input")
    reader.until(lambda: field.get_attribute("value") == session["sessionId"], "the session is not filled in")
    form.find_element(By.CSS_SELECTOR, "summary").click()
    assert f"/v1/sessions/{session['sessionId']}'" in form.find_element(By.CSS_SELECTOR, ".curl").text
    status, answer = press_send(reader, form)
    assert (status, json.loads(answer)["session"]["sessionId"]) == (200, session["sessionId"])
    ada.call("DELETE", f"/v1/sessions/{session['sessionId']}")


def test_a_query_is_sent_by_a_browser_that_does_not_know_its_size(run: LocalRun, open_browser: OpenBrowser) -> None:
    ada = KnownMember(run, "Ada")
    reader = open_browser(size=DESKTOP)
    older = "delete URLSearchParams.prototype.size"
    added = reader.command("Page.addScriptToEvaluateOnNewDocument", source=older)
    reader.open(f"{run.url}/docs")
    reader.command("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
    assert reader.browser.execute_script("return new URLSearchParams('a=1').size") is None
    reader.element("#credentials").send_keys(ada.token, Keys.TAB)
    form = reader.element("form[data-method=GET][data-path='/v1/sessions']")
    form.find_element(By.CSS_SELECTOR, "summary").click()
    assert press_send(reader, form)[0] == 200


@pytest.mark.skipif(not shutil.which("curl"), reason="NOT TESTED: no curl here")
def test_the_command_of_a_sample_sends_the_same_request_and_holds_no_credentials(
    run: LocalRun, open_browser: OpenBrowser
) -> None:
    ada = KnownMember(run, "Ada")
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    reader.element("#credentials").send_keys(ada.token, Keys.TAB)
    commands = {}
    for name in ("/v1/sessions/batch", "/v1/sessions", "/v1/me"):
        form = reader.element(f"form[data-path='{name}']")
        form.find_element(By.CSS_SELECTOR, "summary").click()
        commands[name] = form.find_element(By.CSS_SELECTOR, ".curl").text
        assert ada.token not in commands[name]
    environment = {**os.environ, "TOKEN": ada.token, "NO_PROXY": "127.0.0.1"}
    answers = {}
    for name, command in commands.items():
        shell = ["/bin/sh", "-c", command]
        ran = subprocess.run(shell, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
        answers[name] = json.loads(ran.stdout)
    assert answers["/v1/me"]["user"]["userId"] == ada.user_id
    assert [result["session"]["title"] for result in answers["/v1/sessions/batch"]["results"]] == ["Proofs", "Mails"]
    assert answers["/v1/sessions"]["session"]["title"] == "Thesis"


def test_the_page_can_be_read_on_a_phone_and_in_the_dark(run: LocalRun, open_browser: OpenBrowser) -> None:
    reader = open_browser(size=PHONE)
    reader.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    reader.open(f"{run.url}/docs")
    colors = "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
    dark = reader.browser.execute_script(colors)
    assert reader.browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    reader.command("Emulation.setEmulatedMedia", features=[])
    assert dark == ["rgb(238, 240, 244)", "rgb(18, 22, 29)"]
