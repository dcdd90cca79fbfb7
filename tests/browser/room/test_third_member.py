"""A signed-in member of no pair, who has the address of a room, and gets nothing (R41)."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.local.run_process import LocalRun
from tests.browser.known_member import KnownMember, ahead
from tests.browser.room.conftest import OpenVisitor
from tests.browser.room.meeting import arrange
from tests.browser.room.room_visitor import RoomVisitor, meet, see_each_other

# Three browsers take seconds for each test.
pytestmark = pytest.mark.long

NOTHING = "There is no room for you here"
NEVER = "/rooms/7c3k9qd1vw5tbn8x2mzh4gfr6p"
# Tokens, and the ids of requests.
NEW_EACH_TIME = re.compile(r"""eyJ[\w.-]+|/requests/[\w-]+|(?<="refresh_token": ")[^"]+""")
# Two more readings of the answers without a further one.
QUIET = """
(async () => {
  for (let count = -1; count !== recorded.answers.length;) {
    count = recorded.answers.length;
    await new Promise((done) => setTimeout(done, 2000));
  }
})()
"""
REMOTE_PARTS = "return [recorded.connections.length, recorded.tracks.length, document.querySelectorAll('video').length]"


def everything_at(eve: RoomVisitor, address: str) -> dict[str, Any]:
    """Return all that a page gets at an address, which is words, answers, live messages and console messages.

    Equal answers count once, since a live connection that opens early or late repeats a request.
    """
    path = urlsplit(address).path
    eve.open(path)
    eve.is_shown(NOTHING)
    eve.page.until(lambda: "ready" in types(eve.run("return recorded.heard")), "no live connection")
    eve.wait(QUIET)
    answers = eve.run("return recorded.answers.map(({ method, path, status, body }) => [method, path, status, body])")
    heard = [json.loads(text)["type"] for text in eve.run("return recorded.heard")]
    page = eve.run("return document.documentElement.outerHTML")
    console = eve.page.browser.get_log("browser")
    found = [
        *sorted({str(answer) for answer in answers}),
        str(heard),
        eve.page.text("body"),
        page,
        *(each["message"] for each in console),
    ]
    plain = [NEW_EACH_TIME.sub("NEW", each.replace(path.removeprefix("/rooms/"), "PAIR")) for each in found]
    return {"text": plain, "media": eve.run(REMOTE_PARTS)}


def test_r41_a_third_member_gets_what_an_address_that_never_existed_gives(
    run: LocalRun, open_visitor: OpenVisitor
) -> None:
    meeting = arrange(run, ahead(4, 1), ("Adalgisa", "Benvenuto"), title="Thesis")
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    eve = open_visitor(KnownMember(run, "Eve"), "red")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    meet(ada, ben)
    never = everything_at(eve, NEVER)
    room = everything_at(eve, meeting.room)
    assert room["text"] == never["text"]
    assert (room["media"], never["media"]) == ([0, 0, 0], [0, 0, 0])
    for word in ("Adalgisa", "Benvenuto", "Thesis", meeting.ada.user_id, meeting.ben.user_id, *meeting.session_ids):
        assert word not in str(room["text"])
    see_each_other(ada, ben)


def test_r41_signals_of_a_third_member_reach_neither(run: LocalRun, open_visitor: OpenVisitor) -> None:
    meeting = arrange(run, ahead(4, 2))
    meeting.travel(-5)
    ada, ben = open_visitor(meeting.ada, "red"), open_visitor(meeting.ben, "blue")
    eve = open_visitor(KnownMember(run, "Eve"), "red")
    for visitor in (ada, ben):
        visitor.open(meeting.room)
    meet(ada, ben)
    eve.open(meeting.room)
    eve.is_shown(NOTHING)
    eve.page.until(lambda: "ready" in types(eve.run("return recorded.heard")), "no live connection")
    heard = [len(signals(visitor)) for visitor in (ada, ben)]
    known = [answer_to_signal(eve, session_id) for session_id in meeting.session_ids]
    assert known == [answer_to_signal(eve, "never-existed")] * 2
    assert json.loads(known[0])["code"] == "not_found"
    see_each_other(ada, ben)
    assert [len(signals(visitor)) for visitor in (ada, ben)] == heard
    assert signals(eve) == []


def answer_to_signal(eve: RoomVisitor, session_id: str) -> str:
    """Send a signal with the page's own live connection, and return the answer without the id of the session."""
    signal = {"type": "signal", "sessionId": session_id, "data": {"from": "eve", "since": 2**52, "kind": "hello"}}
    before = len(eve.run("return recorded.heard"))
    eve.run("recorded.sockets.at(-1).send(arguments[0])", json.dumps(signal))
    eve.page.until(lambda: len(eve.run("return recorded.heard")) > before, "no answer to a signal")
    answer = str(eve.run("return recorded.heard[arguments[0]]", before))
    return NEW_EACH_TIME.sub("NEW", answer.replace(session_id, "SESSION"))


def types(messages: list[str]) -> list[str]:
    """Return the types of live messages."""
    return [json.loads(message)["type"] for message in messages]


def signals(visitor: RoomVisitor) -> list[str]:
    """Return the signals that a page has got."""
    return [each for each in visitor.run("return recorded.heard") if json.loads(each)["type"] == "signal"]
