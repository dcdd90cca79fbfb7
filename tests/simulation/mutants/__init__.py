"""Mutants of the code, and the search for a schedule that finds each."""
