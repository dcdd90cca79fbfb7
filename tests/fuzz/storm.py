"""A long run of drawn requests from several processes, each answer held against the description.

    python -m tests.fuzz.storm 500000 --processes 3 --seed 1

It goes in rounds of new members, each drawn from a seed of its own, and tells after each how far it is. Nothing may be
5xx but 503 under load, no refusal anything but a problem, no answer other than described.
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
from tests.fuzz.grammar import Drawn, Grammar

MEMBERS = 6
# Whoever has done so much is followed by a new member, so that no limit of one member is all there is to see.
LIFETIME = 400
ROUND = 2000
SHOWN = 20


@dataclass
class Sender:
    """One process: its connection, its members, and what it was answered."""

    base: str
    random: Random
    answers: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=120)
        self.description = Description(json.loads(self._send(Drawn("GET", "/openapi.json", {}, None))[2]))
        self.grammar = Grammar(self.description.document, self.random)
        self.callers = [self._member() for _ in range(MEMBERS)]

    def _send(self, drawn: Drawn) -> tuple[int, Mapping[str, str], bytes]:
        headers = {name: value.encode("latin-1", "replace") for name, value in drawn.headers.items()}
        self._connection.request(drawn.method, drawn.target, drawn.body, headers)
        answer = self._connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()

    def _post(self, path: str, payload: Any, credentials: Mapping[str, str]) -> Any:
        headers = {"Content-Type": "application/json", **credentials}
        return json.loads(self._send(Drawn("POST", path, headers, json.dumps(payload).encode()))[2])

    def _member(self) -> Mapping[str, str]:
        """The credentials of a new member: mostly a token, otherwise a key."""
        bearer = {"Authorization": f"Bearer {self._post('/dev/sign-in', {'name': 'Fuzz'}, {})['token']}"}
        kind = self.random.choice(["bearer", "bearer", "read", "write"])
        if kind == "bearer":
            return bearer
        return {"X-API-KEY": self._post("/v1/api-keys", {"name": "Fuzz", "scope": kind}, bearer)["apiKey"]["key"]}

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def step(self) -> None:
        """One request, and what is wrong with its answer."""
        if self.random.random() < MEMBERS / LIFETIME:
            self.callers[self.random.randrange(MEMBERS)] = self._member()
        nobody = [{}, {"Authorization": "Bearer e30.e30.e30"}, {"X-API-KEY": "none"}, {"Authorization": "\x7f"}]
        drawn = self.grammar.draw(self.random.choice([*self.callers, *self.callers, *nobody]))
        status, headers, body = self._send(drawn)
        self.answers[str(status)] += 1
        complaint = self.description.complaint(drawn.method, drawn.target, status, headers, body)
        if complaint or (status >= 500 and status != 503):
            self.complaints.append(f"{drawn} -> {status} {body[:300]!r}: {complaint}"[:2000])
        if body and status < 300 and headers.get("Content-Type") == "application/json":
            self.grammar.learn(json.loads(body))
        if (drawn.method, drawn.target, status) == ("DELETE", "/v1/me", 204):
            gone = drawn.headers.items()
            self.callers = [self._member() if caller.items() <= gone else caller for caller in self.callers]


def run(base: str, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """So many requests of one process."""
    with closing(Sender(base, Random(seed))) as sender:
        for _ in range(count):
            sender.step()
    return sender.answers, sender.complaints


def main() -> int:
    """Run, and print how many answers of each status there were and what is wrong with any."""
    parser = argparse.ArgumentParser()
    parser.add_argument("requests", type=int)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began, answers, complaints = time.monotonic(), Counter[str](), list[str]()
    with Runner() as runner, ProcessPoolExecutor(options.processes) as processes:
        seeds = range(options.seed, options.seed + max(1, options.requests // ROUND))
        share = partial(run, runner.base, min(ROUND, options.requests))
        for answered, found in processes.map(share, seeds):
            answers += answered
            complaints += found
            seconds = time.monotonic() - began
            told = f"{answers.total()} requests in {seconds:.0f} s; by status: {dict(sorted(answers.items()))}"
            print(f"{told}; {len(complaints)} not as described", flush=True)
        failures = runner.complaints()
    print(f"{len(failures)} complaints of the server")
    print(*complaints[:SHOWN], *failures[:SHOWN], sep="\n")
    return 1 if complaints or failures else 0


if __name__ == "__main__":
    sys.exit(main())
