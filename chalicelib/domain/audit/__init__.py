"""Invariants of the table and the snapshot that they are checked on."""
