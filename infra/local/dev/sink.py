"""The sink of the local run, which gets the requests to webhooks and push services.

Every address outside this machine leads to the sink. An address on this machine is refused as in a deployment, except
for the receivers that the user names: they get real requests by http.
"""

import base64
import socket
import threading
from collections import deque
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from chalicelib.channels.http_exchange import Deadline, exchange
from chalicelib.channels.public_http import (
    CONNECT_SECONDS,
    TOTAL_SECONDS,
    FailureReason,
    PublicHttp,
    RequestFailed,
    monotonic,
)
from infra.local.clock import MovableClock
from infra.local.http.page import page
from infra.local.http.responses import HttpResponse, json_response, problem

SINK_PATH = "/dev/sink"
# The variable with the receivers, each a host and a port.
RECEIVERS_VARIABLE = "LOCKSTEP_LOCAL_RECEIVERS"
MOST_POSTS = 500
NO_CONTENT = 204

PAGE = """
{% extends "base.html" %}
{% block title %}Sink{% endblock %}
{% block main %}
<header class="hero">
<span class="face plain" aria-hidden="true">&#8594;</span>
<h1>Webhooks and push messages of this local run</h1>
<p class="lead">{{ posts | length }} requests, the newest first. None has left this machine.</p>
</header>
{% for post in posts %}
<section class="day">
<h3>{{ post.url }}</h3>
<p class="note">{{ post.at }}, answered with {{ post.status }}</p>
<pre style="white-space:pre-wrap">{% for name, value in post.headers.items() %}{{ name }}: {{ value }}
{% endfor %}
{{ post.body if post.body is not none else post.bodyBase64 }}</pre>
</section>
{% endfor %}
{% endblock %}
"""

Post = dict[str, Any]


class Sink(PublicHttp):
    """A client that keeps the latest requests and sends them to no other machine.

    `receivers` are hosts with ports of this machine, to which requests are really sent.
    """

    def __init__(self, clock: MovableClock, receivers: str = "") -> None:
        """Begin without requests. `receivers` is the value of the user's variable, with commas in between."""
        super().__init__()
        self._clock = clock
        self._receivers = frozenset(filter(None, (text.strip().lower() for text in receivers.split(","))))
        self._posts: deque[Post] = deque(maxlen=MOST_POSTS)
        self._status = NO_CONTENT
        self._lock = threading.Lock()

    def accepts(self, url: str) -> bool:
        """Return whether the address is of a named receiver, or accepted in a deployment."""
        return self._is_receiver(url) or super().accepts(url)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Keep a request and return the chosen status, or send it to a named receiver. Raises RequestFailed."""
        if self._is_receiver(url):
            status = _sent(url, headers, body)
        elif super().accepts(url):
            status = self._status
        else:
            raise RequestFailed(FailureReason.ADDRESS_REFUSED)
        with self._lock:
            self._posts.appendleft(_described(url, headers, body) | {"status": status, "at": self._instant()})
        return status

    def listed(self, _fields: Post) -> HttpResponse:
        """Return the requests as JSON, newest first."""
        return json_response({"status": self._status, "posts": self._kept()})

    def choose_status(self, fields: Post) -> HttpResponse:
        """Choose the status with which the sink answers, to try the retries of failures."""
        status = fields.get("status")
        if type(status) is not int or not 200 <= status <= 599 or len(fields) > 1:
            return problem("invalid_request", "status must be a number from 200 to 599, the only field.", "status")
        self._status = status
        return json_response({"status": status})

    def page(self) -> HttpResponse:
        """Return the page of the requests."""
        return page(PAGE, posts=self._kept())

    def _kept(self) -> list[Post]:
        with self._lock:
            return list(self._posts)

    def _instant(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def _is_receiver(self, url: str) -> bool:
        parts = urlsplit(url) if url.startswith("http://") and url.isascii() and url.isprintable() else None
        return parts is not None and parts.netloc.lower() in self._receivers


def _sent(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """Send a request by http and return the status of the response. Raises RequestFailed."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with socket.create_connection((parts.hostname, parts.port or 80), timeout=CONNECT_SECONDS) as connection:
            return exchange(connection, parts.netloc, path, headers, body, Deadline(TOTAL_SECONDS, monotonic))
    except TimeoutError as error:
        raise RequestFailed(FailureReason.TIMED_OUT) from error
    except (HTTPException, ValueError, ConnectionResetError) as error:
        raise RequestFailed(FailureReason.INVALID_RESPONSE) from error
    except OSError as error:
        raise RequestFailed(FailureReason.NOT_CONNECTED) from error


def _described(url: str, headers: Mapping[str, str], body: bytes) -> Post:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = None
    return {"url": url, "headers": dict(headers), "body": text, "bodyBase64": base64.b64encode(body).decode()}
