"""Events on the live connections of open pages, over the WebSocket of the local run."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from infra.local.engine import Engine
from tests.contract.client import Runner, eventually
from tests.contract.live_page import live, visiting

# These tests wait for queues.
pytestmark = pytest.mark.long


def test_r43_an_open_page_gets_the_events_of_its_member_as_the_event_list_has_them(controlled: Runner) -> None:
    ada, ben, eve = controlled.sign_in_all("Ada", "Ben", "Eve")
    slot, later = controlled.slots.near(), controlled.slots.far()
    with live(ada) as adas, live(ben) as first, live(ben) as second, live(eve) as eves:
        ben.book(slot)
        session = ada.lock(ben, slot)
        ben.patch(f"/v1/sessions/{ben.in_slot(slot)['sessionId']}", {"title": "Reading"})
        ada.cancel(session["sessionId"])
        expected = [f"session.{kind}" for kind in ("booked", "locked_in", "changed", "partner_cancelled")]
        got = [first.hear() for _ in expected]
        assert [event["type"] for event in got] == expected
        assert [second.hear()["id"] for _ in expected] == [event["id"] for event in got]
        listed = ben.get("/v1/events").json["events"]
        assert [(event["id"], event["timestamp"]) for event in listed] == [
            (event["id"], event["timestamp"]) for event in got
        ]
        assert listed[-1] == got[-1]
        hers = ada.get("/v1/events").json["events"]
        assert [adas.hear()["id"] for _ in hers] == [event["id"] for event in hers]
        assert [event["type"] for event in hers][-2:] == ["session.locked_in", "session.cancelled"]
        # The next message of a member without a part in it is about her own session.
        eve.book(later)
        assert eves.kinds(1) == ["session.booked"]


def test_r43_the_cursor_of_the_answer_lists_what_a_page_missed(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    with visiting(controlled) as page:
        page.say({"token": ada.token})
        first = page.hear()
        booked = [ada.book(controlled.slots.far())]
        assert page.kinds(1) == ["session.booked"]
    # While no page is open.
    booked.append(ada.book(controlled.slots.far()))
    with visiting(controlled) as page:
        page.say({"token": ada.token})
        second = page.hear()
        booked.append(ada.book(controlled.slots.far()))
        heard = [page.hear()]
        while heard[-1]["data"]["sessionId"] != booked[-1]["sessionId"]:
            # The event of the second session was late.
            heard.append(page.hear())
    missed = ada.get("/v1/events", after=first["nextCursor"]).json["events"]
    assert [event["data"]["sessionId"] for event in missed] == [session["sessionId"] for session in booked]
    assert ada.get("/v1/events", after=second["nextCursor"]).json["events"][-len(heard) :] == heard


def test_r43_a_page_keeps_its_events_while_the_clock_of_the_service_travels(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    with live(ada) as page:
        for days in (3, -3):
            now = datetime.now(UTC) + timedelta(days=days)
            controlled.travel(now)
            ada.book(controlled.slots.far())
            assert page.kinds(1) == ["session.booked"]


def test_r36_the_oldest_of_21_pages_is_closed_and_the_others_get_every_event(controlled: Runner) -> None:
    ada = controlled.sign_in("Ada")
    with ExitStack() as pages:
        oldest, *others = [pages.enter_context(live(ada)) for _ in range(21)]
        assert oldest.is_closed()
        ada.book(controlled.slots.far())
        assert [page.kinds(1) for page in others] == [["session.booked"]] * 20


def test_r33_the_pages_of_a_deleted_member_are_closed(controlled: Runner) -> None:
    ada, ben = controlled.sign_in_all("Ada", "Ben")
    with live(ada) as adas, live(ben) as bens:
        slot = controlled.slots.near()
        ben.book(slot)
        ada.lock(ben, slot)
        assert bens.kinds(2) == ["session.booked", "session.locked_in"]
        assert ada.delete("/v1/me").status == 204
        assert adas.is_closed()
        assert bens.kinds(1) == ["session.partner_cancelled"]


def test_r43_a_page_connects_again_after_a_restart_of_the_service() -> None:
    with Engine() as engine:
        first = Runner(engine.url)
        ada = first.sign_in("Ada")
        with live(ada) as page:
            first.kill()
            assert page.is_closed()
        with Runner(engine.url) as second:
            ada = ada.on(second)
            with live(ada) as page:
                ada.book(second.slots.far())
                assert page.kinds(1) == ["session.booked"]
            assert second.complaints() == []


def test_an_open_page_neither_keeps_the_service_from_stopping_nor_writes_its_token_into_the_log() -> None:
    with Runner(wait_for_demo_members=False, log="info") as runner:
        ada = runner.sign_in("Ada")
        with visiting(runner) as stranger, live(ada) as page:
            # A token that is no JSON text, and a canary in the title of the session of an event.
            stranger.say(ada.token)
            assert stranger.hear()["code"] == "malformed_json"
            ada.book(runner.slots.far(), title=runner.canary("title"))
            assert page.kinds(1) == ["session.booked"]
            assert eventually(lambda: '"channel":"live"' in runner.output())
            output = runner.output()
            assert {'"route":"connect"', '"route":"message"'} <= set(output.split(","))
            assert runner.leaked_secrets() == []
            assert runner.stop() == 0
            assert page.is_closed()
