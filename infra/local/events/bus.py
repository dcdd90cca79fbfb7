"""The event bus of the local run, on its engine."""

from contextlib import suppress

from botocore.client import BaseClient

BUS = "lockstep"


def create_bus(client: BaseClient) -> str:
    """Create the bus unless it exists, and return its name."""
    with suppress(client.exceptions.ResourceAlreadyExistsException):
        client.create_event_bus(Name=BUS)
    return BUS
