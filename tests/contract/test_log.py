"""The log has one line for each request and no text of a member.

A canary is a unique text. Every place that accepts a member's text, a token or a key gets a canary, also where it is
refused or ignored. After that, no canary may be in the output of the runner's process.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.handlers.event_log import METRICS
from tests.contract.client import JSON, ORIGIN, Client, Runner, eventually
from tests.contract.test_auth import claims, signed
from tests.contract.test_story import do_nothing, run_lifecycle
from tests.fault_proxy import Fault, FaultProxy
from tests.infra.test_operations import rows

# Each test starts a run of its own. The lines are also tested in `handlers`.
pytestmark = pytest.mark.long

# Faults for all attempts of one use case. Each transaction is sent twice, and each time twice by the client library.
LOST = 8
# The time limit for the stream. Another test checks its real delay.
SECONDS = 60


class CanaryRunner(Runner):
    """A runner with all log lines that collects the canaries of its requests."""

    def __init__(self, engine: str) -> None:
        super().__init__(engine, log="info")
        self.canaries: list[str] = []

    def canary(self, kind: str) -> str:
        """Return a new unique text, and keep it as a canary."""
        self.canaries.append(f"{kind}-{secrets.token_hex(8)}")
        return self.canaries[-1]

    def sign_in(self, name: str) -> Client:
        """Create and return a member whose name and token are canaries."""
        member = super().sign_in(self.canary(name))
        self.canaries.append(member.token)
        return member

    def lines(self) -> list[dict[str, Any]]:
        """Return the parsed log lines of the service."""
        logged = (line.partition(" service: ") for line in self.output().splitlines())
        return [json.loads(line) for _level, _name, line in logged if line]

    def line_of(self, response: Any) -> dict[str, Any]:
        """Return the log line of the request that got this problem."""
        (line,) = [one for one in self.lines() if response.json["instance"] == f"/requests/{one.get('request')}"]
        return line


@pytest.fixture(scope="module")
def runner(proxy: FaultProxy) -> Iterator[CanaryRunner]:
    started = CanaryRunner(proxy.url)
    yield started
    assert started.stop() == 0


@pytest.fixture
def ada(runner: CanaryRunner) -> Client:
    return runner.sign_in("Ada")


def test_every_request_has_a_line_with_its_route_outcome_duration_and_units(runner: CanaryRunner, ada: Client) -> None:
    slot = runner.slots.near()
    ada.book(slot)
    route = "POST /v1/sessions"
    # Lines of the stream's functions may follow it.
    (booked,) = [line for line in runner.lines() if (line.get("route"), line.get("member")) == (route, ada.user_id)]
    assert booked.pop("milliseconds") > 0
    assert len(booked.pop("request")) == 26
    assert booked.pop("readUnits") > 0
    assert booked == {
        "level": "info",
        "event": "request",
        "route": route,
        "status": 201,
        "member": ada.user_id,
        "outcome": "ok",
        "attempts": 1,
        # The booking costs 4, the record of the first write of a date 1.
        "writeUnits": 5,
    }


def test_a_refusal_is_logged_with_its_code_and_the_id_in_its_instance(runner: CanaryRunner, ada: Client) -> None:
    refused = {
        "not_found": ada.get("/v1/sessions/nothing"),
        "unauthenticated": runner.request("GET", "/v1/me"),
        "method_not_allowed": ada.put("/v1/me"),
        "invite_unavailable": runner.request("GET", "/i/nothing"),
    }
    lines = {code: runner.line_of(response) for code, response in refused.items()}
    assert [(line["outcome"], line["code"], line["status"]) for line in lines.values()] == [
        ("refused", code, response.status) for code, response in refused.items()
    ]
    assert [line["route"] for line in lines.values()] == [
        "GET /v1/sessions/{sessionId}",
        "GET /v1/me",
        "PUT /v1/me",
        "GET /i/{token}",
    ]


@pytest.mark.long  # Calls every route, with refusals and faults.
def test_no_text_of_a_member_no_token_and_no_key_is_in_the_output(runner: CanaryRunner, proxy: FaultProxy) -> None:
    before = len(runner.lines())
    run_lifecycle(runner, do_nothing, SECONDS)
    ada, ben = runner.sign_in_all("Ada", "Ben")
    send_accepted_texts(runner, proxy, ada)
    use_invite_link(runner, ada, ben)
    send_refused_and_ignored_texts(runner, ada)
    send_during_faults(runner, proxy, ada)
    runner.tick()
    assert ben.delete("/v1/me").status == 204
    assert eventually(lambda: any(line["event"] == "record" for line in runner.lines()))
    lines, output = runner.lines(), runner.output()
    assert [canary for canary in runner.canaries if canary in output] == []
    logged = {(line["route"], line["status"]) for line in lines if line["event"] == "request"}
    assert logged >= {
        ("POST /v1/sessions", 201),
        ("POST /v1/sessions", 409),
        ("POST /v1/sessions", 422),
        ("POST /v1/sessions", 500),
        ("POST /v1/sessions", 503),
        ("GET /v1/me", 200),
        ("GET /v1/me", 401),
        ("GET /v1/me", 503),
        ("PATCH /v1/me", 200),
        ("PATCH /v1/me", 403),
        ("PATCH /v1/me", 422),
        ("GET /i/{token}", 200),
        ("GET /i/{token}", 404),
        ("HEAD /i/{token}", 200),
        ("POST /i/{token}", 201),
        ("DELETE /v1/me", 204),
    }
    assert {line["event"] for line in lines} == {"announcements", "batch", "day", "demand", "record", "request", "tick"}
    assert {field for line in lines for field in line} - set(METRICS) <= set(rows("Logs"))
    # One lock by the lifecycle and one by the invite link.
    assert sum(line.get("LockCommits", 0) for line in lines[before:]) == 2


def send_accepted_texts(runner: CanaryRunner, proxy: FaultProxy, ada: Client) -> None:
    """Put a canary into every field that is stored and into every claim of a token."""
    words = ("name", "given_name", "nickname", "preferred_username", "email", "phone_number", "gender", "zoneinfo")
    picture = f"https://pictures.example/{runner.canary('picture')}.png"
    payload = claims(sub=runner.canary("sub"), picture=picture, **{word: runner.canary(word) for word in words})
    database = boto3.client("dynamodb", endpoint_url=proxy.target)
    key = database.get_item(TableName="lockstep-local", Key={"name": {"S": "issuer key"}})["Item"]["value"]["S"]
    database.close()
    token = signed(json.loads(key), payload)
    runner.canaries.append(token)
    me = runner.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}).json["user"]
    assert (me["name"], me["photoUrl"]) == (payload["name"], picture)
    ada.change_settings(name=runner.canary("name"), photoUrl=f"https://pictures.example/{runner.canary('photo')}")
    slot = runner.slots.near()
    body = slot.body(title=runner.canary("title"))
    keyed = {"Idempotency_Key": runner.canary("idempotency")}
    for _ in range(2):
        session = ada.post("/v1/sessions", body, **keyed).json["session"]
    assert ada.patch(f"/v1/sessions/{session['sessionId']}", {"title": runner.canary("title")}).status == 200
    assert ada.post("/v1/sessions/batch", {"sessions": [body, {"title": runner.canary("title")}]}).status == 200
    key = ada.post("/v1/api-keys", {"name": runner.canary("key"), "scope": "read"}).json["apiKey"]["key"]
    runner.canaries.append(key)
    for method, status in (("GET", 200), ("PATCH", 403)):
        assert runner.request(method, "/v1/me", headers={"X-API-KEY": key}).status == status


def use_invite_link(runner: CanaryRunner, ada: Client, ben: Client) -> None:
    """Create a link, request its page with every method, and book by it."""
    slot = runner.slots.near()
    ada.book(slot)
    token = ada.post("/v1/invite-links", {"maxUses": 1}).json["inviteLink"]["url"].rpartition("/")[2]
    runner.canaries.append(token)
    for method, accept in (("GET", "text/html"), ("GET", JSON), ("HEAD", "*/*"), ("OPTIONS", "*/*"), ("PUT", "*/*")):
        runner.request(method, f"/i/{token}", headers={"Accept": accept, "Origin": ORIGIN})
    body = {**slot.body(), "title": runner.canary("title")}
    assert ben.post(f"/i/{token}", body).status == 422
    assert ben.post(f"/i/{token}", slot.body()).status == 201
    assert runner.sign_in("Cy").post(f"/i/{token}", slot.body()).status == 404
    for accept in ("text/html", JSON):
        unknown = runner.canary("token")
        assert runner.request("GET", f"/i/{unknown}", headers={"Accept": accept}).status == 404


def send_refused_and_ignored_texts(runner: CanaryRunner, ada: Client) -> None:
    """Put a canary into every place that is refused or ignored."""
    word = runner.canary("word")
    slot = runner.slots.near()
    assert ada.post("/v1/sessions", slot.body(partnerId=word)).status == 409
    assert ada.post("/v1/sessions", slot.body(**{runner.canary("field"): word})).status == 422
    assert ada.post("/v1/sessions", {"startTime": word, "duration": 1}).status == 422
    assert ada.request("POST", "/v1/sessions", body=f'{{"title": "{word}"'.encode()).status == 400
    assert ada.request("POST", "/v1/sessions", body=word.encode(), headers={"Content-Type": word}).status == 415
    assert ada.post("/v1/sessions", slot.body(), Idempotency_Key=f"{word} \u00e9").status == 422
    for field in ("name", "photoUrl", "timeZone", "gender", "availability"):
        assert ada.patch("/v1/me", {field: runner.canary(field) * 9}).status == 422
    for path in (f"/v1/users/{word}", f"/v1/sessions/{word}", f"/{word}", f"/v1/users/{word}/availability"):
        ada.get(path)
    assert ada.get("/v1/me", nonsense=word).status == 200
    assert ada.get("/v1/sessions", start=word, end=word).status == 422
    assert ada.get("/v1/invite-links", limit=1, cursor=runner.canary("cursor")).status == 400
    ignored = {"User-Agent": word, "Referer": f"https://{word}.example/", "Cookie": word, "Origin": f"https://{word}"}
    assert ada.request("GET", "/v1/me", headers=ignored).status == 200
    for credentials in ({"Authorization": f"Bearer {word}"}, {"Authorization": word}, {"X-API-KEY": word}):
        assert runner.request("GET", "/v1/me", headers=credentials).status == 401


def send_during_faults(runner: CanaryRunner, proxy: FaultProxy, ada: Client) -> None:
    """Send canaries in requests that the table refuses, repeats in its errors, or loses."""
    runner.stream(enabled=False)
    proxy.meets = "TransactWriteItems"
    for faults, status in (([Fault.INVALID], 500), ([Fault.CONFLICT] * LOST, 503), ([Fault.LOSE_REQUEST] * LOST, 503)):
        proxy.plan += faults
        body = runner.slots.near().body(title=runner.canary("title"))
        assert ada.post("/v1/sessions", body, Idempotency_Key=runner.canary("idempotency")).status == status
        assert proxy.plan == []
    proxy.meets = "GetItem"
    proxy.plan += [Fault.LOSE_REQUEST] * 2
    assert ada.get("/v1/me").status == 503
    proxy.meets = "TransactWriteItems"
    runner.stream(enabled=True)
