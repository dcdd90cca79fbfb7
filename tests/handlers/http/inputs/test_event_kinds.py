"""Lists of kinds of events (R43)."""

import pytest

from chalicelib.domain.model.errors import InvalidRequest
from chalicelib.domain.model.event import EventKind
from chalicelib.handlers.http.inputs.event_kinds import event_kinds


def test_r43_kinds_are_kept_once_in_the_order_of_the_api() -> None:
    assert event_kinds([], "kinds") == ()
    assert event_kinds([*reversed(EventKind), "session.booked"], "kinds") == tuple(EventKind)


@pytest.mark.parametrize("name", ["", "booked", "session.", "SESSION.BOOKED", "webhook.test", "*"])
def test_r43_an_unknown_kind_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        event_kinds(["session.booked", name], "kinds")
    assert refused.value.field == "kinds"
    assert "session.booked, session.matched" in refused.value.detail
