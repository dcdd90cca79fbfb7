"""The styles of the screens. All stylesheets of opened screens stay in the page."""

import re

from infra.web.build import WEB

SELECTORS = re.compile(r"([^{}]+)\{")
# Comments, and the steps of animations, which have no selectors.
IGNORED = re.compile(r"/\*.*?\*/|@keyframes\s+\S+\s*\{(?:[^{}]*\{[^{}]*\})*\s*\}", re.DOTALL)


def test_every_rule_of_a_screen_names_a_class_so_that_it_changes_no_other_screen() -> None:
    sheets = [path for folder in ("screens", "forms") for path in sorted((WEB / "src" / folder).rglob("*.css"))]
    assert sheets
    bare = [
        f"{sheet.name}: {selector.strip()}"
        for sheet in sheets
        for rule in SELECTORS.findall(IGNORED.sub("", sheet.read_text()))
        if not rule.strip().startswith("@")
        for selector in re.split(r",(?![^(]*\))", rule)
        if "." not in selector
    ]
    assert bare == []
