"""The template values of the API reference page, converted from the OpenAPI document."""

import json
from typing import Any

from chalicelib.handlers.http.description.tags import TAGS

Json = dict[str, Any]


def reference_page(document: Json) -> Json:
    """Return the template values, the groups of operations in the order of use and the schemas of all bodies."""
    operations = {
        operation["operationId"]: _operation(document, method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    groups = [
        {
            "name": tag.name,
            "description": tag.description,
            "operations": [operations[operation_id] for operation_id in tag.operation_ids],
        }
        for tag in TAGS
    ]
    schemas = [_schema(name, schema) for name, schema in document["components"]["schemas"].items()]
    return {
        "paragraphs": document["info"]["description"].split("\n\n"),
        "groups": groups,
        "schemas": schemas,
    }


def _operation(document: Json, method: str, path: str, operation: Json) -> Json:
    body = next(iter(operation.get("requestBody", {}).get("content", {}).values()), None)
    return {
        "name": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "callers": _callers(operation["security"]),
        "is_public": not operation["security"] or {} in operation["security"],
        "parameters": [_parameter(document, parameter) for parameter in operation.get("parameters", [])],
        "body": body and {"schema": type_text(body["schema"]), "example": _json_text(body.get("example", {}))},
        "responses": [_response(document, status, found) for status, found in operation["responses"].items()],
    }


def _callers(security: list[Json]) -> str:
    """Return the accepted credentials in words."""
    if not security:
        return "No credentials needed"
    scopes = [scope for way in security for scope in way.get("key", [])]
    if {} in security:
        return f"No credentials needed. Bearer token, or API key with the scope {scopes[0]}, for the caller's own part"
    return f"Bearer token, or API key with the scope {scopes[0]}" if scopes else "Bearer token only, no API key"


def _parameter(document: Json, parameter: Json) -> Json:
    schema = parameter["schema"]
    named = document["components"]["schemas"].get(type_text(schema), {})
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "required": parameter["required"],
        "type": type_text(schema),
        "value": parameter.get("example", ""),
        "description": parameter.get("description") or {**named, **schema}.get("description", ""),
    }


def _response(document: Json, status: str, response: Json) -> Json:
    """Return a response with its status, schema and examples. The description of a problem lists its codes."""
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {})
    examples = [each["example"] for each in content.values() if "example" in each]
    examples += [example["value"] for each in content.values() for example in each.get("examples", {}).values()]
    schema = next((type_text(each["schema"]) for each in content.values() if "$ref" in each["schema"]), "")
    return {
        "status": status,
        "lines": response["description"].split("\n"),
        "schema": schema,
        "examples": [_json_text(example) for example in examples],
    }


def _schema(name: str, schema: Json) -> Json:
    """Return a schema with its fields, or with the type of a schema without fields."""
    required = schema.get("required", [])
    fields = [
        {
            "name": field,
            "type": type_text(described),
            "required": field in required,
            "description": _first(described, "description") or "",
        }
        for field, described in schema.get("properties", {}).items()
    ]
    return {
        "name": name,
        "description": schema.get("description", ""),
        "fields": fields,
        "type": "" if fields else type_text({key: value for key, value in schema.items() if key != "title"}),
    }


def type_text(schema: Json) -> str:
    """Describe the type of a schema, by name if it is a reference."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(type_text(option) for option in schema[choice])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_text(schema['items'])}" if schema.get("items") else "list"
    if schema.get("format") == "date-time":
        return "instant"
    return str(schema.get("type", "anything"))


def _first(schema: Json, key: str) -> Any:
    """Return the first value of a key in a schema or its options, None without one."""
    return next((part[key] for part in (schema, *schema.get("anyOf", [])) if key in part), None)


def _json_text(example: Any) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)
