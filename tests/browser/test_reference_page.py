"""The page about the API in a browser: what is read there can be tried there."""

from selenium.webdriver.common.keys import Keys

from infra.local.run_process import OwnRun
from tests.browser.conftest import DESKTOP, PHONE, OpenBrowser


def test_whoever_reads_of_an_operation_tries_it_by_keyboard(run: OwnRun, open_browser: OpenBrowser) -> None:
    token = run.call("POST", "/dev/sign-in", payload={"name": "Ada"})[1]["token"]
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    reader.seen("#credentials").send_keys(token)
    form = "form[data-method=PATCH][data-path='/v1/me']"
    reader.element(f"{form} summary").send_keys(Keys.ENTER)
    body = reader.seen(f"{form} textarea")
    body.clear()
    body.send_keys('{"quietMode": true}')
    reader.element(f"{form} button").send_keys(Keys.ENTER)
    answer = reader.until(lambda: reader.text(f"{form} .answer").removeprefix("…"), "no answer")
    assert answer.startswith("200\n")
    assert '"quietMode": true' in answer
    assert run.call("GET", "/v1/me", token)[1]["user"]["quietMode"] is True


def test_a_path_and_a_query_are_filled_in_and_a_refusal_is_shown(run: OwnRun, open_browser: OpenBrowser) -> None:
    reader = open_browser(size=DESKTOP)
    reader.open(f"{run.url}/docs")
    form = "form[data-method=GET][data-path='/i/{token}']"
    reader.seen(f"{form} summary").click()
    reader.seen(f"{form} input").send_keys("made/up?")
    reader.element(f"{form} button").click()
    answer = reader.until(lambda: reader.text(f"{form} .answer").removeprefix("…"), "no answer")
    assert answer.startswith("404\n")
    assert '"code": "invite_unavailable"' in answer


def test_without_script_on_a_phone_all_of_it_can_be_read(run: OwnRun, open_browser: OpenBrowser) -> None:
    reader = open_browser(size=PHONE, script=False)
    reader.open(f"{run.url}/docs")
    assert "GET /v1/me" in reader.texts("h3")
    assert not reader.element("form").is_displayed()
    assert not reader.element("form.try").is_displayed()
