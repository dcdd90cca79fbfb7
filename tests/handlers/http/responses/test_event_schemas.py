"""Tests of the public schemas of events."""

import re
from pathlib import Path

from msgspec import convert, json, to_builtins

from chalicelib.channels.bus import detail_of
from chalicelib.domain.model.event import Event, EventKind
from chalicelib.handlers.http.responses import event_schemas
from tests.harness import MONDAY, at


def test_r42_the_kinds_of_events_are_those_of_the_api() -> None:
    states = ("booked", "matched", "locked_in", "displaced", "partner_cancelled", "cancelled", "changed")
    kinds = {f"session.{kind}" for kind in (*states, "starting", "unmatched", "missed")} | {"favorite.available"}
    assert set(EventKind) == kinds


def test_r42_an_event_names_no_member_but_in_the_session_or_favorite() -> None:
    assert set(event_schemas.AnnouncedEvent.__struct_fields__) == {"id", "type", "timestamp", "data"}
    assert set(event_schemas.EventData.__struct_fields__) == {
        "start_time",
        "duration",
        "session_id",
        "session",
        "favorite",
    }


def test_r42_the_samples_of_the_docs_have_the_schema_and_there_is_one_of_each_kind() -> None:
    text = (Path(__file__).parents[4] / "docs" / "events.md").read_text()
    samples = [json.decode(block.encode()) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    events = [sample for sample in samples if "data" in sample]
    details = [sample for sample in samples if "data" not in sample]
    shown = [to_builtins(convert(event, event_schemas.AnnouncedEvent)) for event in events]
    # No field is unknown or missing.
    assert shown == events
    assert {event["type"] for event in events} == set(EventKind)
    expected = json.decode(detail_of(Event("", EventKind.BOOKED, "ada", MONDAY, at(1))))
    assert {tuple(detail) for detail in details} == {tuple(expected)}
