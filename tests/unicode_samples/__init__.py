"""Letters, names and emoji of Unicode's own data. `README.md` has the sources and the format."""

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent


def letters() -> list[str]:
    """Return every letter, digit and sign of CLDR's exemplar lists, also those of several characters."""
    return list(_texts("exemplars.txt"))


def emoji() -> list[str]:
    """Return every emoji sequence of Unicode's emoji test."""
    return list(_texts("emoji.txt"))


def names() -> list[str]:
    """Return CLDR's sample names, the parts of names and whole ones."""
    return (FOLDER / "names.txt").read_text(encoding="utf-8").splitlines()


def joined(texts: list[str], longest: int) -> Iterator[str]:
    """Join texts with spaces to as few texts of at most `longest` characters as their order permits."""
    collected = ""
    for text in texts:
        if collected and len(collected) + 1 + len(text) > longest:
            yield collected
            collected = ""
        collected = f"{collected} {text}" if collected else text
    yield collected


def _texts(file: str) -> Iterator[str]:
    for written in (FOLDER / file).read_text(encoding="ascii").split():
        first, _, last = written.partition("-")
        if last:
            yield from map(chr, range(int(first, 16), int(last, 16) + 1))
        else:
            yield "".join(chr(int(code, 16)) for code in written.split("+"))
