"""Readable texts about runs and campaigns."""
