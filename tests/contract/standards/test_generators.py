"""The constructs of the OpenAPI document that generators of clients misread, over HTTP."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.client import Client, Service
from tests.contract.slots import Slots

REF = "#/components/schemas/"


@pytest.fixture
def document(api: Service) -> Any:
    """The document as a generator downloads it."""
    return api.request("GET", "/openapi.json").json


def nodes(node: Any, *path: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield every object of the document with its path, without the examples."""
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            if name not in {"example", "examples"}:
                yield from nodes(value, *path, name)
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from nodes(value, *path, str(position))


def test_no_field_has_a_default_which_would_make_it_required(document: Any) -> None:
    """openapi-typescript makes a field with a default required, so a short body did not compile."""
    assert [path for path, node in nodes(document) if "default" in node and path[-1] != "properties"] == []
    assert document["components"]["schemas"]["BookBody"]["required"] == ["startTime", "duration"]


def test_a_cursor_is_not_empty_and_a_picture_comes_by_https(document: Any, ada: Client) -> None:
    """A fuzzer took the refusal of an empty cursor and of an ftp address for differences from the document."""
    named = [node for _, node in nodes(document) if node.get("name") in ("cursor", "after") and "schema" in node]
    cursors = [node["schema"] for node in named]
    assert len(cursors) >= 9
    assert {cursor["minLength"] for cursor in cursors} == {1}
    text, null = document["components"]["schemas"]["ProfileBody"]["properties"]["photoUrl"]["anyOf"]
    assert (text["maxLength"], null) == (2000, {"type": "null"})
    pattern = re.compile(text["pattern"])
    good = ("https://x.example/a.png", "HTTPS://x.example", "hTtPs://x.example/\N{CJK UNIFIED IDEOGRAPH-732B}?a=b#c")
    bad = (
        "",
        "https://",
        "http://x.example",
        "ftp://x.example",
        "x.example",
        " https://x.example",
        'https://x.example/"',
    )
    for addresses, status in ((good, 200), (bad, 422)):
        for address in addresses:
            assert (pattern.search(address) is not None) is (status == 200), address
            assert ada.patch("/v1/me", {"photoUrl": address}).status == status, address


def test_every_array_has_items(document: Any) -> None:
    """openapi-python-client drops an operation whose body has an array without items."""
    arrays = [(path, node) for path, node in nodes(document) if node.get("type") == "array"]
    assert len(arrays) > 20
    assert [path for path, node in arrays if not node.get("items")] == []
    sessions = document["components"]["schemas"]["BatchBody"]["properties"]["sessions"]
    assert sessions["items"] == {"$ref": f"{REF}BookBody"}


def test_every_choice_of_values_is_a_named_component_with_a_type(document: Any) -> None:
    """Generators invent a type for each place of an unnamed choice, such as `SessionDuration` and `SlotDuration`."""
    choices = {path for path, node in nodes(document) if "enum" in node or "const" in node}
    assert {path for path in choices if len(path) != 3} == set()
    named = {path[-1]: document["components"]["schemas"][path[-1]] for path in choices}
    assert named.keys() == {
        "AccessKind", "Activity", "ApiToken", "Availability", "ChangeKind", "Demand", "Duration", "EventKind",
        "Gender", "HealthStatus", "PartnerGender", "ProblemCode", "ReportReason", "RoomProvider", "Scope",
        "SessionState", "SessionType", "SessionsOfRepeat", "StaffAct", "Weekday",
    }  # fmt: skip
    assert {schema["type"] for name, schema in named.items() if name != "Duration"} == {"string"}
    assert named["Duration"]["type"] == "integer"


def test_the_users_of_a_session_are_one_or_two_participants_of_one_schema(document: Any) -> None:
    """A tuple of a caller and a partner let `users[1].name` compile for a session without a partner."""
    schemas = document["components"]["schemas"]
    users = schemas["Session"]["properties"]["users"]
    assert users.pop("description")
    assert users == {"type": "array", "items": {"$ref": f"{REF}Participant"}, "minItems": 1, "maxItems": 2}
    participant = schemas["Participant"]
    assert set(participant["required"]) == {"userId", "role", "joinedAt", "completed", "activityType", "quietMode"}
    optional = {"name", "photoUrl", "isFavorite", "requestedAt", "sessionTitle"}
    assert participant["properties"].keys() - set(participant["required"]) == optional


def test_no_field_is_always_null(document: Any) -> None:
    """openapi-fetch leaves out a field with no type but null, so it and its session had no common type."""
    fields = {path: node for path, node in nodes(document) if len(path) > 1 and path[-2] == "properties"}
    assert [path for path, node in fields.items() if node.get("type") == "null"] == []


def test_a_reference_stands_alone(document: Any) -> None:
    """Generators ignore the siblings of a reference, so none may change its meaning."""
    siblings = {key for _, node in nodes(document) if "$ref" in node for key in node} - {"$ref"}
    assert siblings == set()


def test_a_participant_has_only_the_fields_of_the_contract(ada: Client, ben: Client, slots: Slots) -> None:
    slot = slots.near()
    ben.book(slot)
    own, partner = ada.lock(ben, slot)["users"]
    both = {"userId", "role", "requestedAt", "joinedAt", "completed", "activityType", "quietMode"}
    assert own.keys() == both | {"sessionTitle"}
    assert partner.keys() == both | {"name", "photoUrl", "isFavorite"}
    assert (own["joinedAt"], partner["joinedAt"]) == (None, None)


def test_no_schema_has_the_name_of_its_own_field(document: Any) -> None:
    """openapi-python-client uses both names for one variable, so mypy found errors in the client."""
    named = document["components"]["schemas"].items()
    assert [name for name, schema in named if name.lower() in map(str.lower, schema.get("properties", {}))] == []


def test_the_license_has_an_identifier(document: Any) -> None:
    """openapi-generator refuses a document whose license has neither an address nor an identifier."""
    assert document["info"]["license"] == {"name": "MIT", "identifier": "MIT"}
