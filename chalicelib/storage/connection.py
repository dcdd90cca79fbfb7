"""The connection to the one table, shared by every model."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from botocore.config import Config
from pynamodb.connection import Connection, TableConnection

from chalicelib.observation import observed
from chalicelib.storage.items import Item

# More than a Lambda needs, enough for the threads of the local runner: a request never waits for a connection.
POOL_CONNECTIONS = 64
USER_AGENT = "lockstep"
# Two attempts, each sent twice and tried twice, must fit into the 29 seconds that a request has.
TIMEOUT_SECONDS = 3
# The client library's own retries of one request; retrying a decision is ours.
RETRIES = 1


class Threads(ThreadPoolExecutor):
    """Threads that work in the context of whoever submits the work: what they ask of the table is observed with it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do `fn` in a thread."""
        return super().submit(copy_context().run, fn, *args, **kwargs)


MakeExecutor = Callable[[int], Executor]

_make_executor: MakeExecutor = Threads


def connect(table_name: str, *, region: str, endpoint: str | None, make_executor: MakeExecutor = Threads) -> None:
    """Bind every model to the table; `endpoint` names an engine other than the region's own.

    `make_executor` is how requests are sent side by side, so many at a time.
    """
    global _make_executor
    _make_executor = make_executor
    Item.Meta.table_name = table_name
    Item.Meta.region = region
    Item.Meta.host = endpoint
    Item.Meta.max_pool_connections = POOL_CONNECTIONS
    Item.Meta.connect_timeout_seconds = TIMEOUT_SECONDS
    Item.Meta.read_timeout_seconds = TIMEOUT_SECONDS
    Item.Meta.max_retry_attempts = RETRIES
    Item._connection = None
    # Made here, before there are threads, and on the common class, so that all models share one client. Naming
    # ourselves also spares the client library making up a user agent for each request, a tenth of its work.
    session = Item._get_connection().connection.session
    session.set_default_client_config(Config(user_agent=USER_AGENT))
    # PynamoDB asks with every request what it is charged: to note that costs nothing more.
    session.register("after-call.dynamodb", _note_charge)


def _note_charge(model: Any, parsed: dict[str, Any], **_answer: Any) -> None:
    told = parsed.get("ConsumedCapacity", ())
    units = sum(each.get("CapacityUnits", 0) for each in ([told] if isinstance(told, dict) else told))
    # Nothing else that the service sends writes.
    if model.name == "TransactWriteItems":
        observed().charged(write=units)
    else:
        observed().charged(read=units)


def side_by_side(number: int) -> Executor:
    """What carries out so many requests at a time."""
    return _make_executor(number)


def connection() -> Connection:
    """The connection that transactions are sent on."""
    return Item._get_connection().connection


def table() -> TableConnection:
    """The connection to the table, for requests whose answers are taken as they come."""
    return Item._get_connection()
