"""A generator of valid and nearly valid requests from the OpenAPI document."""

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

Json = dict[str, Any]

# Values that break parsers, such as wrong types, other scripts, control characters and large numbers.
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 2**63, 2**53 + 1, [], {}, [[]], {"": None}, "", " ", "\x00", "\n", "null",
    "a" * 5000, "é", "e\u0301", "\u202eabc", "\u200b", "\U0001f512", "\ud800", "'; --", "<b>", "{{7*7}}", "${7}",
    "../..", "%00", "MEMBER#1", "a#b|c", "2026-02-30T09:00:00Z", "9999-12-31T23:59:59-14:00", "1e9",
    "Infinity", "https://", "javascript:alert(1)", "Europe/Vienna", "desk", "read", "woman", "1500000",
)  # fmt: skip
QUARTER = timedelta(minutes=15)
# The weight of every operation except the deletion of an account, which costs as much as fifty others.
OPERATION_WEIGHT = 5
# Ids of one kind that later requests use.
KEPT_IDS = 200


@dataclass(frozen=True)
class GeneratedRequest:
    """A generated HTTP request with its credentials."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass
class Grammar:
    """A generator of requests that uses ids and cursors of earlier responses."""

    document: Json
    random: Random
    seen_ids: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=KEPT_IDS)))

    def __post_init__(self) -> None:
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
            for _ in range(1 if (method, path) == ("delete", "/v1/me") else OPERATION_WEIGHT)
        ]

    def draw(self, credentials: Mapping[str, str]) -> GeneratedRequest:
        """Generate a request with these credentials."""
        method, path, operation = self.random.choice(self.operations)
        headers, query = dict(credentials), {}
        for parameter in operation.get("parameters", []):
            value = self._parameter(parameter)
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", quote(value, safe="", errors="replace"))
            elif parameter["in"] == "query" and self._includes(parameter["required"]):
                query[parameter["name"]] = value
            elif parameter["in"] == "header" and self._includes(needed=False):
                headers[parameter["name"]] = "".join(letter for letter in value if " " <= letter <= "ÿ")
        body = self._body(operation, headers)
        if self.random.random() < 0.02:
            method = self.random.choice(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
        if self.random.random() < 0.1:
            headers["Accept"] = self.random.choice(["text/html", "*/*;q=0", "\x7f", "text/html;q=x"])
        return GeneratedRequest(
            method, path + (f"?{urlencode(query, errors='replace')}" if query else ""), headers, body
        )

    def add_ids(self, response: Any, name: str = "") -> None:
        """Store the ids, cursors and link tokens of a response by the names of their fields."""
        if isinstance(response, dict):
            for key, value in response.items():
                self.add_ids(value, key)
        elif isinstance(response, list):
            for value in response:
                self.add_ids(value)
        elif isinstance(response, str) and (name.endswith("Id") or name in ("nextCursor", "url")):
            self.seen_ids[{"nextCursor": "cursor", "url": "token"}.get(name, name)].append(response.rpartition("/")[2])

    def _includes(self, needed: bool) -> bool:
        return self.random.random() < (0.95 if needed else 0.4)

    def _parameter(self, parameter: Json) -> str:
        value = self._value(parameter["schema"], parameter["name"])
        if self.random.random() < 0.15:
            value = self.random.choice(JUNK)
        return value if isinstance(value, str) else json.dumps(value)

    def _body(self, operation: Json, headers: dict[str, str]) -> bytes | None:
        if "requestBody" not in operation:
            return None if self.random.random() < 0.95 else b"{}"
        headers["Content-Type"] = "application/json"
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        value = self._value(schema)
        if self.random.random() < 0.5:
            value = self._invalidated(value)
        raw = json.dumps(value, ensure_ascii=self.random.random() < 0.5).encode(errors="surrogatepass")
        if self.random.random() < 0.05:
            headers["Content-Type"] = self.random.choice(["text/plain", "application/json; charset=utf-16", "", "x"])
        if self.random.random() < 0.05:
            cut = self.random.randrange(len(raw) + 1)
            cuts = [raw[:cut], raw[:cut] + b"\xff" + raw[cut:]]
            raw = self.random.choice([*cuts, raw + raw, b"[" * 9000, b" " * 17_000])
        return raw

    def _invalidated(self, value: Any) -> Any:
        """Return the value with one part made invalid."""
        if isinstance(value, dict) and value and self.random.random() < 0.9:
            key = self.random.choice(list(value))
            rest = {name: other for name, other in value.items() if name != key}
            return self.random.choice(
                [
                    rest,
                    {**value, key: self._invalidated(value[key])},
                    {**value, key.upper(): value[key]},
                    {**value, "x": 1},
                ]
            )
        if isinstance(value, list) and value and self.random.random() < 0.8:
            return [self._invalidated(value[0]), *value[1:]] * self.random.choice([1, 1, 40])
        return self.random.choice(JUNK)

    def _value(self, schema: Json, name: str = "") -> Any:
        """Generate a value of the schema."""
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            return self._value(self.random.choice(schema["anyOf"]), name)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        if schema.get("format") == "date-time":
            return self._instant()
        if schema.get("format") == "date":
            return self._instant()[:10]
        return getattr(self, f"_{schema.get('type', 'anything')}")(schema, name)

    def _object(self, schema: Json, _name: str) -> Json:
        fields = schema.get("properties", {}).items()
        required = schema.get("required", [])
        return {
            name: self._value(field_schema, name)
            for name, field_schema in fields
            if name in required or self.random.random() < 0.4
        }

    def _array(self, schema: Json, _name: str) -> list[Any]:
        """Generate a list with some invalid items. An invalid item of a batch must spoil no other."""
        items = [self._value(schema["items"]) for _ in range(self.random.choice([0, 1, 2, 5]))]
        return [item if self.random.random() < 0.8 else self._invalidated(item) for item in items]

    def _string(self, schema: Json, name: str) -> str:
        known = self.seen_ids["userId" if name == "partnerId" else name]
        if known and self.random.random() < 0.8:
            return self.random.choice(known)
        if name == "time":
            return self.random.choice(["00:00", "02:30", "09:00", "23:45"])
        if name == "timeZone":
            return self.random.choice(["Europe/Vienna", "UTC", "America/St_Johns"])
        letters = [chr(self.random.choice([self.random.randint(33, 126), self.random.randint(160, 0x2FFF)]))]
        return "".join(letters * self.random.randint(schema.get("minLength", 0), min(schema.get("maxLength", 40), 90)))

    def _integer(self, schema: Json, _name: str) -> int:
        return self.random.randint(schema.get("minimum", -5), min(schema.get("maximum", 10**6), 10**6))

    def _boolean(self, _schema: Json, _name: str) -> bool:
        return self.random.random() < 0.5

    def _null(self, _schema: Json, _name: str) -> None:
        return None

    def _instant(self) -> str:
        """Generate an instant on the quarter hour, half of them within 50 hours."""
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        ahead = self.random.choice([self.random.randint(-8, 200), self.random.randint(-8, 9000)])
        text = (now + ahead * QUARTER).isoformat()
        return self.random.choice([text, text, text.replace("+00:00", "Z"), text.replace("+00:00", ".123+00:00")])
