"""The services outside the table: queues, the event bus, mail, addresses of members, and live connections."""
