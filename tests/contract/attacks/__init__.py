"""Attacks on the service over HTTP, each with the rule that it tries to break."""
