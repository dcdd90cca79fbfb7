"""The declared fields of a body or query, each parsed by itself, so that one refusal names every invalid input.

A field is converted to its type, then judged by the parser in the metadata of its type. Rules across several fields
are methods of the body or query. A rule is checked if each of its fields is valid.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Struct
from msgspec.inspect import (
    AnyType,
    BoolType,
    DictType,
    EnumType,
    IntType,
    ListType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
)

from chalicelib.domain.model import input_texts
from chalicelib.domain.model.errors import InvalidCursor, InvalidInput, InvalidRequest
from chalicelib.handlers.http.inputs.field_parsers import PARSER, FieldParser

if TYPE_CHECKING:
    from chalicelib.handlers.http.call import MemberCall

S = TypeVar("S", bound=Struct)
R = TypeVar("R", bound=Callable[..., None])

# Of more unknown fields only the number is named. It bounds the response to a body with thousands.
MOST_UNKNOWN_NAMED = 100

VALUE = "value"

_SURROGATE = re.compile("[\ud800-\udfff]")


class InvalidInputs:
    """The refusals of inputs, which become one. A `with` block adds the refusal that it raises."""

    def __init__(self) -> None:
        self._refusals: list[InvalidRequest | InvalidCursor] = []

    def __enter__(self) -> None:
        """Begin a block."""

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        """Keep the refusal of inputs that the block raises."""
        if isinstance(error, (InvalidRequest, InvalidCursor)):
            self.add(error)
            return True
        return False

    @property
    def found(self) -> bool:
        """True if an input was refused."""
        return bool(self._refusals)

    def add(self, refusal: InvalidRequest | InvalidCursor) -> None:
        """Keep a refusal."""
        self._refusals.append(refusal)

    def refuse(self) -> None:
        """Raise the collected refusals, if there is one. An invalid cursor keeps its own code if it is alone."""
        if len(self._refusals) == 1:
            raise self._refusals[0]
        if self._refusals:
            raise InvalidRequest.of(*(invalid for refusal in self._refusals for invalid in refusal.inputs))


class InputField(Struct, frozen=True):
    """A declared field. `name` is that of the JSON or query, `attribute` that of the parsed struct.

    `holder` is a struct with the field's type and nothing else. msgspec prepares a struct only once. `nested` is the
    type of an object, whose fields are parsed by themselves too.
    """

    attribute: str
    name: str
    holder: type[Struct]
    required: bool
    kind: Type
    parser: FieldParser | None
    nested: type[Struct] | None

    def parsed_object(self, value: Mapping[str, object], call: "MemberCall", *, strict: bool) -> Any:
        """Return the converted object. Raises InvalidRequest with the fields in it, such as `email.address`."""
        assert self.nested  # noqa: S101 - only called for an object
        try:
            return parse_fields(value, self.nested, call, strict=strict)
        except InvalidRequest as refusal:
            inside = (InvalidInput(f"{self.name}.{invalid.field}", invalid.detail) for invalid in refusal.inputs)
            raise InvalidRequest.of(*inside) from refusal

    def parsed(self, value: object, *, strict: bool) -> Any:
        """Return the converted value. Raises InvalidRequest with the field."""
        if not _has_any_entries(self.kind) and _has_surrogate(value):
            raise InvalidRequest(input_texts.UNPAIRED_SURROGATE, field=self.name)
        if isinstance(value, float) and value.is_integer():
            # JSON Schema calls `1.0` and `3e6` integers. No field is a fraction.
            value = int(value)
        try:
            converted = msgspec.convert({VALUE: value}, type=self.holder, strict=strict).value  # type: ignore[attr-defined]
        except msgspec.ValidationError as error:
            raise InvalidRequest(_wrong_value(self.kind, value), field=self.name) from error
        if self.parser and converted is not None:
            self.parser.parse(converted, self.name)
        return converted


class Rule(NamedTuple):
    """A rule across fields. One with `alone` unset refuses nothing by itself, as a later check does that."""

    check: Callable[[Any, "MemberCall"], None]
    attributes: frozenset[str]
    alone: bool


def across(*attributes: str, alone: bool = True) -> Callable[[R], R]:
    """Declare a method as a rule across these attributes. It gets the call, and raises the refusal of an input."""

    def note(check: R) -> R:
        vars(check)["rule"] = Rule(check, frozenset(attributes), alone)
        return check

    return note


def parse_fields(values: Mapping[str, object], schema: type[S], call: "MemberCall", *, strict: bool) -> S:
    """Return the parsed fields. Raises InvalidRequest with every invalid one, or InvalidCursor."""
    declared = _declared(schema)
    parsed: dict[str, Any] = {}
    invalid = InvalidInputs()
    for field in declared:
        if field.name in values:
            value = values[field.name]
            with invalid:
                if field.nested and isinstance(value, dict):
                    parsed[field.attribute] = field.parsed_object(value, call, strict=strict)
                else:
                    parsed[field.attribute] = field.parsed(value, strict=strict)
        elif field.required:
            invalid.add(InvalidRequest(input_texts.MISSING, field=field.name))
    if schema.__struct_config__.forbid_unknown_fields:
        with invalid:
            _refuse_unknown(values.keys() - {field.name for field in declared}, values)
    given = (field.attribute for field in declared if field.required or field.name in values)
    unusable = set(given) - parsed.keys()
    # A rule never reads an unusable field, and the struct is only returned without one.
    made = schema(**parsed, **dict.fromkeys(unusable, UNSET))
    for rule in _rules(schema):
        if not unusable & rule.attributes and (rule.alone or invalid.found):
            with invalid:
                rule.check(made, call)
    invalid.refuse()
    return made


def _refuse_unknown(unknown: Iterable[str], values: Mapping[str, object]) -> None:
    """Raise InvalidRequest for the unknown fields, in the order of the body."""
    names = [name for name in values if name in unknown]
    readable = [name for name in names if not _SURROGATE.search(name)]
    found = [InvalidInput(name, input_texts.UNKNOWN) for name in readable[:MOST_UNKNOWN_NAMED]]
    if len(readable) > MOST_UNKNOWN_NAMED:
        found.append(InvalidInput("body", input_texts.more_unknown(len(names) - MOST_UNKNOWN_NAMED)))
    elif len(readable) < len(names):
        found.append(InvalidInput("body", input_texts.UNPAIRED_SURROGATE_IN_NAME))
    if found:
        raise InvalidRequest.of(*found)


@cache
def _declared(schema: type[Struct]) -> tuple[InputField, ...]:
    kinds = msgspec.inspect.type_info(schema).fields  # type: ignore[attr-defined]
    annotations = {field.name: field.type for field in msgspec.structs.fields(schema)}
    holders = {name: msgspec.defstruct(name, [(VALUE, annotation)]) for name, annotation in annotations.items()}
    return tuple(
        InputField(
            attribute=kind.name,
            name=kind.encode_name,
            holder=holders[kind.name],
            required=kind.required,
            kind=kind.type,
            parser=_parser(kind.type),
            nested=_nested(kind.type),
        )
        for kind in kinds
    )


@cache
def _rules(schema: type[Struct]) -> list[Rule]:
    """Return the rules, those last that refuse nothing by themselves."""
    methods = (getattr(schema, name) for name in dir(schema))
    rules = [method.rule for method in methods if hasattr(method, "rule")]
    return sorted(rules, key=lambda rule: not rule.alone)


def _alternatives(kind: Type) -> tuple[Type, bool]:
    """Return the type without null, and whether null is accepted too."""
    if not isinstance(kind, UnionType):
        return kind, False
    (other,) = (one for one in kind.types if not isinstance(one, NoneType))
    return other, True


def _parser(kind: Type) -> FieldParser | None:
    kind, _ = _alternatives(kind)
    return (kind.extra or {}).get(PARSER) if isinstance(kind, Metadata) else None


def _nested(kind: Type) -> type[Struct] | None:
    kind, _ = _alternatives(kind)
    kind = kind.type if isinstance(kind, Metadata) else kind
    return kind.cls if isinstance(kind, StructType) else None


def _has_any_entries(kind: Type) -> bool:
    """Return whether the field is a list of any entries, which are parsed by themselves."""
    kind, _ = _alternatives(kind)
    kind = kind.type if isinstance(kind, Metadata) else kind
    return isinstance(kind, ListType) and isinstance(kind.item_type, AnyType)


def _has_surrogate(value: object) -> bool:
    """Return whether a text in a value has an unpaired surrogate. A value can be nested deeper than calls can be."""
    rest = [value]
    while rest:
        match rest.pop():
            case str() as text if _SURROGATE.search(text):
                return True
            case list() as entries:
                rest.extend(entries)
            case dict() as fields:
                rest.extend(fields)
                rest.extend(fields.values())
    return False


def _wrong_value(kind: Type, value: object) -> str:
    """Return the reason to refuse a value that does not have the type."""
    kind, nullable = _alternatives(kind)
    parser = _parser(kind)
    described = (kind.extra_json_schema or {}) if isinstance(kind, Metadata) else {}
    kind = kind.type if isinstance(kind, Metadata) else kind
    if isinstance(kind, EnumType):
        return input_texts.one_of([member.value for member in kind.cls], nullable=nullable)
    if values := kind.values if isinstance(kind, LiteralType) else described.get("enum"):
        return input_texts.one_of(values, nullable=nullable)
    if isinstance(kind, StrType) and isinstance(value, str):
        return input_texts.too_long(kind.max_length) if value and kind.max_length else input_texts.EMPTY
    text = parser.wrong_type if parser else _wrong_type(kind)
    return input_texts.or_null(text) if nullable else text


def _wrong_type(kind: Type) -> str:
    if isinstance(kind, IntType) and kind.ge is not None and kind.le is not None:
        return input_texts.whole_number(kind.ge, kind.le)
    if isinstance(kind, ListType) and kind.max_length is not None:
        return input_texts.list_of_at_most(kind.max_length)
    if isinstance(kind, BoolType):
        return input_texts.FLAG
    if isinstance(kind, StructType | DictType):
        return input_texts.OBJECT
    return input_texts.TEXT
