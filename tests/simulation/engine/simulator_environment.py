"""The environment of simulation runs, with lower limits and memoized functions of the product."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from chalicelib.domain.decisions import queue_view
from chalicelib.domain.model import slot
from chalicelib.services.bookings import book
from tests.simulation.engine.memoization import memoized_product

A_DAY = timedelta(days=1)


@contextmanager
def simulator_environment() -> Iterator[None]:
    """Lower the product's limits within the context and memoize its functions.

    With lower limits a few members act like a crowd. The horizon is one day instead of 13 weeks. Responses are stored
    for 30 minutes. A page has two candidates. The number of queue shards doubles when they open. Bookings on the same
    day count as a rush.
    """
    horizon, kept, rush = slot.HORIZON, book.RESPONSES_KEPT, queue_view.SURGE_WINDOW
    slot.HORIZON, book.RESPONSES_KEPT, queue_view.SURGE_WINDOW = A_DAY, timedelta(minutes=30), A_DAY
    page, queue_shards = queue_view.PAGE, queue_view.SHARD_FACTOR
    queue_view.PAGE, queue_view.SHARD_FACTOR = 2, 2
    logging.disable(logging.CRITICAL)
    try:
        with memoized_product():
            yield
    finally:
        logging.disable(logging.NOTSET)
        queue_view.PAGE, queue_view.SHARD_FACTOR = page, queue_shards
        slot.HORIZON, book.RESPONSES_KEPT, queue_view.SURGE_WINDOW = horizon, kept, rush
