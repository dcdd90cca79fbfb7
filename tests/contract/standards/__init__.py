"""Requests of clients that others wrote, and of the standards that they follow."""
