"""Broken variants of the code, and the search that must find each."""
