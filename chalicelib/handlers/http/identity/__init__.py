"""The authentication of callers and their levels of access."""
