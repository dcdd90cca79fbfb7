"""Repeats, whose occurrences the schedule books (R40)."""
