"""The names that a header such as `Accept` or `Accept-Language` lists (RFC 9110)."""

from collections.abc import Iterator
from typing import NamedTuple


class AcceptedName(NamedTuple):
    """A name in lower case with its weight, from 0 (refused) to 1."""

    name: str
    weight: float


def accepted_names(header: str | None) -> Iterator[AcceptedName]:
    """Yield the names of a header in its order."""
    for part in (header or "").split(","):
        name, *parameters = (text.strip().lower() for text in part.split(";"))
        yield AcceptedName(name, _weight(parameters))


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1
