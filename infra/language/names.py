"""The rules of names.

A module is a noun. A class name is unique in the repository.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from infra.language.source import Finding, Source

_PARTICIPLE = re.compile(r"(ing|[^e]ed)$")


def module_findings(source: Source, nouns: Collection[str]) -> Iterator[Finding]:
    """Return a finding for a module or package whose last word is a participle and is not in `nouns`."""
    path = Path(source.path)
    name = path.parent.name if path.stem == "__init__" else path.stem
    if _PARTICIPLE.search(name) and name.rsplit("_", 1)[-1] not in nouns:
        yield Finding(source.at(1), "module name", f'"{name}" is a participle: name the module by a noun')


def class_findings(sources: Iterable[Source], shared: Mapping[str, str]) -> Iterator[Finding]:
    """Return a finding for each definition of a class name that has another definition.

    A name in `shared`, which has a reason, may have two definitions. Classes inside a class are not counted.
    """
    places = defaultdict(list)
    for source in sources:
        nested = {child for node in source.definitions if isinstance(node, ast.ClassDef) for child in node.body}
        for node in source.definitions:
            if isinstance(node, ast.ClassDef) and node not in nested:
                places[node.name].append(source.at(node.lineno))
    for name, found in places.items():
        if len(found) > (2 if name in shared else 1):
            for place in found:
                others = ", ".join(other for other in found if other != place)
                yield Finding(place, "class name", f'"{name}" is also defined at {others}')
