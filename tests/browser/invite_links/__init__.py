"""The screen Invite links in a real browser, used by clicking."""
