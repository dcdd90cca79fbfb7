"""Tests of the fields of bodies and queries, whose invalid ones are refused together."""

import enum
from typing import Annotated, Any, Literal

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.model.errors import InvalidCursor, InvalidInput, InvalidRequest
from chalicelib.handlers.http.call import Call
from chalicelib.handlers.http.inputs.field_parsers import PARSER, FieldParser
from chalicelib.handlers.http.inputs.input_fields import MOST_UNKNOWN_NAMED, InvalidInputs, across, parse_fields
from chalicelib.handlers.http.operations import operations


class Colour(enum.StrEnum):
    """An enumeration."""

    RED = "red"
    BLUE = "blue"


def lower(text: str, field: str) -> str:
    """Return a text without capitals."""
    if text != text.lower():
        raise InvalidRequest("must not have capitals", field=field)
    return text


Lower = Annotated[str, Meta(extra={PARSER: FieldParser(lower)})]


class ExampleBody(Struct, rename="camel", forbid_unknown_fields=True):
    """A body with a field of each type."""

    whole_number: Annotated[int, Meta(ge=1, le=9)]
    text: Annotated[str, Meta(min_length=1, max_length=3)]
    lower: Lower | None = None
    colour: Colour | None = None
    kind: Literal["one", "two"] | UnsetType = UNSET
    flag: bool | UnsetType = UNSET
    entries: Annotated[list[Any], Meta(max_length=2)] | UnsetType = UNSET
    colours: list[Colour] | UnsetType = UNSET
    texts: list[str] | None = None

    @across("whole_number", "flag")
    def check_flag(self, _call: Call) -> None:
        """Refuse the flag beside a low number."""
        if self.flag is True and self.whole_number < 5:
            raise InvalidRequest("must be false beside a low number", field="flag")

    @across("text", alone=False)
    def check_text(self, _call: Call) -> None:
        """Refuse the text that a later check refuses too."""
        if self.text == "odd":
            raise InvalidRequest("must not be odd", field="text")


class Query(Struct, rename="camel"):
    """A query, whose unknown parameters are ignored."""

    whole_number: Annotated[int, Meta(ge=1, le=9)] | UnsetType = UNSET


VALID: dict[str, Any] = {"wholeNumber": 1, "text": "abc"}


