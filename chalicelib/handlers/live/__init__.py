"""The WebSocket `/live`, on which a page gets its member's events (R43)."""
