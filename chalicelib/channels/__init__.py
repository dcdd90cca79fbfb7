"""The services outside the table, from queues and the event bus to mail, addresses of members and live connections."""
