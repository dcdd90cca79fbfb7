"""The screen Sessions of the web app in real browsers, used by clicking."""
