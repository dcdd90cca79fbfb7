"""Tests of the public schemas of events."""

from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.http.responses import event_schemas


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
