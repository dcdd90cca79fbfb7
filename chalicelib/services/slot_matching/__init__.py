"""Use cases that pair waiting members."""
