"""What the service says of itself while it is used: a line for every request, and never a word of anybody's.

The canaries are texts that occur once in the world. Every place where a person's word, a token or a key can be put gets
one, whether it is read, refused or ignored there; then nothing that the runner's process wrote may hold any.
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
from tests.contract.test_story import nothing, play
from tests.fault_proxy import Fault, FaultyEngine
from tests.infra.test_operations import rows

# Enough to lose every try of a transaction: each is sent twice, and twice by the client library.
LOST = 8
# How long the stream may take here; how long it takes is tested elsewhere.
SECONDS = 10


class Watched(Runner):
    """A runner that logs all it can, and remembers every canary that was let fly."""

    def __init__(self, engine: str) -> None:
        super().__init__(engine, log="info")
        self.canaries: list[str] = []

    def canary(self, kind: str) -> str:
        """A text that occurs nowhere else."""
        self.canaries.append(f"{kind}-{secrets.token_hex(8)}")
        return self.canaries[-1]

    def sign_in(self, name: str) -> Client:
        """A new member whose name is a canary, and so is the token."""
        member = super().sign_in(self.canary(name))
        self.canaries.append(member.token)
        return member

    def lines(self) -> list[dict[str, Any]]:
        """The lines that the service told so far."""
        logged = (line.partition(" service: ") for line in self.output().splitlines())
        return [json.loads(line) for _level, _name, line in logged if line]

    def line_of(self, answer: Any) -> dict[str, Any]:
        """The line of the request that a problem answers."""
        (line,) = [one for one in self.lines() if answer.json["instance"] == f"/requests/{one.get('request')}"]
        return line


@pytest.fixture(scope="module")
def watched(proxy: FaultyEngine) -> Iterator[Watched]:
    runner = Watched(proxy.url)
    yield runner
    assert runner.stop() == 0


@pytest.fixture
def ada(watched: Watched) -> Client:
    return watched.sign_in("Ada")


def test_every_request_has_a_line_with_its_route_outcome_and_what_it_took(watched: Watched, ada: Client) -> None:
    slot = watched.slots.near()
    ada.book(slot)
    booked = watched.lines()[-1]
    assert booked.pop("milliseconds") > 0
    assert len(booked.pop("request")) == 26
    assert booked.pop("readUnits") > 0
    assert booked == {
        "level": "info",
        "event": "request",
        "route": "POST /v1/sessions",
        "status": 201,
        "member": ada.user_id,
        "outcome": "ok",
        "attempts": 1,
        "writeUnits": 4,
    }


def test_a_refusal_is_told_by_its_code_under_the_id_that_its_caller_was_given(watched: Watched, ada: Client) -> None:
    refused = {
        "not_found": ada.get("/v1/sessions/nothing"),
        "unauthenticated": watched.request("GET", "/v1/me"),
        "method_not_allowed": ada.put("/v1/me"),
        "invite_unavailable": watched.request("GET", "/i/nothing"),
    }
    lines = {code: watched.line_of(answer) for code, answer in refused.items()}
    assert [(line["outcome"], line["code"], line["status"]) for line in lines.values()] == [
        ("refused", code, answer.status) for code, answer in refused.items()
    ]
    assert [line["route"] for line in lines.values()] == [
        "GET /v1/sessions/{sessionId}",
        "GET /v1/me",
        "PUT /v1/me",
        "GET /i/{token}",
    ]


def test_no_word_of_anybodys_no_token_and_no_key_is_in_anything_that_the_service_says(
    watched: Watched, proxy: FaultyEngine
) -> None:
    before = len(watched.lines())
    play(watched, nothing, SECONDS)
    ada, ben = watched.sign_in_all("Ada", "Ben")
    say_all_there_is_to_say(watched, proxy, ada)
    invite(watched, ada, ben)
    refused_and_ignored(watched, ada)
    failing(watched, proxy, ada)
    watched.tick()
    assert ben.delete("/v1/me").status == 204
    assert eventually(lambda: any(line["event"] == "record" for line in watched.lines()))
    lines, output = watched.lines(), watched.output()
    assert [canary for canary in watched.canaries if canary in output] == []
    told = {(line["route"], line["status"]) for line in lines if line["event"] == "request"}
    assert told >= {
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
    assert {line["event"] for line in lines} == {"request", "batch", "record", "tick"}
    assert {field for line in lines for field in line} - set(METRICS) <= set(rows("Logs"))
    # The story's and the invite's.
    assert sum(line.get("LockCommits", 0) for line in lines[before:]) == 2


def say_all_there_is_to_say(watched: Watched, proxy: FaultyEngine, ada: Client) -> None:
    """Put a canary wherever a member may put a word that is kept, and into every claim of a token."""
    words = ("name", "given_name", "nickname", "preferred_username", "email", "phone_number", "gender", "zoneinfo")
    picture = f"https://pictures.example/{watched.canary('picture')}.png"
    payload = claims(sub=watched.canary("sub"), picture=picture, **{word: watched.canary(word) for word in words})
    database = boto3.client("dynamodb", endpoint_url=proxy.target)
    key = database.get_item(TableName="lockstep-local", Key={"name": {"S": "issuer key"}})["Item"]["value"]["S"]
    database.close()
    token = signed(json.loads(key), payload)
    watched.canaries.append(token)
    me = watched.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}).json["user"]
    assert (me["name"], me["photoUrl"]) == (payload["name"], picture)
    ada.sets(name=watched.canary("name"), photoUrl=f"https://pictures.example/{watched.canary('photo')}")
    slot = watched.slots.near()
    body = slot.body(title=watched.canary("title"))
    keyed = {"Idempotency_Key": watched.canary("idempotency")}
    for _ in range(2):
        session = ada.post("/v1/sessions", body, **keyed).json["session"]
    assert ada.patch(f"/v1/sessions/{session['sessionId']}", {"title": watched.canary("title")}).status == 200
    assert ada.post("/v1/sessions/batch", {"sessions": [body, {"title": watched.canary("title")}]}).status == 200
    key = ada.post("/v1/api-keys", {"name": watched.canary("key"), "scope": "read"}).json["apiKey"]["key"]
    watched.canaries.append(key)
    for method, status in (("GET", 200), ("PATCH", 403)):
        assert watched.request(method, "/v1/me", headers={"X-API-KEY": key}).status == status


def invite(watched: Watched, ada: Client, ben: Client) -> None:
    """Send a link around, look at it in every way, and book by it."""
    slot = watched.slots.near()
    ada.book(slot)
    token = ada.post("/v1/invite-links", {"maxUses": 1}).json["inviteLink"]["url"].rpartition("/")[2]
    watched.canaries.append(token)
    for method, accept in (("GET", "text/html"), ("GET", JSON), ("HEAD", "*/*"), ("OPTIONS", "*/*"), ("PUT", "*/*")):
        watched.request(method, f"/i/{token}", headers={"Accept": accept, "Origin": ORIGIN})
    body = {**slot.body(), "title": watched.canary("title")}
    assert ben.post(f"/i/{token}", body).status == 422
    assert ben.post(f"/i/{token}", slot.body()).status == 201
    assert watched.sign_in("Cy").post(f"/i/{token}", slot.body()).status == 404
    for accept in ("text/html", JSON):
        unknown = watched.canary("token")
        assert watched.request("GET", f"/i/{unknown}", headers={"Accept": accept}).status == 404


def refused_and_ignored(watched: Watched, ada: Client) -> None:
    """Put a canary wherever one is refused, or not looked at."""
    word = watched.canary("word")
    slot = watched.slots.near()
    assert ada.post("/v1/sessions", slot.body(partnerId=word)).status == 409
    assert ada.post("/v1/sessions", slot.body(**{watched.canary("field"): word})).status == 422
    assert ada.post("/v1/sessions", {"startTime": word, "duration": 1}).status == 422
    assert ada.request("POST", "/v1/sessions", body=f'{{"title": "{word}"'.encode()).status == 400
    assert ada.request("POST", "/v1/sessions", body=word.encode(), headers={"Content-Type": word}).status == 415
    assert ada.post("/v1/sessions", slot.body(), Idempotency_Key=f"{word} \u00e9").status == 422
    for field in ("name", "photoUrl", "timeZone", "gender", "availability"):
        assert ada.patch("/v1/me", {field: watched.canary(field) * 9}).status == 422
    for path in (f"/v1/users/{word}", f"/v1/sessions/{word}", f"/{word}", f"/v1/users/{word}/availability"):
        ada.get(path)
    assert ada.get("/v1/me", nonsense=word).status == 200
    assert ada.get("/v1/sessions", start=word, end=word).status == 422
    assert ada.get("/v1/invite-links", limit=1, cursor=watched.canary("cursor")).status == 400
    ignored = {"User-Agent": word, "Referer": f"https://{word}.example/", "Cookie": word, "Origin": f"https://{word}"}
    assert ada.request("GET", "/v1/me", headers=ignored).status == 200
    for credentials in ({"Authorization": f"Bearer {word}"}, {"Authorization": word}, {"X-API-KEY": word}):
        assert watched.request("GET", "/v1/me", headers=credentials).status == 401


def failing(watched: Watched, proxy: FaultyEngine, ada: Client) -> None:
    """Let the table refuse and lose what holds canaries, and repeat it in its errors."""
    watched.stream(enabled=False)
    proxy.meets = "TransactWriteItems"
    for faults, status in (([Fault.INVALID], 500), ([Fault.CONFLICT] * LOST, 503), ([Fault.LOSE_REQUEST] * LOST, 503)):
        proxy.plan += faults
        body = watched.slots.near().body(title=watched.canary("title"))
        assert ada.post("/v1/sessions", body, Idempotency_Key=watched.canary("idempotency")).status == status
        assert proxy.plan == []
    proxy.meets = "GetItem"
    proxy.plan += [Fault.LOSE_REQUEST] * 2
    assert ada.get("/v1/me").status == 503
    proxy.meets = "TransactWriteItems"
    watched.stream(enabled=True)
