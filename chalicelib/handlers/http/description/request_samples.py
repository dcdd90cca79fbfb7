"""The sample requests of the OpenAPI document and the API reference page, with instants of the next days."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

Json = dict[str, Any]

MINUTE = 60_000
# The demo members of a local run have sessions in the next four days. A sample booking must not overlap theirs.
FIRST_DAY, SECOND_DAY = timedelta(days=5), timedelta(days=6)
# A range that contains every sample booking.
RANGE = timedelta(days=14)


class Sample(NamedTuple):
    """The values of an operation's parameters by name, and its body, None for the recorded example."""

    parameters: Json
    body: Json | None


def samples(day: date) -> dict[str, Sample]:
    """Return the samples of inputs, by operation id. All instants but the start of ranges follow `day`."""
    today = datetime.combine(day, time(), UTC)
    thesis = _slot(today + FIRST_DAY + timedelta(hours=9), 50)
    proofs = _slot(today + SECOND_DAY + timedelta(hours=9), 50)
    mails = _slot(today + SECOND_DAY + timedelta(hours=13, minutes=15), 25)
    days = {"start": today.isoformat(), "end": (today + RANGE).isoformat()}
    return {
        "postSession": Sample({}, {**thesis, "title": "Thesis"}),
        "postSessions": Sample({}, {"sessions": [{**proofs, "title": "Proofs"}, {**mails, "title": "Mails"}]}),
        "getSessions": Sample(days, None),
        "getCalendar": Sample(days, None),
        "getMembers": Sample({"query": "Gil"}, None),
        "putSnooze": Sample({}, {"until": (today + RANGE).isoformat()}),
        "postLink": Sample({}, {"expiresAt": (today + RANGE).isoformat(), "maxUses": 5}),
        "postInvite": Sample({}, proofs),
    }


def fill(document: Json, day: date) -> Json:
    """Set the samples of a day as the examples of an OpenAPI document, and return it."""
    computed = samples(day)
    for methods in document["paths"].values():
        for operation in methods.values():
            sample = computed.get(operation["operationId"], Sample({}, None))
            for parameter in operation.get("parameters", []):
                if parameter["name"] in sample.parameters:
                    parameter["example"] = sample.parameters[parameter["name"]]
            if sample.body is not None:
                for content in operation["requestBody"]["content"].values():
                    content["example"] = sample.body
    return document


def _slot(start: datetime, minutes: int) -> Json:
    return {"startTime": start.isoformat(), "duration": minutes * MINUTE}
