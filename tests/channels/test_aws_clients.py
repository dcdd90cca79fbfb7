"""Clients of AWS services."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib.channels.aws_clients import ATTEMPTS, CONFIG, LIVE_CONFIG, SendFailed, lazy_client, sent_to
from chalicelib.services.notices.scheduled_events import PARALLEL_STARTS


def test_a_client_is_made_once_and_only_when_it_is_used() -> None:
    client = lazy_client("sqs", region="eu-central-1", endpoint="http://127.0.0.1:1")
    made = client()
    assert client() is made
    assert (made.meta.region_name, made.meta.endpoint_url) == ("eu-central-1", "http://127.0.0.1:1")
    with pytest.raises(Exception, match="nothing"):
        lazy_client("nothing", region="eu-central-1", endpoint=None)()


def test_threads_that_need_a_client_at_once_get_the_same_one() -> None:
    client = lazy_client("sqs", region="eu-central-1", endpoint="http://127.0.0.1:1")
    together = threading.Barrier(PARALLEL_STARTS)

    def made(_: int) -> int:
        together.wait()
        return id(client())

    with ThreadPoolExecutor(PARALLEL_STARTS) as threads:
        assert len(set(threads.map(made, range(PARALLEL_STARTS)))) == 1
    assert client().meta.config.max_pool_connections == PARALLEL_STARTS


class _Failing(BaseHTTPRequestHandler):
    """A service that fails, and counts the requests."""

    requests = 0

    def do_POST(self) -> None:
        type(self).requests += 1
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the name of the base class
        del format


def test_r43_a_request_is_sent_as_often_as_the_time_outs_of_the_functions_assume(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Failing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        for config, attempts in ((CONFIG, ATTEMPTS), (LIVE_CONFIG, 1)):
            _Failing.requests = 0
            with pytest.raises(ClientError):
                lazy_client("sqs", region="us-east-1", endpoint=url, config=config)().list_queues()
            assert _Failing.requests == attempts
        server.shutdown()


@pytest.mark.parametrize(
    "failure", [ConnectTimeoutError(endpoint_url="x"), ClientError({"Error": {"Code": "Throttling"}}, "SendMessage")]
)
def test_r43_a_failed_request_names_the_service(failure: Exception) -> None:
    def fail() -> Any:
        with sent_to("email"):
            raise failure

    with pytest.raises(SendFailed, match="email"):
        fail()


def test_r43_an_error_of_the_program_is_not_taken_for_a_failed_request() -> None:
    with pytest.raises(KeyError), sent_to("email"):
        raise KeyError
