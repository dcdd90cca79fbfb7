"""What the page about the API shows: the OpenAPI document in words, for a template that knows nothing of schemas."""

import json
from typing import Any

Json = dict[str, Any]


def reference_page(document: Json) -> Json:
    """The values of the page: the resources with their operations, and the shapes of what is sent and answered."""
    resources: dict[str, list[Json]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = _operation(document, method.upper(), path, operation)
            resources.setdefault(operation["tags"][0].replace("_", " "), []).append(shown)
    shapes = [_shape(name, schema) for name, schema in document["components"]["schemas"].items()]
    return {
        "paragraphs": document["info"]["description"].split("\n\n"),
        "resources": dict(sorted(resources.items())),
        "shapes": shapes,
    }


def _operation(document: Json, method: str, path: str, operation: Json) -> Json:
    body = next(iter(operation.get("requestBody", {}).get("content", {}).values()), None)
    return {
        "name": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "callers": _callers(operation["security"]),
        "parameters": [_parameter(parameter) for parameter in operation.get("parameters", [])],
        "body": body and {"shape": words(body["schema"]), "example": _text(body.get("example", {}))},
        "answers": [_answer(document, status, told) for status, told in operation["responses"].items()],
    }


def _callers(security: list[Json]) -> str:
    """Who may call, in words."""
    if not security:
        return "Anybody"
    keys = [scope for way in security for scope in way.get("key", [])]
    return f"A bearer token, or an API key that may {keys[0]}" if keys else "A bearer token; no API key"


def _parameter(parameter: Json) -> Json:
    schema = parameter["schema"]
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "required": parameter["required"],
        "words": words(schema),
        "does": parameter.get("description") or schema.get("description", ""),
    }


def _answer(document: Json, status: str, told: Json) -> Json:
    """One answer by its status; a problem says which codes there may be."""
    if "$ref" in told:
        told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    content = told.get("content", {})
    examples = [each["example"] for each in content.values() if "example" in each]
    examples += [shown["value"] for each in content.values() for shown in each.get("examples", {}).values()]
    shape = next((words(each["schema"]) for each in content.values() if "$ref" in each["schema"]), "")
    return {
        "status": status,
        "lines": told["description"].split("\n"),
        "shape": shape,
        "examples": [_text(example) for example in examples],
    }


def _shape(name: str, schema: Json) -> Json:
    """A shape with its fields, or the values or the shapes that it stands for."""
    required = schema.get("required", [])
    fields = [
        {
            "name": field,
            "words": words(described),
            "required": field in required,
            "does": _first(described, "description") or "",
        }
        for field, described in schema.get("properties", {}).items()
    ]
    return {
        "name": name,
        "does": schema.get("description", ""),
        "fields": fields,
        "words": "" if fields else words({key: value for key, value in schema.items() if key != "title"}),
    }


def words(schema: Json) -> str:
    """What a schema takes, in a few words; the name of another shape stands as it is."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(words(option) for option in schema[choice])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {words(schema['items'])}" if schema.get("items") else "list"
    if schema.get("format") == "date-time":
        return "instant"
    return str(schema.get("type", "anything"))


def _first(schema: Json, key: str) -> Any:
    """The first value of a key in a schema or one of its options."""
    return next((part[key] for part in (schema, *schema.get("anyOf", [])) if key in part), None)


def _text(example: Any) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)
