"""The connection to the one table, shared by every model."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor

from botocore.config import Config
from pynamodb.connection import Connection, TableConnection

from chalicelib.storage.items import Item

# More than a Lambda needs, enough for the threads of the local runner: a request never waits for a connection.
POOL_CONNECTIONS = 64
USER_AGENT = "lockstep"
# Two attempts, each sent twice and tried twice, must fit into the 29 seconds that a request has.
TIMEOUT_SECONDS = 3
# The client library's own retries of one request; retrying a decision is ours.
RETRIES = 1


MakeExecutor = Callable[[int], Executor]

_make_executor: MakeExecutor = ThreadPoolExecutor


def connect(
    table_name: str, *, region: str, endpoint: str | None, make_executor: MakeExecutor = ThreadPoolExecutor
) -> None:
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


def side_by_side(number: int) -> Executor:
    """What carries out so many requests at a time."""
    return _make_executor(number)


def connection() -> Connection:
    """The connection that transactions are sent on."""
    return Item._get_connection().connection


def table() -> TableConnection:
    """The connection to the table, for requests whose answers are taken as they come."""
    return Item._get_connection()
