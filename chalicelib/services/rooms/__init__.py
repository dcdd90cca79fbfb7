"""The rooms in which the members of a pair meet (R37, R41)."""