def refused(call: Call, values: dict[str, Any]) -> dict[str, str]:
    """Return the reasons of the refusal by field."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_fields(values, ExampleBody, call, strict=True)
    return {invalid.field: invalid.detail for invalid in refusal.value.inputs}


def test_valid_fields_become_the_struct(call: Call) -> None:
    assert parse_fields(VALID, ExampleBody, call, strict=True) == ExampleBody(1, "abc")
    everything = {"lower": "x", "colour": "red", "kind": "two", "flag": False, "entries": [1, {}]}
    assert parse_fields(VALID | everything, ExampleBody, call, strict=True) == ExampleBody(
        1, "abc", "x", Colour.RED, "two", flag=False, entries=[1, {}]
    )
    assert parse_fields(VALID | {"lower": None, "colour": None}, ExampleBody, call, strict=True) == ExampleBody(
        1, "abc"
    )


def test_all_invalid_fields_are_refused_together_the_declared_ones_first(call: Call) -> None:
    values = {"titel": 1, "lower": "A", "colour": "green", "kind": 3, "flag": 1, "entries": [1, 2, 3], "text": ""}
    assert list(refused(call, values).items()) == [
        ("wholeNumber", "is required"),
        ("text", "must not be empty"),
        ("lower", "must not have capitals"),
        ("colour", "must be one of red, blue or null"),
        ("kind", "must be one of one or two"),
        ("flag", "must be true or false"),
        ("entries", "must be a list of at most 2 entries"),
        ("titel", "is not a known field"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("wholeNumber", 10, "must be a whole number from 1 to 9"),
        ("wholeNumber", 1.5, "must be a whole number from 1 to 9"),
        ("wholeNumber", float("inf"), "must be a whole number from 1 to 9"),
        ("wholeNumber", 1e300, "must be a whole number from 1 to 9"),
        ("wholeNumber", 10**400, "must be a whole number from 1 to 9"),
        ("wholeNumber", True, "must be a whole number from 1 to 9"),
        ("wholeNumber", "1", "must be a whole number from 1 to 9"),
        ("wholeNumber", None, "must be a whole number from 1 to 9"),
        ("text", "abcd", "must have at most 3 characters"),
        ("text", 1, "must be a text"),
        ("text", 1.0, "must be a text"),
        ("text", "\ud800", "must not have unpaired surrogates"),
        ("flag", "\ud800", "must not have unpaired surrogates"),
        ("colour", "\udfff", "must not have unpaired surrogates"),
        ("colours", ["red", "\ud800"], "must not have unpaired surrogates"),
        ("colours", [["\ud800"]], "must not have unpaired surrogates"),
        ("colours", {"a": "\ud800"}, "must not have unpaired surrogates"),
        ("colours", {"\ud800": 1}, "must not have unpaired surrogates"),
        ("texts", ["x", "\ud83d"], "must not have unpaired surrogates"),
        ("lower", 1, "must be a text or null"),
        ("flag", 1.0, "must be true or false"),
        ("entries", {}, "must be a list of at most 2 entries"),
        ("\ud800", 1, "must not have fields with unpaired surrogates in their names"),
    ],
)
def test_a_value_is_refused_in_words(call: Call, field: str, value: Any, detail: str) -> None:
    found = refused(call, VALID | {field: value})
    assert found == {field if field.isascii() else "body": detail}


@pytest.mark.parametrize("value", [3, 3.0])
def test_every_spelling_of_a_whole_number_is_the_number(call: Call, value: float) -> None:
    parsed = parse_fields(VALID | {"wholeNumber": value}, ExampleBody, call, strict=True).whole_number
    assert (parsed, type(parsed)) == (3, int)


def test_a_query_has_numbers_in_text_and_ignores_unknown_parameters(call: Call) -> None:
    assert parse_fields({"wholeNumber": "7", "x": "y"}, Query, call, strict=False) == Query(7)
    assert parse_fields({}, Query, call, strict=False) == Query()


def test_a_rule_across_fields_is_judged_beside_other_invalid_fields(call: Call) -> None:
    low = {"wholeNumber": 1, "flag": True}
    assert refused(call, low | {"text": 5}) == {"text": "must be a text", "flag": "must be false beside a low number"}
    # The rule needs a number, and this one is none.
    assert refused(call, {"wholeNumber": "x", "flag": True, "text": "a"}).keys() == {"wholeNumber"}


def test_a_rule_that_a_later_check_repeats_is_judged_only_beside_other_invalid_fields(call: Call) -> None:
    odd = VALID | {"text": "odd"}
    assert parse_fields(odd, ExampleBody, call, strict=True).text == "odd"
    assert refused(call, odd | {"flag": True}).keys() == {"flag", "text"}


def test_thousands_of_unknown_fields_are_counted_after_the_first_hundred(call: Call) -> None:
    found = refused(call, VALID | {f"x{number}": 1 for number in range(5000)})
    assert len(found) == MOST_UNKNOWN_NAMED + 1
    assert found["body"] == "must not have unknown fields, and has 4900 more"


def test_one_refusal_keeps_its_code_and_more_become_an_invalid_request() -> None:
    inputs = InvalidInputs()
    inputs.refuse()
    with inputs:
        raise InvalidCursor(field="cursor")
    with pytest.raises(InvalidCursor):
        inputs.refuse()
    with inputs:
        raise InvalidRequest("is required", field="end")
    with pytest.raises(InvalidRequest) as refusal:
        inputs.refuse()
    assert refusal.value.inputs == (
        InvalidInput("cursor", InvalidCursor.default_detail),
        InvalidInput("end", "is required"),
    )


class Anything:
    """A value of no JSON type."""


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: f"{operation.method} {operation.path}")
def test_every_field_of_every_operation_is_refused_in_words(call: Call, operation: Any) -> None:
    for name in {"body", "query"} & operation.types.keys():
        schema = operation.types[name]
        fields = list(schema.__struct_encode_fields__)
        with pytest.raises(InvalidRequest) as refusal:
            parse_fields(dict.fromkeys(fields, Anything()), schema, call, strict=name == "body")
        assert [invalid.field for invalid in refusal.value.inputs] == fields
        assert all(invalid.detail.startswith("must be ") for invalid in refusal.value.inputs)
