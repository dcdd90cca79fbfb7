"""A fuzzer of several processes that checks every response against the OpenAPI document.

    python -m tests.fuzz.grammar_fuzzer 500000 --processes 3 --seed 1

It runs in rounds of 2,000 requests with new members and a new seed, and prints its progress after each. The only
permitted 5xx is 503 under load. Every refusal must be a problem, and every response as described.
"""

import argparse
import http.client
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.contract.client import Runner
from tests.contract.described_responses import Description
from tests.fuzz.grammar import GeneratedRequest, Grammar

MEMBERS = 6
STAFF_SHARE = 0.1
# The mean number of requests after which a new member replaces another, whose limits may be reached (R36).
LIFETIME = 400
ROUND = 2000
SHOWN = 20


@dataclass
class Sender:
    """The connection, members and response counts of one process."""

    base: str
    random: Random
    statuses: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=120)
        self.description = Description(json.loads(self._send(GeneratedRequest("GET", "/openapi.json", {}, None))[2]))
        self.grammar = Grammar(self.description.document, self.random)
        self.callers = [self._member() for _ in range(MEMBERS)]

    def _send(self, request: GeneratedRequest) -> tuple[int, Mapping[str, str], bytes]:
        headers = {name: value.encode("latin-1", "replace") for name, value in request.headers.items()}
        self._connection.request(request.method, request.target, request.body, headers)
        response = self._connection.getresponse()
        return response.status, dict(response.headers), response.read()

    def _post(self, path: str, payload: Any, credentials: Mapping[str, str]) -> Any:
        headers = {"Content-Type": "application/json", **credentials}
        return json.loads(self._send(GeneratedRequest("POST", path, headers, json.dumps(payload).encode()))[2])

    def _member(self) -> Mapping[str, str]:
        """Create a member and return credentials, half of them a token, some of staff, and half an API key."""
        fields = {"name": "Fuzz", "staff": self.random.random() < STAFF_SHARE}
        bearer = {"Authorization": f"Bearer {self._post('/dev/sign-in', fields, {})['token']}"}
        kind = self.random.choice(["bearer", "bearer", "bearer", "read", "write", "export"])
        if kind == "bearer":
            return bearer
        return {"X-API-KEY": self._post("/v1/api-keys", {"name": "Fuzz", "scope": kind}, bearer)["apiKey"]["key"]}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def step(self) -> None:
        """Send one request and check its response."""
        if self.random.random() < MEMBERS / LIFETIME:
            self.callers[self.random.randrange(MEMBERS)] = self._member()
        refused = [{}, {"Authorization": "Bearer e30.e30.e30"}, {"X-API-KEY": "none"}, {"Authorization": "\x7f"}]
        request = self.grammar.draw(self.random.choice([*self.callers, *self.callers, *refused]))
        status, headers, body = self._send(request)
        self.statuses[str(status)] += 1
        complaint = self.description.complaint(request.method, request.target, status, headers, body)
        if complaint or (status >= 500 and status != 503):
            self.complaints.append(f"{request} -> {status} {body[:300]!r}: {complaint}"[:2000])
        if body and status < 300 and headers.get("Content-Type") == "application/json":
            self.grammar.add_ids(json.loads(body))
        if (request.method, request.target, status) == ("DELETE", "/v1/me", 204):
            deleted = request.headers.items()
            self.callers = [self._member() if caller.items() <= deleted else caller for caller in self.callers]


def run(base: str, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Send `count` requests, and return the response counts by status and the complaints."""
    with closing(Sender(base, Random(seed))) as sender:
        for _ in range(count):
            sender.step()
    return sender.statuses, sender.complaints


def main() -> int:
    """Run all processes, print the response counts by status and the complaints, and return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("requests", type=int)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began, statuses, complaints = time.monotonic(), Counter[str](), list[str]()
    with Runner() as runner, ProcessPoolExecutor(options.processes) as processes:
        seeds = range(options.seed, options.seed + max(1, options.requests // ROUND))
        share = partial(run, runner.base, min(ROUND, options.requests))
        for counted, found in processes.map(share, seeds):
            statuses += counted
            complaints += found
            seconds = time.monotonic() - began
            by_status = f"{statuses.total()} requests in {seconds:.0f} s; by status: {dict(sorted(statuses.items()))}"
            print(f"{by_status}; {len(complaints)} not as described", flush=True)
        failures = runner.complaints()
    print(f"{len(failures)} errors logged by the runner")
    print(*complaints[:SHOWN], *failures[:SHOWN], sep="\n")
    return 1 if complaints or failures else 0


if __name__ == "__main__":
    sys.exit(main())
