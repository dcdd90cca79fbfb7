"""The version of this release, and the schema of the items that it writes."""

VERSION = "0.2.0"
# The forms of stored items. A release reads the items of its own schema and of the one before (docs/adr/0041).
SCHEMA = 2
FORMER_SCHEMA = SCHEMA - 1
