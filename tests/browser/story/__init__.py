"""The story of locked-in sessions, clicked in the web app."""
