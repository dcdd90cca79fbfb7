"""Tests of the sink of the local run (R43)."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chalicelib.channels.public_http import FailureReason, RequestFailed
from infra.local.clock import MovableClock
from infra.local.dev.sink import MOST_POSTS, Sink

URL = "https://hooks.example/in?key=1"


class NamedReceiver:
    """A receiver on this machine. It redirects every request to another path."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        paths = self.paths

        class RedirectingHandler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                paths.append(self.path)
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Write no log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), RedirectingHandler)
        self.authority = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[NamedReceiver]:
    started = NamedReceiver()
    yield started
    started.server.shutdown()
    started.server.server_close()


def refusal(sink: Sink, url: str) -> FailureReason:
    with pytest.raises(RequestFailed) as raised:
        sink.post(url, {}, b"{}")
    return raised.value.reason


def test_r43_requests_to_other_machines_are_kept_newest_first() -> None:
    sink = Sink(MovableClock())
    assert sink.post(URL, {"webhook-id": "evt_1"}, '{"name": "Zoë"}'.encode()) == 204
    assert sink.post("https://push.example/send", {}, b"\xff\x00") == 204
    push, hook = sink.listed({}).json()["posts"]
    assert (hook["url"], hook["headers"], hook["status"]) == (URL, {"webhook-id": "evt_1"}, 204)
    assert json.loads(hook["body"]) == {"name": "Zoë"}
    assert (push["body"], push["bodyBase64"]) == (None, "/wA=")


def test_the_sink_keeps_a_limited_number_of_requests() -> None:
    sink = Sink(MovableClock())
    for number in range(MOST_POSTS + 5):
        sink.post(f"https://hooks.example/{number}", {}, b"{}")
    kept = sink.listed({}).json()["posts"]
    assert (len(kept), kept[0]["url"]) == (MOST_POSTS, f"https://hooks.example/{MOST_POSTS + 4}")


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/", "https://127.0.0.1/", "http://127.0.0.1:80/", "https://localhost/", "https://10.0.0.1/"],
)
def test_r43_an_address_on_this_machine_is_refused_as_in_a_deployment(url: str) -> None:
    sink = Sink(MovableClock(), "127.0.0.1:9000")
    assert not sink.accepts(url)
    assert refusal(sink, url) is FailureReason.ADDRESS_REFUSED
    assert sink.listed({}).json()["posts"] == []


def test_a_named_receiver_gets_real_requests_and_no_redirect_is_followed(receiver: NamedReceiver) -> None:
    sink = Sink(MovableClock(), f" {receiver.authority} ,other:1")
    url = f"http://{receiver.authority}/in?a=1"
    assert sink.accepts(url)
    assert sink.post(url, {"webhook-id": "evt_1"}, b"{}") == 302
    assert receiver.paths == ["/in?a=1"]
    (kept,) = sink.listed({}).json()["posts"]
    assert (kept["url"], kept["status"]) == (url, 302)
    # Another port of the same machine is not named, and user info does not change the host.
    for other in ("http://127.0.0.1:1/", f"http://{receiver.authority}@127.0.0.1:1/", f"https://{receiver.authority}/"):
        assert refusal(sink, other) is FailureReason.ADDRESS_REFUSED


def test_a_named_receiver_that_is_not_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        authority = f"127.0.0.1:{closed.getsockname()[1]}"
    assert refusal(Sink(MovableClock(), authority), f"http://{authority}/") is FailureReason.NOT_CONNECTED


def test_the_sink_answers_with_the_chosen_status() -> None:
    sink = Sink(MovableClock())
    assert sink.choose_status({"status": 410}).json() == {"status": 410}
    assert sink.post(URL, {}, b"{}") == 410
    for fields in ({}, {"status": "410"}, {"status": True}, {"status": 99}, {"status": 600}, {"status": 200, "a": 1}):
        refused = sink.choose_status(fields)
        assert (refused.status, refused.json()["field"]) == (422, "status")
    assert sink.post(URL, {}, b"{}") == 410


def test_the_page_shows_the_requests_without_running_them() -> None:
    sink = Sink(MovableClock())
    sink.post(URL, {"webhook-id": "evt_1"}, b"<script>alert(1)</script>")
    page = sink.page()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<script>alert" not in page.body
    assert b"evt_1" in page.body
