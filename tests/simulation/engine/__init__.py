"""Plays of operations over the in-memory table."""
