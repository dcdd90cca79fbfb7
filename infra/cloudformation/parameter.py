"""A parameter of a stack, and the forms of its values."""

from dataclasses import dataclass
from typing import Any

URL = r"https?://[^\s]+"
MAIL_ADDRESS = r"[^\s@<>]+@[A-Za-z0-9.-]+"


@dataclass(frozen=True)
class Parameter:
    """A setting with its meaning and its default. Without a default it must be given."""

    meaning: str
    default: str | int | None = None
    pattern: str = ""
    least: int | None = None
    most: int | None = None
    choices: tuple[int | str, ...] = ()
    variable: str = ""
    secret: bool = False

    def declared(self) -> dict[str, Any]:
        """Return the parameter as a template declares it."""
        declared: dict[str, Any] = {
            "Type": "Number" if isinstance(self.default, int) else "String",
            "Description": self.meaning,
        }
        if self.default is not None:
            declared["Default"] = self.default
        if self.pattern:
            declared |= {"AllowedPattern": self.pattern, "ConstraintDescription": self.meaning}
        if self.least is not None:
            declared["MinValue"] = self.least
        if self.most is not None:
            declared["MaxValue"] = self.most
        if self.choices:
            declared["AllowedValues"] = list(self.choices)
        if self.secret:
            declared |= {"NoEcho": True}
        return declared
