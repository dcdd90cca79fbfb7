import os
import signal
import socket
from urllib.parse import urlsplit

from infra.local.engine import Engine
from tests.infra.poll import until


def accepts_connections(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except ConnectionError:
        return False
    return True


def test_two_engines_started_at_once_serve_on_ports_of_their_own() -> None:
    with Engine() as one, Engine() as other:
        assert one.url != other.url
        assert accepts_connections(one.url)
        assert accepts_connections(other.url)


def test_an_engine_listens_on_this_machine_only() -> None:
    with Engine() as engine:
        assert engine.url.startswith("http://127.0.0.1:")


def test_a_stopped_engine_ends() -> None:
    with Engine() as engine:
        url = engine.url
    assert not accepts_connections(url)


def test_an_engine_that_has_ended_can_be_stopped() -> None:
    with Engine() as engine:
        url = engine.url
        os.kill(engine.pid, signal.SIGKILL)
        until(lambda: not accepts_connections(url))
