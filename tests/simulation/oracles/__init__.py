"""Oracles for commits, responses and liveness."""
