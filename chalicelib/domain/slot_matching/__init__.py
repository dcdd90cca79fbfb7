"""Maximum matching of one slot."""
