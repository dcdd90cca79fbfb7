"""The schemas of responses, problems and headers."""
