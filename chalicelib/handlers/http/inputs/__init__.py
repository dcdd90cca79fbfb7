"""The parsing of bodies, queries and headers."""
