"""Checks of every commit, response and final state."""
