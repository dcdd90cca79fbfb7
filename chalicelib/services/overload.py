"""The refusal of an operation that the table did not answer, or had no room for."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.model.errors import Busy
from chalicelib.storage.errors import NotCommitted


@contextmanager
def refused_as_busy() -> Iterator[None]:
    """Raise Busy where a request to the table inside fails for a reason that passes."""
    try:
        yield
    except NotCommitted as lost:
        raise Busy from lost
