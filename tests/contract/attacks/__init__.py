"""Attacks over HTTP, each a small input that once gave a wrong answer."""
