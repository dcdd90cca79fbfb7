"""Use cases of members, their relations, links and keys."""
