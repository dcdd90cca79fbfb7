"""The publication of a tagged release."""
