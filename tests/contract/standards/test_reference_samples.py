"""The samples of the API reference page, sent as the page shows them."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.client import ApiResponse, Client, Runner, Service
from tests.contract.slots import MINUTE, SlotStart

# Sends the sample of every route, and moves the clock.
pytestmark = pytest.mark.long


@dataclass
class SampleForm:
    """A form of the page with the values of its inputs, by place and name."""

    method: str
    path: str
    inputs: dict[tuple[str, str], str] = field(default_factory=dict)
    body: str | None = None


class SampleForms(HTMLParser):
    """The forms of the page in its order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[SampleForm] = []
        self._in_body = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the forms and their inputs."""
        attributes = dict(attrs)
        if tag == "form" and "data-method" in attributes:
            self.found.append(SampleForm(attributes["data-method"] or "", attributes["data-path"] or ""))
        if tag == "input" and attributes.get("data-in"):
            place = (attributes["data-in"] or "", attributes["name"] or "")
            self.found[-1].inputs[place] = attributes.get("value") or ""
        self._in_body = tag == "textarea"

    def handle_data(self, data: str) -> None:
        """Collect the body of a form."""
        if self._in_body:
            self.found[-1].body = data
            self._in_body = False


def forms_of(service: Service) -> dict[tuple[str, str], SampleForm]:
    """Return the forms of the page by method and path."""
    page = service.request("GET", "/docs")
    return {(form.method, form.path): form for form in SampleForms(page.data.decode()).found}


def send(member: Client, form: SampleForm, ids: dict[str, str]) -> ApiResponse:
    """Send a form with the known ids in its path."""
    query = {name: text for (place, name), text in form.inputs.items() if place == "query" and text}
    path = form.path
    for name, known in ids.items():
        path = path.replace(f"{{{name}}}", quote(known, safe=""))
    payload: Any = None if form.body is None else json.loads(form.body)
    return member.request(form.method, path, payload, query=query)


def test_the_sample_booking_of_the_reference_page_books_today(api: Service, ada: Client) -> None:
    """Was refused with `too_late`, since the sample was a slot of the past."""
    response = send(ada, forms_of(api)["POST", "/v1/sessions"], {})
    assert (response.status, response.json.get("code")) == (201, None)


@pytest.mark.long  # Sends the sample of every route.
def test_every_sample_of_the_page_succeeds_in_the_order_of_the_page(api: Service) -> None:
    """Only the booking by the own invite link, and links of mails that no form knows, are refused."""
    ada, ben = api.sign_in_all("Ada", "Ben")
    ids = {"userId": ben.user_id}
    found = {}
    for (method, path), form in forms_of(api).items():
        response = send(ada, form, ids)
        found[f"{method} {path}"] = response.status
        if response.status >= 300 or not response.data or path in ("/docs", "/openapi.json", "/signed-in"):
            continue
        if path.endswith(("/{file}", "/calendar")):
            continue
        ids["sessionId"] = ids.get("sessionId") or response.json.get("session", {}).get("sessionId", "")
        if method == "POST" and "inviteLink" in response.json:
            link = response.json["inviteLink"]
            ids |= {"inviteLinkId": link["inviteLinkId"], "token": link["url"].rpartition("/")[2]}
        if method == "POST" and "calendarFeed" in response.json:
            feed = response.json["calendarFeed"]
            ids |= {"calendarFeedId": feed["calendarFeedId"], "file": feed["url"].rpartition("/")[2]}
        if method == "POST" and "pushSubscription" in response.json:
            ids["pushSubscriptionId"] = response.json["pushSubscription"]["pushSubscriptionId"]
        if method == "POST" and "apiKey" in response.json:
            ids["apiKeyId"] = response.json["apiKey"]["apiKeyId"]
            api.secrets.add(response.json["apiKey"]["key"])
        if method == "POST" and "repeat" in response.json:
            ids["repeatId"] = response.json["repeat"]["repeatId"]
        if method == "POST" and "webhook" in response.json:
            ids["webhookId"] = response.json["webhook"]["webhookId"]
        if method == "POST" and "delivery" in response.json:
            ids["eventId"] = response.json["delivery"]["eventId"]
    refused = {sent: status for sent, status in found.items() if status >= 300}
    mail_links = [f"{method} /n/{link}/{{token}}" for method in ("GET", "POST") for link in ("verify", "unsubscribe")]
    # The session of the samples is days ahead.
    not_yet = {f"POST /v1/sessions/{{sessionId}}/{action}": 409 for action in ("join", "second-chance")}
    no_room = {"POST /v1/rooms/joined": 404}
    # The caller of the samples is not staff, and these routes exist for staff only.
    of_staff = {sent: 404 for sent in found if " /v1/staff/" in sent}
    # The session of this body is an example.
    unknown = {"POST /v1/reports": 404}
    assert refused == {
        "POST /i/{token}": 409,
        **dict.fromkeys(mail_links, 404),
        **not_yet,
        **no_room,
        **of_staff,
        **unknown,
    }
    assert next(iter(found)) == "GET /v1/me"
    assert ada.get("/v1/me").status == 401


def test_the_sample_booking_of_the_description_books_today(api: Service, ben: Client) -> None:
    """Tools that read the description offer its examples for sending."""
    operation = api.request("GET", "/openapi.json").json["paths"]["/v1/sessions"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    response = ben.post("/v1/sessions", example)
    assert (response.status, response.json.get("code")) == (201, None)


def test_the_samples_are_ahead_of_the_clock_of_the_service(controlled: Runner) -> None:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    slot = SlotStart(controlled.slots.far().start + timedelta(days=400))
    controlled.travel(slot.start)
    forms = forms_of(controlled)
    session = send(ada, forms["POST", "/v1/sessions"], {}).json["session"]
    assert slot.start < datetime.fromisoformat(session["startTime"]) < slot.start + timedelta(days=14)
    assert session["duration"] in (25 * MINUTE, 50 * MINUTE, 75 * MINUTE)
    listed = send(ada, forms["GET", "/v1/sessions"], {}).json["sessions"]
    assert [each["sessionId"] for each in listed] == [session["sessionId"]]
    assert send(ada, forms["PUT", "/v1/people/{userId}/snooze"], {"userId": ben.user_id}).status == 204
