"""The refusal of an operation while the table is overloaded or does not respond."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.model.errors import Busy
from chalicelib.storage.errors import TableRequestFailed


@contextmanager
def refused_as_busy() -> Iterator[None]:
    """Raise Busy if a request to the table in the block fails and a retry may succeed."""
    try:
        yield
    except TableRequestFailed as failure:
        raise Busy from failure
