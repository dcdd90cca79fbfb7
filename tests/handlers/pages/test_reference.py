"""Tests of the API reference page."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Chalice
from chalice.test import Client
from msgspec.structs import replace

from chalicelib.handlers.http.description.openapi import describe
from chalicelib.handlers.http.description.tags import TAGS, tag_names
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.operations import operations
from chalicelib.handlers.http.registration import register_routes
from chalicelib.handlers.pages.reference import reference_page, type_text
from tests.handlers.pages.test_html_page import SIGN_IN, Elements
from tests.harness import World


@pytest.fixture
def reader(world: World) -> Iterator[Client]:
    """Return a browser without credentials."""
    app = Chalice(app_name="lockstep-tests")
    register_routes(app, world.context, verifier(world.settings))
    with Client(app) as client:
        yield client


def test_the_page_shows_every_operation_code_and_schema(reader: Client) -> None:
    document = json.loads(reader.http.get("/openapi.json").body)
    html = reader.http.get("/docs").body.decode()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f'<h3 id="{operation["operationId"]}"><span class="method">{method.upper()}</span>' in html
            assert f"<code>{path}</code></h3>" in html
    for response in document["components"]["responses"].values():
        assert all(f"<code>{code}</code>" in html for code in response["x-problem-codes"])
    assert all(f'<h3 id="schema-{name}">' in html for name in document["components"]["schemas"])


def test_the_page_has_the_groups_and_operations_in_the_order_of_use(reader: Client) -> None:
    html = reader.http.get("/docs").body.decode()
    assert re.findall('<h2 id="group-.*">(.*)</h2>', html) == [tag.name for tag in TAGS]
    assert re.findall('<h3 id="(.*?)"><span class="method">', html) == list(tag_names())


def test_the_samples_follow_the_clock_of_the_service(world: World, reader: Client) -> None:
    def starts() -> list[str]:
        return re.findall(r"startTime&#34;: &#34;(\S+)&#34;", reader.http.get("/docs").body.decode())

    before = starts()
    assert "2026-03-07T09:00:00+00:00" in before
    world.after(hours=24)
    assert "2026-03-08T09:00:00+00:00" in starts()
    assert starts() != before


def test_the_page_loads_nothing_and_every_input_has_a_label(reader: Client) -> None:
    answer = reader.http.get("/docs", headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    # The samples change every day.
    assert answer.headers["Cache-Control"] == "no-cache"
    page = Elements(answer.body.decode())
    policy = answer.headers["Content-Security-Policy"]
    # The first script element has the texts of the sign-in, which do not run.
    for kind, texts in (("script", page.inline["script"][1:]), ("style", page.inline["style"])):
        digest = hashlib.sha256("".join(texts).encode()).digest()
        assert re.findall(rf"{kind}-src ([^;]+)", policy) == [f"'sha256-{base64.b64encode(digest).decode()}'"]
    attributes = [(tag, found) for tag, found in page.found]
    assert {tag for tag, found in attributes if "src" in found} == set()
    links = {str(found["href"]) for tag, found in attributes if tag == "a"}
    ids = [found["id"] for _, found in attributes if "id" in found]
    assert len(ids) == len(set(ids))
    assert {link for link in links if link.removeprefix("#") not in ids} == {"openapi.json"}
    labelled = {found["for"] for tag, found in attributes if tag == "label"}
    assert labelled == {found["id"] for tag, found in attributes if tag in ("input", "textarea")}
    # Without JavaScript the forms stay hidden.
    assert all("hidden" in found for tag, found in attributes if tag == "form")


def test_a_parameter_of_a_named_type_has_its_description() -> None:
    document = describe(operations())
    (limit, *_) = document["paths"]["/v1/people"]["get"]["parameters"]
    document["components"]["schemas"]["PageSize"] = limit["schema"]
    limit["schema"] = {"$ref": "#/components/schemas/PageSize"}
    (people,) = [group for group in reference_page(document)["groups"] if group["name"] == "people"]
    found = {operation["name"]: operation["parameters"][0] for operation in people["operations"]}["getPeople"]
    assert (found["type"], found["description"]) == ("PageSize", "The number of entries per page.")


def test_the_page_has_the_sign_in_of_the_settings_and_may_exchange_its_code(world: World, reader: Client) -> None:
    found = []
    for sign_in in (None, SIGN_IN):
        world.context.settings = replace(world.context.settings, sign_in=sign_in)
        answer = reader.http.get("/docs")
        buttons = [each for tag, each in Elements(answer.body.decode()).found if each.get("id") == "sign-in"]
        connect = re.findall("connect-src ([^;]+)", answer.headers["Content-Security-Policy"])
        found.append(([button["data-client-id"] for button in buttons], connect))
    assert found == [([], ["'self'"]), (["page"], ["'self' https://tokens.example:8443"])]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "instant"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Slot"}}, "list of Slot"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"enum": ["a", 1]}, '"a" | 1'),
        ({"description": "Any value."}, "anything"),
    ],
)
def test_the_type_of_a_schema_is_described_in_words(schema: dict[str, Any], expected: str) -> None:
    assert type_text(schema) == expected
