"""Hooks that Schemathesis imports, with the credentials of the caller and the generator of instants.

`FUZZ_CALLER` is `bearer`, `staff`, `key`, `no-credentials` or `invalid-token`. `FUZZ_URL` is the address of the runner.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import schemathesis
import urllib3
from hypothesis import strategies as st

from tests.contract.described_responses import checked_in

CALLER, URL = os.environ["FUZZ_CALLER"], os.environ["FUZZ_URL"]
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
QUARTER = timedelta(minutes=15)
TWO_WEEKS = 14 * 24 * 4


def post(path: str, payload: Any, **headers: str) -> Any:
    """Return the body of the response to a POST to the runner."""
    response = urllib3.request("POST", f"{URL}{path}", json=payload, headers=headers)
    assert response.status < 300, response.data
    return response.json()


def bearer() -> dict[str, str]:
    """Sign a new member in and return the header with the token."""
    fields = {"name": "Fuzz", "staff": CALLER == "staff"}
    return {"Authorization": f"Bearer {post('/dev/sign-in', fields)['token']}"}


def credentials() -> dict[str, str]:
    """Return the header of a new caller of this run's kind."""
    if CALLER == "no-credentials":
        return {}
    if CALLER == "invalid-token":
        return {"Authorization": "Bearer e30.e30.e30"}
    if CALLER == "key":
        made = post("/v1/api-keys", {"name": "Fuzz", "scope": "write"}, **bearer())
        return {"X-API-KEY": made["apiKey"]["key"]}
    return bearer()


@schemathesis.check
def strict_description(_context: Any, response: schemathesis.Response, _case: Any) -> None:
    """Assert that a response is as strictly described as in the HTTP tests, with the codes of its problem."""
    headers = urllib3.HTTPHeaderDict({name: values[0] for name, values in response.headers.items()})
    method, path = str(response.request.method), urlsplit(str(response.request.url)).path
    complaint = checked_in().complaint(method, path, response.status_code, headers, response.content)
    assert complaint is None, complaint


@schemathesis.auth(refresh_interval=None)
class FuzzCaller:
    """The caller of all cases, except that each deletion of an account has its own member."""

    def __init__(self) -> None:
        self._headers = credentials()

    def get(self, case: schemathesis.Case, _context: schemathesis.AuthContext) -> dict[str, str]:
        """Return the header of the caller of a case."""
        leaves = (case.method, case.path) == ("DELETE", "/v1/me") and CALLER in ("bearer", "staff")
        return credentials() if leaves else self._headers

    def set(self, case: schemathesis.Case, data: dict[str, str], _context: schemathesis.AuthContext) -> None:
        """Add the header to a case."""
        case.headers = {**(case.headers or {}), **data}


def instants(latest: int) -> st.SearchStrategy[str]:
    """Return instants on the quarter hour, at most `latest` quarters ahead."""
    quarters = st.integers(-8, latest)
    return quarters.map(lambda ahead: (NOW + ahead * QUARTER).isoformat(timespec="seconds"))


# Half of the instants are in the next two weeks, because few random instants are near a session.
schemathesis.openapi.format(
    "date-time",
    instants(TWO_WEEKS) | st.datetimes(timezones=st.just(UTC)).map(lambda instant: instant.isoformat()),
)
