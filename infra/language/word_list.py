"""The data of the lint, from `words.toml`."""

import tomllib

from infra.language.source import DATA, ROOT

RULES = tomllib.loads((ROOT / DATA).read_text(encoding="utf-8"))
BANNED = {phrase: entry["say"] for entry in RULES["banned"] for phrase in entry["phrases"]}
