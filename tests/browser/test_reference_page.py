"""The page of the API reference in a browser, with its forms that send requests."""

from selenium.webdriver.common.keys import Keys

from infra.local.run_process import LocalRun
from tests.browser.conftest import DESKTOP, PHONE, OpenBrowser


def test_a_reader_sends_a_request_of_an_operation_by_keyboard(run: LocalRun, open_browser: OpenBrowser) -> None:
    token = run.call("POST", "/dev/sign-in", payload={"name": "Ada"})[1]["token"]
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    reader.visible("#credentials").send_keys(token)
    form = "form[data-method=PATCH][data-path='/v1/me']"
    reader.element(f"{form} summary").send_keys(Keys.ENTER)
    body = reader.visible(f"{form} textarea")
    body.clear()
    body.send_keys('{"quietMode": true}')
    reader.element(f"{form} button").send_keys(Keys.ENTER)
    response = reader.until(lambda: reader.text(f"{form} .answer").removeprefix("…"), "no response")
    assert response.startswith("200\n")
    assert '"quietMode": true' in response
    assert run.call("GET", "/v1/me", token)[1]["user"]["quietMode"] is True


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
