"""The engine that runs operations over the in-memory table."""
