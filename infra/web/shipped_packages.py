"""The npm packages whose code is part of the built web app, with their licenses."""

import json
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
# It builds the app, which contains its code that loads a screen, and nothing of its dependencies. It is no dependency
# for development, so that a machine without checks installs it.
BUILD_TOOL = "vite"
# The licenses of a package's own dependencies follow in the same file.
OF_DEPENDENCIES = "\n# Licenses of bundled dependencies"


@dataclass(frozen=True)
class ShippedPackage:
    """A package of the lock file. `digest` is the SHA-512 of its archive, in hexadecimal digits."""

    name: str
    version: str
    license: str
    digest: str

    @property
    def address(self) -> str:
        """The package URL (purl), in which the scope is encoded."""
        return f"pkg:npm/{self.name.replace('@', '%40', 1)}@{self.version}"

    def notice(self) -> str:
        """Return the text of the license with its copyright notice, from the installed package."""
        (path,) = (WEB / "node_modules" / self.name).glob("[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]*")
        return path.read_text(encoding="utf-8").partition(OF_DEPENDENCIES)[0].strip()


def shipped_packages() -> list[ShippedPackage]:
    """Return the packages whose code is in the app, which depends on them directly or not, by name."""
    locked = json.loads((WEB / "package-lock.json").read_text())["packages"]
    pending = list(locked[""]["dependencies"])
    found: dict[str, ShippedPackage] = {}
    while pending:
        name = pending.pop()
        if name in found:
            continue
        package = locked[f"node_modules/{name}"]
        digest = b64decode(package["integrity"].removeprefix("sha512-")).hex()
        found[name] = ShippedPackage(name, package["version"], package["license"], digest)
        if name != BUILD_TOOL:
            pending += package.get("dependencies", {})
    return [found[name] for name in sorted(found)]


def notices() -> str:
    """Return the licenses of all shipped packages as one text."""
    parts = [f"{package.name} {package.version}\n\n{package.notice()}\n" for package in shipped_packages()]
    return "The web app contains these packages.\n\n" + f"\n{'-' * 80}\n\n".join(parts)


def license_table() -> str:
    """Return the table of docs/web-licenses.md."""
    rows = [f"| {package.name} | {package.version} | {package.license} |" for package in shipped_packages()]
    return "\n".join(["| Name | Version | License |", "|---|---|---|", *rows, ""])
