"""The variables of an environment, from which the settings are read."""

import re
from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct


class Misconfigured(Exception):
    """A missing or invalid setting, which the message names."""


class Variables(Struct, frozen=True):
    """The variables of an environment, with their defaults. Each method raises Misconfigured, naming the variable."""

    environment: Mapping[str, str]
    defaults: Mapping[str, str | int] = {}

    def text(self, name: str) -> str:
        """Return the value of a variable, or its default, without surrounding spaces."""
        return self.environment.get(name, str(self.defaults.get(name, ""))).strip()

    def needed(self, name: str) -> str:
        """Return the value of a variable that must be set."""
        value = self.text(name)
        if not value:
            raise Misconfigured(f"{name} is not set")
        return value

    def number(self, name: str) -> int:
        """Return the value of a variable as a whole number."""
        value = self.text(name)
        if not re.fullmatch(r"[0-9]{1,4}", value):
            raise Misconfigured(f"{name} is not a whole number: {value!r}")
        return int(value)

    def one_of(self, name: str, numbers: tuple[int, ...]) -> int:
        """Return the value of a variable as one of some whole numbers."""
        if (value := self.number(name)) not in numbers:
            raise Misconfigured(f"{name} is none of {', '.join(map(str, numbers))}: {value}")
        return value

    def days(self, name: str, *, least: int) -> timedelta | None:
        """Return the value of a variable as a number of days, at least `least`, or None for 0."""
        days = self.number(name)
        if 0 < days < least:
            raise Misconfigured(f"{name} is neither 0 nor at least {least}: {days}")
        return timedelta(days=days) if days else None

    def switch(self, name: str) -> bool:
        """Return whether a variable is `on`."""
        value = self.text(name)
        if value not in ("on", "off"):
            raise Misconfigured(f"{name} is neither on nor off: {value!r}")
        return value == "on"

    def list(self, name: str) -> tuple[str, ...]:
        """Split the value of a variable at its commas. Empty entries are left out."""
        return tuple(filter(None, (entry.strip() for entry in self.text(name).split(","))))

    def needed_list(self, name: str) -> tuple[str, ...]:
        """Return the entries of a list that must have one."""
        entries = self.list(name)
        if not entries:
            raise Misconfigured(f"{name} is not set")
        return entries
