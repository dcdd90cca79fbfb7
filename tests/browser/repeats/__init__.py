"""The screen Repeats in a real browser, used by clicking."""
