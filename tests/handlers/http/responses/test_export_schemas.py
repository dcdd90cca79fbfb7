"""Tests of the public schemas of the export of events and notices."""

from chalicelib.handlers.http.responses import export_schemas


def test_r33_the_export_contains_no_secret() -> None:
    fields = {name for schema in vars(export_schemas).values() for name in getattr(schema, "__struct_fields__", ())}
    assert fields & {"digest", "url", "secret", "p256dh", "auth", "connection_id"} == {"url"}
    # The address of a webhook is the caller's own text, and that of a feed is its secret.
    assert "url" not in export_schemas.CalendarFeed.__struct_fields__
