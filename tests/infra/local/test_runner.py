"""The local run as a process that is started, called, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from infra.local.engine import ROOT, Engine
from infra.local.run_process import LocalRun
from tests.infra.poll import until


@pytest.fixture(scope="module")
def run() -> Iterator[LocalRun]:
    with LocalRun() as run:
        yield run


def sign_in(run: LocalRun, name: str = "Zoe") -> dict[str, Any]:
    status, signed_in = run.call("POST", "/dev/sign-in", payload={"name": name})
    assert status == 200, signed_in
    return dict(signed_in)


def dated(run: LocalRun) -> str:
    with closing(HTTPConnection("127.0.0.1", int(run.url.rsplit(":", 1)[1]))) as connection:
        connection.request("GET", "/health")
        return connection.getresponse().headers["Date"]


def start_and_fail(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.local"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def raw(run: LocalRun, request: bytes) -> bytes:
    port = int(run.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        response = b""
        while piece := connection.recv(1 << 16):
            response += piece
    return response


# Starting and stopping


@pytest.mark.long  # Starts a run for each signal, as the fixtures of the contract do.
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_stops_with_status_zero(number: signal.Signals) -> None:
    with LocalRun() as run:
        assert run.end(number) == 0


def test_a_taken_port_is_reported_in_one_sentence(run: LocalRun) -> None:
    port = run.url.rpartition(":")[2]

    refused = start_and_fail(PORT=port)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == f"Port {port} is taken. Run on another: PORT={int(port) + 1} make run\n"


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("port", ["http", "-1", "65536", "8000.0"])
def test_an_invalid_port_is_reported_in_one_sentence(port: str) -> None:
    refused = start_and_fail(PORT=port)
    assert refused.returncode == 1
    assert refused.stderr.startswith("PORT must be a number")
    assert refused.stderr.count("\n") == 1


def test_a_missing_engine_is_reported_in_one_sentence() -> None:
    refused = start_and_fail(PORT="0", LOCKSTEP_ENGINE="http://127.0.0.1:1")
    assert refused.returncode == 1
    assert refused.stderr.startswith("No engine responds at LOCKSTEP_ENGINE=http://127.0.0.1:1.")
    assert refused.stderr.count("\n") == 1


@pytest.mark.long  # Starts a run.
def test_an_invalid_setting_is_reported_in_one_sentence() -> None:
    refused = start_and_fail(PORT="0", LOCKSTEP_FINAL_MINUTES="soon")
    assert refused.returncode == 1
    assert refused.stderr == "LOCKSTEP_FINAL_MINUTES is not a whole number: 'soon'.\n"


@pytest.mark.long
def test_aws_settings_and_proxies_of_the_user_are_ignored() -> None:
    nowhere = "http://127.0.0.1:9"
    with LocalRun(
        AWS_PROFILE="missing",
        AWS_REGION="eu-west-1",
        AWS_SESSION_TOKEN="expired",
        AWS_ENDPOINT_URL=nowhere,
        http_proxy=nowhere,
        HTTP_PROXY=nowhere,
    ) as run:
        assert run.call("GET", "/v1/me", sign_in(run)["token"])[0] == 200


@pytest.mark.long
def test_two_runs_share_no_data(run: LocalRun) -> None:
    member = sign_in(run)
    with LocalRun() as other:
        assert other.url != run.url
        assert other.call("GET", "/v1/me", member["token"])[0] == 401
        assert other.call("POST", "/dev/sign-in", payload={"userId": member["userId"]})[0] == 404


@pytest.mark.long
def test_a_run_restarted_on_the_same_engine_knows_its_members() -> None:
    with Engine() as engine:
        with LocalRun(LOCKSTEP_ENGINE=engine.url) as killed:
            member = sign_in(killed)
            before = demo_members(killed)
            assert killed.end(signal.SIGKILL) == -signal.SIGKILL
        with LocalRun(LOCKSTEP_ENGINE=engine.url) as again:
            status, me = again.call("GET", "/v1/me", member["token"])
            assert (status, me["user"]["userId"]) == (200, member["userId"])
            assert again.call("POST", "/dev/sign-in", payload={"userId": member["userId"]})[0] == 200
            assert demo_members(again) == before


@pytest.mark.long
def test_the_engine_of_a_run_survives_its_kill_and_ends_with_its_stop() -> None:
    with LocalRun() as killed:
        url, pid = engine_of(killed)
        killed.end(signal.SIGKILL)
    with LocalRun(LOCKSTEP_ENGINE=url) as again:
        assert again.call("GET", "/health")[0] == 200
    os.kill(pid, signal.SIGTERM)

    with LocalRun() as ended:
        _, pid = engine_of(ended)
    until(lambda: is_gone(pid))


def demo_members(run: LocalRun) -> list[list[str]]:
    lines = run.welcome.partition("Demo members")[2].splitlines()
    return [line.split() for line in lines if len(line.split()) == 2]


def engine_of(run: LocalRun) -> tuple[str, int]:
    words = next(line for line in run.welcome.splitlines() if line.startswith("  engine")).split()
    return words[1], int(words[3].rstrip(");"))


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# /dev


def test_two_members_may_have_the_same_name(run: LocalRun) -> None:
    one, other = sign_in(run, "Zoe"), sign_in(run, "Zoe")
    assert one["userId"] != other["userId"]
    assert run.call("GET", "/v1/me", one["token"])[1]["user"]["name"] == "Zoe"


def test_a_known_member_signs_in_again(run: LocalRun) -> None:
    member = sign_in(run)
    status, again = run.call("POST", "/dev/sign-in", payload={"userId": member["userId"]})
    assert (status, again["userId"]) == (200, member["userId"])
    assert run.call("GET", "/v1/me", again["token"])[1]["user"]["userId"] == member["userId"]


@pytest.mark.parametrize(
    ("method", "path", "payload", "field"),
    [
        ("POST", "/dev/sign-in", {}, "name"),
        ("POST", "/dev/sign-in", {"name": ""}, "name"),
        ("POST", "/dev/sign-in", {"name": 7}, "name"),
        ("POST", "/dev/sign-in", {"name": "n" * 81}, "name"),
        ("POST", "/dev/sign-in", {"name": "a\u0000b"}, "name"),
        ("POST", "/dev/sign-in", {"name": "Zoe", "userId": "x"}, "userId"),
        ("POST", "/dev/sign-in", {"name": "Zoe", "age": 3}, "age"),
        ("PUT", "/dev/clock", {}, "now"),
        ("PUT", "/dev/clock", {"now": "tomorrow"}, "now"),
        ("PUT", "/dev/clock", {"now": "2026-12-01T09:00:00"}, "now"),
        ("PUT", "/dev/clock", {"now": "9999-12-31T09:00:00Z"}, "now"),
        ("PUT", "/dev/clock", {"now": 1}, "now"),
        ("PUT", "/dev/stream", {}, "enabled"),
        ("PUT", "/dev/stream", {"enabled": 1}, "enabled"),
        ("PUT", "/dev/stream", {"enabled": True, "deliveries": 0}, "deliveries"),
        ("PUT", "/dev/stream", {"enabled": True, "deliveries": True}, "deliveries"),
    ],
)
def test_an_invalid_field_is_named(run: LocalRun, method: str, path: str, payload: Any, field: str) -> None:
    status, problem = run.call(method, path, payload=payload)
    assert (status, problem["code"], problem["field"]) == (422, "invalid_request", field)
    assert problem["errors"] == [{"field": field, "detail": problem["detail"]}]


def test_the_clock_of_the_service_can_be_moved_and_runs_on(run: LocalRun) -> None:
    real = run.call("GET", "/dev/clock")[1]["now"]

    status, moved = run.call("PUT", "/dev/clock", payload={"now": "2031-05-01T10:59:59.999+02:00"})
    assert (status, moved) == (200, {"now": "2031-05-01T08:59:59+00:00"})
    until(lambda: run.call("GET", "/dev/clock")[1]["now"] >= "2031-05-01T09:00:00+00:00")
    assert run.call("GET", "/v1/me", sign_in(run)["token"])[1]["user"]["memberSince"].startswith("2031-05-01T09:")
    # The web app learns the clock from this header.
    assert dated(run).startswith("Thu, 01 May 2031 09:")

    assert run.call("PUT", "/dev/clock", payload={"now": None})[0] == 200
    assert real <= run.call("GET", "/dev/clock")[1]["now"] < "2031"
    assert "2031" not in dated(run)


@pytest.mark.long  # A tick runs every schedule.
def test_a_tick_runs_every_schedule_that_pairs_members(run: LocalRun) -> None:
    status, done = run.call("POST", "/dev/tick")
    assert status == 200
    assert {"finalize", "sweep"} <= set(done["ran"])


def test_members_who_wait_while_the_stream_is_held_are_matched_after_it_resumes(run: LocalRun) -> None:
    assert run.call("PUT", "/dev/stream", payload={"enabled": False}) == (200, {"enabled": False})
    cancels, stays, comes = (sign_in(run, name) for name in ("Cancels", "Stays", "Comes"))
    booking = {"startTime": "2026-12-20T09:00:00Z", "duration": 3_000_000}
    run.call("PUT", "/dev/clock", payload={"now": "2026-12-10T09:00:00Z"})
    _, first = run.call("POST", "/v1/sessions", cancels["token"], booking)
    _, second = run.call("POST", "/v1/sessions", stays["token"], booking)
    assert second["session"]["state"] == "matched"
    run.call("DELETE", f"/v1/sessions/{first['session']['sessionId']}", cancels["token"])
    run.call("POST", "/v1/sessions", comes["token"], booking)

    assert run.call("PUT", "/dev/stream", payload={"enabled": True, "deliveries": 2}) == (200, {"enabled": True})

    path = f"/v1/sessions/{second['session']['sessionId']}"
    until(lambda: run.call("GET", path, stays["token"])[1]["session"]["state"] == "matched")
    run.call("PUT", "/dev/stream", payload={"enabled": True})
    run.call("PUT", "/dev/clock", payload={"now": None})


def book(run: LocalRun, token: str) -> str:
    booking = {"startTime": "2026-12-20T09:00:00Z", "duration": 3_000_000}
    run.call("PUT", "/dev/clock", payload={"now": "2026-12-10T09:00:00Z"})
    status, booked = run.call("POST", "/v1/sessions", token, booking)
    assert status == 201, booked
    return str(booked["session"]["sessionId"])


def bus_ids(run: LocalRun, member: dict[str, Any]) -> list[str]:
    events = run.call("GET", "/dev/events")[1]["events"]
    return [event["detail"]["id"] for event in events if event["detail"]["userId"] == member["userId"]]


def test_r42_an_event_reaches_the_list_and_the_bus_with_one_id(run: LocalRun) -> None:
    member = sign_in(run)
    session = book(run, member["token"])
    until(lambda: bus_ids(run, member))
    (event,) = run.call("GET", "/v1/events", member["token"])[1]["events"]
    assert (event["type"], event["data"]["sessionId"]) == ("session.booked", session)
    assert bus_ids(run, member) == [event["id"]]
    run.call("PUT", "/dev/clock", payload={"now": None})


@pytest.mark.long  # Starts two runs.
def test_r42_a_run_killed_before_its_stream_was_delivered_announces_after_a_restart() -> None:
    with Engine() as engine:
        with LocalRun(LOCKSTEP_ENGINE=engine.url) as killed:
            member = sign_in(killed)
            killed.call("PUT", "/dev/stream", payload={"enabled": False})
            book(killed, member["token"])
            assert killed.call("GET", "/v1/events", member["token"])[1]["events"] == []
            killed.end(signal.SIGKILL)
        with LocalRun(LOCKSTEP_ENGINE=engine.url) as again:
            until(lambda: bus_ids(again, member))
            assert len(bus_ids(again, member)) == 1


def test_the_index_lists_the_routes_of_the_run_as_json_and_as_a_page(run: LocalRun) -> None:
    status, index = run.call("GET", "/dev")
    assert status == 200
    methods = {route["path"]: route["methods"] for route in index["routes"]}
    assert (methods["/dev/mail"], methods["/dev/clock"]) == (["GET"], ["GET", "PUT"])
    page = raw(run, b"GET /dev HTTP/1.1\r\nAccept: text/html\r\nConnection: close\r\n\r\n").decode()
    assert page.startswith("HTTP/1.1 200 ")
    assert all(f'<a href="{path}">' in page for path in ("/dev/mail", "/dev/events", "/dev/clock"))
    assert '<a href="/dev/tick">' not in page


# HTTP


def test_an_unknown_path_is_a_problem(run: LocalRun) -> None:
    status, problem = run.call("GET", "/nowhere")
    assert status == 404
    assert (problem["type"], problem["code"], problem["status"]) == ("/problems/not_found", "not_found", 404)
    assert (problem["message"], problem["error"]) == (problem["detail"], problem["title"])


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/dev/clock"), ("POST", "/health"), ("BREW", "/v1/me")])
def test_another_method_is_a_problem(run: LocalRun, method: str, path: str) -> None:
    status, problem = run.call(method, path)
    assert (status, problem["code"]) == (405, "method_not_allowed")


def test_a_body_that_is_not_json_is_a_problem(run: LocalRun) -> None:
    for body in (b"{", b"\xff", b"[" * 100_000):
        head = b"POST /dev/sign-in HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert b'"code": "malformed_json"' in raw(run, head + body)


def test_one_connection_carries_many_requests(run: LocalRun) -> None:
    connection = HTTPConnection(run.url.removeprefix("http://"), timeout=60)
    connection.connect()
    socket_used = connection.sock
    for method, path in [("GET", "/health"), ("HEAD", "/health"), ("GET", "/nowhere"), ("HEAD", "/nowhere")]:
        connection.request(method, path)
        response = connection.getresponse()
        assert bool(response.read()) == (method == "GET")
    assert connection.sock is socket_used
    connection.close()


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (b"Content-Length: many", 400, b"malformed_request"),
        (b"Content-Length: -1", 400, b"malformed_request"),
        (b"Content-Length: 1\r\nContent-Length: 2", 400, b"malformed_request"),
        (b"Content-Length: 99999999999999999999999", 413, b"too_large"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 1", 400, b"malformed_request"),
    ],
)
def test_an_invalid_length_is_refused(run: LocalRun, head: bytes, status: int, code: bytes) -> None:
    response = raw(run, b"POST /v1/sessions HTTP/1.1\r\n" + head + b"\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 %d " % status)
    assert b'"code": "%s"' % code in response


def test_a_body_far_too_large_is_refused_and_the_refusal_arrives(run: LocalRun) -> None:
    body = b"0" * (3 << 20)
    response = raw(run, b"POST /v1/sessions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    assert response.startswith(b"HTTP/1.1 413 ")


def test_a_request_that_is_not_http_is_refused(run: LocalRun) -> None:
    assert b'"code": "malformed_request"' in raw(run, b"hello there, runner\r\n\r\n")
    assert run.call("GET", "/health")[0] == 200


def test_a_client_that_disconnects_does_not_affect_others(run: LocalRun) -> None:
    port = int(run.url.rpartition(":")[2])
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\n\r\nGET /hea")
    assert run.call("GET", "/health")[0] == 200


def test_the_issuer_publishes_its_key(run: LocalRun) -> None:
    _, configuration = run.call("GET", "/.well-known/openid-configuration")
    status, keys = run.call("GET", configuration["jwks_uri"].removeprefix(run.url))
    assert status == 200
    assert [(key["alg"], "d" in key) for key in keys["keys"]] == [("ES256", False)]
