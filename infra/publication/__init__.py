"""The publication of a tagged release, as files with checksums and a provenance."""
