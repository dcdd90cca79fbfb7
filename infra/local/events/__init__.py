"""Event sources of the local run."""
