"""The table of a deployment: the connection to it, and how requests are sent in parallel."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from botocore.config import Config
from pynamodb.connection import TableConnection
from pynamodb.connection.base import MetaTable

from chalicelib.metrics import current_metrics
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


class Table(TableConnection):
    """One table; each deployment in a process has its own.

    The models of `items` say what an item is and belong to no table. `parallel` makes the executor for a number of
    parallel requests.
    """

    def __init__(self, name: str, *, region: str, endpoint: str | None, make_executor: MakeExecutor = Threads) -> None:
        """Connect to the table; `endpoint` names an engine other than the region's own."""
        schema = Item._get_schema()
        keys = {"KeySchema": schema["key_schema"], "AttributeDefinitions": schema["attribute_definitions"]}
        super().__init__(
            name,
            region,
            endpoint,
            connect_timeout_seconds=TIMEOUT_SECONDS,
            read_timeout_seconds=TIMEOUT_SECONDS,
            max_retry_attempts=RETRIES,
            max_pool_connections=POOL_CONNECTIONS,
            meta_table=MetaTable({"TableName": name, **keys}),
        )
        self.parallel = make_executor
        # Made here, before there are threads. Naming ourselves also spares the client library making up a user agent
        # for each request, a tenth of its work.
        session = self.connection.session
        session.set_default_client_config(Config(user_agent=USER_AGENT))
        # PynamoDB asks with every request what it is charged: to note that costs nothing more.
        session.register("after-call.dynamodb", _note_charge)


def _note_charge(model: Any, parsed: dict[str, Any], **_answer: Any) -> None:
    told = parsed.get("ConsumedCapacity", ())
    units = sum(each.get("CapacityUnits", 0) for each in ([told] if isinstance(told, dict) else told))
    # Nothing else that the service sends writes.
    if model.name == "TransactWriteItems":
        current_metrics().charged(write=units)
    else:
        current_metrics().charged(read=units)
