"""The migration of a table to the schema of this release, while the service runs."""
