"""The connection of a deployment to its table, and the executors of its parallel requests."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from typing import Any

from botocore.config import Config
from pynamodb.connection import TableConnection
from pynamodb.connection.base import MetaTable

from chalicelib.metrics import current_metrics
from chalicelib.storage.items import Item
from chalicelib.storage.service_description import use_shipped_description
from chalicelib.version import SCHEMA

# One for each thread of the local runner, and more than a Lambda function needs. No request waits for a connection.
POOL_CONNECTIONS = 64
USER_AGENT = "lockstep"
# An HTTP request has 29 seconds. 2 attempts of a use case, each with 2 sendings of 2 client tries, wait 24 seconds.
TIMEOUT_SECONDS = 3
# Retries of one request by the client library. The use cases retry their transactions themselves.
RETRIES = 1


# The requests that write. All others read.
WRITES = frozenset({"TransactWriteItems", "PutItem", "UpdateItem"})


class Threads(ThreadPoolExecutor):
    """Threads that run each submitted call in the context of its caller.

    So the metrics of the caller also count the requests that its threads send.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` in a thread."""
        return super().submit(copy_context().run, fn, *args, **kwargs)


MakeExecutor = Callable[[int], Executor]


class Table(TableConnection):
    """A connection to one table. Two deployments with two connections can run in one process.

    The models of `items` describe items and belong to no table. `parallel` makes an executor for a number of parallel
    requests. `schema` is that of the items that are written, which every running release can read.
    `retention` is the time for which a day is kept after its end, None for ever (R33).
    """

    def __init__(
        self,
        name: str,
        *,
        region: str,
        endpoint: str | None,
        make_executor: MakeExecutor = Threads,
        schema: int = SCHEMA,
        retention: timedelta | None = None,
    ) -> None:
        """Connect to the table. `endpoint` is the address of another engine than that of the region."""
        of_items = Item._get_schema()
        keys = {"KeySchema": of_items["key_schema"], "AttributeDefinitions": of_items["attribute_definitions"]}
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
        self.schema = schema
        self.retention = retention
        # The session is made before the first thread starts. A fixed user agent saves a tenth of the client's CPU time:
        # without one, botocore composes it for each request.
        session = self.connection.session
        use_shipped_description(session)
        session.set_default_client_config(Config(user_agent=USER_AGENT))
        # PynamoDB requests the consumed capacity with every call, so counting it costs nothing.
        session.register("after-call.dynamodb", _count_capacity)

    def connect(self) -> None:
        """Make the client, which otherwise the first request does. It opens no connection."""
        _ = self.connection.client

    def disconnect(self) -> None:
        """Drop the client with its connections and credentials. The next request makes another."""
        self.connection._client = None


def _count_capacity(model: Any, parsed: dict[str, Any], **_response: Any) -> None:
    consumed = parsed.get("ConsumedCapacity", ())
    units = sum(each.get("CapacityUnits", 0) for each in ([consumed] if isinstance(consumed, dict) else consumed))
    if model.name in WRITES:
        current_metrics().count_units(write=units)
    else:
        current_metrics().count_units(read=units)
