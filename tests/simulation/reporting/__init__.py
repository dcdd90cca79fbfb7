"""Texts about a play for a person."""
