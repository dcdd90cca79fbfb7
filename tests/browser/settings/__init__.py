"""The screen Settings in a real browser, used by clicking."""
