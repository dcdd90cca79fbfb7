"""A repeat as its owner sees it (R40)."""

from datetime import timedelta

import msgspec

from chalicelib.domain.model.repeat import SkippedOccurrence
from chalicelib.handlers.http.responses.repeat_schemas import shown_repeat
from tests.harness import MONDAY, World
from tests.repeat_run import pattern


def test_r40_a_repeat_is_shown_with_its_skipped_occurrences_by_start(world: World) -> None:
    later = SkippedOccurrence(MONDAY + timedelta(days=7), "time_conflict")
    stored = pattern(world.member("Ada"), "one", title="Thesis", last=MONDAY.date(), partner_id="ben")
    shown = shown_repeat(msgspec.structs.replace(stored, skipped=(later, SkippedOccurrence(MONDAY, "too_late"))))
    assert msgspec.json.decode(msgspec.json.encode(shown)) == {
        "repeatId": "one",
        "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "time": "09:00",
        "timeZone": "UTC",
        "duration": 3000000,
        "title": "Thesis",
        "from": "2026-03-02",
        "until": "2026-03-02",
        "partnerId": "ben",
        "skipped": [
            {"startTime": "2026-03-02T08:00:00+00:00", "reason": "too_late"},
            {"startTime": "2026-03-09T08:00:00+00:00", "reason": "time_conflict"},
        ],
        "madeUntil": None,
    }
    assert shown_repeat(stored.handling(MONDAY.date())).made_until == "2026-03-02"
