import os
import signal
import socket
from urllib.parse import urlsplit

from infra.local.engine import Engine
from tests.infra.polling import until


def answers(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except ConnectionError:
        return False
    return True


def test_two_engines_started_at_once_serve_on_ports_of_their_own() -> None:
    with Engine() as one, Engine() as other:
        assert one.url != other.url
        assert answers(one.url)
        assert answers(other.url)


def test_it_listens_on_this_machine_only() -> None:
    with Engine() as engine:
        assert engine.url.startswith("http://127.0.0.1:")


def test_it_ends_when_stopped() -> None:
    with Engine() as engine:
        url = engine.url
    assert not answers(url)


def test_stopping_one_that_is_gone_already_does_no_harm() -> None:
    with Engine() as engine:
        url = engine.url
        os.kill(engine.pid, signal.SIGKILL)
        until(lambda: not answers(url))
