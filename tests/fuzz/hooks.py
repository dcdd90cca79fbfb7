"""Who calls and what is drawn; Schemathesis imports it.

`FUZZ_CALLER` is `nobody`, `stranger` (a token that is none), `bearer` or `key`; `FUZZ_URL` is the runner's address.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis
import urllib3
from hypothesis import strategies as st

CALLER, URL = os.environ["FUZZ_CALLER"], os.environ["FUZZ_URL"]
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
QUARTER = timedelta(minutes=15)
TWO_WEEKS = 14 * 24 * 4


def post(path: str, payload: Any, **headers: str) -> Any:
    """What a POST to the runner is answered."""
    answer = urllib3.request("POST", f"{URL}{path}", json=payload, headers=headers)
    assert answer.status < 300, answer.data
    return answer.json()


def bearer() -> dict[str, str]:
    """The header of a new member."""
    return {"Authorization": f"Bearer {post('/dev/sign-in', {'name': 'Fuzz'})['token']}"}


def credentials() -> dict[str, str]:
    """The header of a caller of this run's kind."""
    if CALLER == "nobody":
        return {}
    if CALLER == "stranger":
        return {"Authorization": "Bearer e30.e30.e30"}
    if CALLER == "key":
        made = post("/v1/api-keys", {"name": "Fuzz", "scope": "write"}, **bearer())
        return {"X-API-KEY": made["apiKey"]["key"]}
    return bearer()


@schemathesis.auth(refresh_interval=None)
class Caller:
    """Tells the service who calls: one caller for all, but one of its own for whoever deletes the account."""

    def __init__(self) -> None:
        self._headers = credentials()

    def get(self, case: schemathesis.Case, _context: schemathesis.AuthContext) -> dict[str, str]:
        """The header of the caller of a case."""
        leaves = (case.method, case.path) == ("DELETE", "/v1/me") and CALLER == "bearer"
        return credentials() if leaves else self._headers

    def set(self, case: schemathesis.Case, data: dict[str, str], _context: schemathesis.AuthContext) -> None:
        """Send it along."""
        case.headers = {**(case.headers or {}), **data}


def instants(latest: int) -> st.SearchStrategy[str]:
    """Instants on the quarter hour, so many quarters ahead at the latest."""
    quarters = st.integers(-8, latest)
    return quarters.map(lambda ahead: (NOW + ahead * QUARTER).isoformat(timespec="seconds"))


# Most instants of all time are far from any session: half of them are where something happens.
schemathesis.openapi.format(
    "date-time",
    instants(TWO_WEEKS) | st.datetimes(timezones=st.just(UTC)).map(lambda instant: instant.isoformat()),
)
