"""A proxy before an engine, which injects the faults of the real service and the network.

No engine for one machine injects them by itself. The proxy cancels a transaction as conflicting, throttled or invalid.
It also loses a request or a response, or holds a request back until the test releases it.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3

from chalicelib.domain.model.errors import Refusal

# A commit is a transaction, or the put of a single document.
COMMITS = ("TransactWriteItems", "PutItem")


class Fault(Enum):
    """A failure of one request, by default of a commit."""

    CONFLICT = "TransactionConflict"
    THROTTLED = "ThrottlingError"
    OVERLOADED = "ProvisionedThroughputExceeded"
    INVALID = "ValidationError"
    LOSE_REQUEST = "lose the request"
    LOSE_RESPONSE = "lose the response"


class FaultProxy(ThreadingHTTPServer):
    """A server that forwards every request to the engine at `target`, except for the planned faults.

    `meets` is the kind of requests to which they happen. With `messages` the requests of queues and of the event bus go
    to the engine there.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, target: str, messages: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Forwarder)
        self.target = target
        self._messages = messages or target
        self.plan: list[Fault] = []
        self.meets: str | tuple[str, ...] = COMMITS
        self.held = threading.Event()
        self.released = threading.Event()
        self.pool = urllib3.PoolManager(maxsize=64)
        self._hold: tuple[str | tuple[str, ...], int] | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.server_port}"

    def target_of(self, operation: str) -> str:
        """Return the address of the engine that answers the operation."""
        return self.target if operation.startswith("DynamoDB") else self._messages

    def hold_next(self, operation: str | tuple[str, ...] = COMMITS, *, number: int = 1) -> None:
        """Hold back the next request of a kind, or the one with that number from now.

        `held` is set when the request arrives. It is forwarded after `release_held`.
        """
        self.held.clear()
        self.released.clear()
        self._hold = (operation, number)

    def release_held(self) -> None:
        """Release the held request and hold back none."""
        self._hold = None
        self.released.set()

    def fault_for(self, operation: str) -> Fault | None:
        """Return the fault that is planned for a request, or None.

        A request to hold back is first held until its release.
        """
        with self._lock:
            hold = self._is_held(operation)
            fault = self.plan.pop(0) if operation.endswith(self.meets) and self.plan else None
        if hold:
            self.held.set()
            assert self.released.wait(60)
        return fault

    def _is_held(self, operation: str) -> bool:
        if self._hold is None or not operation.endswith(self._hold[0]):
            return False
        kind, number = self._hold
        self._hold = (kind, number - 1) if number > 1 else None
        return number == 1


@contextmanager
def faulty_engine(target: str, messages: str = "") -> Iterator[FaultProxy]:
    """Run a proxy before the engine, or before one for the table and one for the messages."""
    with FaultProxy(target, messages) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
        server.pool.clear()


def meanwhile(
    faults: FaultProxy, request: Callable[[], object], other: Callable[[], object], *, number: int = 1
) -> object:
    """Run `other` between the reads and the write of a request, and return its result or the type of its refusal.

    A request with several commits is held at the one with that number.
    """
    outcomes: list[object] = []

    def attempt() -> None:
        try:
            outcomes.append(request())
        except Refusal as refusal:
            outcomes.append(type(refusal))

    faults.hold_next(number=number)
    thread = threading.Thread(target=attempt)
    thread.start()
    assert faults.held.wait(60)
    other()
    faults.release_held()
    thread.join()
    return outcomes[0]


class _Forwarder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FaultProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "")
        fault = self.server.fault_for(operation)
        if fault is Fault.LOSE_REQUEST:
            self.close_connection = True
            return
        if fault in (None, Fault.LOSE_RESPONSE):
            response = self.server.pool.request(
                "POST", self.server.target_of(operation), body=body, headers=dict(self.headers)
            )
            if fault is Fault.LOSE_RESPONSE:
                self.close_connection = True
                return
            self._respond(response.status, response.data, response.headers.get("x-amz-crc32"))
            return
        refused = _refused_put if operation.endswith("PutItem") else _cancelled
        self._respond(400, refused(fault, body.decode()), None)

    def do_PUT(self) -> None:
        """Forward a request to the bucket of the ledger, without a fault."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = self.server.target_of("S3") + self.path
        response = self.server.pool.request("PUT", url, body=body, headers=dict(self.headers))
        self._respond(response.status, response.data, None, response.headers.get("Content-Type", "application/xml"))

    def log_message(self, *_arguments: Any) -> None:
        """Log nothing."""

    def _respond(
        self, status: int, body: bytes, checksum: str | None, content_type: str = "application/x-amz-json-1.0"
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if checksum:
            self.send_header("x-amz-crc32", checksum)
        self.end_headers()
        self.wfile.write(body)


def _refused_put(fault: Fault, body: str) -> bytes:
    """Return the error response of the service if the item of a put has the fault."""
    code = f"{fault.value.removesuffix('Error')}Exception"
    return json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": f"Refused: {body}"}).encode()


def _cancelled(fault: Fault, body: str) -> bytes:
    """Return the error response of the service if the first item of a transaction has the fault.

    The messages of the service may repeat the request, so these do.
    """
    items = len(json.loads(body)["TransactItems"])
    reasons = [{"Code": fault.value, "Message": body}, *({"Code": "None"} for _ in range(items - 1))]
    return json.dumps(
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": f"Transaction cancelled: {body}",
            "CancellationReasons": reasons,
        }
    ).encode()
