"""Attacks on the service over HTTP, each refused by a rule."""
