"""The public schemas of webhooks."""

from msgspec.json import schema_components

from chalicelib.handlers.http.responses import webhook_schemas
from chalicelib.handlers.http.responses.schemas import Schema


def test_r43_only_the_response_to_the_creation_has_the_secret() -> None:
    schemas = [one for one in vars(webhook_schemas).values() if isinstance(one, type) and issubclass(one, Schema)]
    _, components = schema_components(schemas)
    with_secret = {name for name, component in components.items() if "secret" in component.get("properties", {})}
    assert with_secret == {"NewWebhook"}
