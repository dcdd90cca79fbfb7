"""Tests of the public schemas."""

from collections.abc import Iterator

from chalicelib.handlers.http.responses import account_schemas, schemas


def all_schemas(schema: type[schemas.Schema] = schemas.Schema) -> Iterator[type[schemas.Schema]]:
    for subclass in schema.__subclasses__():
        yield subclass
        yield from all_schemas(subclass)


def test_every_schema_has_a_description_of_one_line() -> None:
    for schema in all_schemas():
        assert schema.__doc__, schema
        assert schema.__doc__.endswith("."), schema
        assert "\n" not in schema.__doc__, schema


def test_every_schema_has_a_unique_name() -> None:
    names = [schema.__name__ for schema in set(all_schemas())]
    assert len(names) == len(set(names))
    assert account_schemas.Export.__name__ in names
