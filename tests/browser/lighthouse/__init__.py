"""Lighthouse on the built web app."""
