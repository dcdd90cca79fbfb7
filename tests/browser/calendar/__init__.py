"""The Calendar screen, clicked in a browser."""
