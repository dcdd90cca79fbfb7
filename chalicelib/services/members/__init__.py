"""Use cases of members, their relations, invite links and API keys."""
