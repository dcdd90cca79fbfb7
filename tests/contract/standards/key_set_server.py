"""A server with the key sets of several issuers, behind a firewall that refuses a library's default agent."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt

AUDIENCE = "lockstep"


class KeySetServer:
    """The key sets of issuers, each at the path of its name. `agents` are those of the requests."""

    def __init__(self, key_sets: Mapping[str, Any]) -> None:
        """Start the server."""
        agents: set[str] = set()
        answers = {f"/{name}": json.dumps(key_set).encode() for name, key_set in key_sets.items()}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                agent = self.headers.get("User-Agent", "")
                agents.add(agent)
                refused = agent.startswith("Python") or self.path not in answers
                self.send_response(403 if refused else 200)
                self.end_headers()
                if not refused:
                    self.wfile.write(answers[self.path])

            def log_message(self, *_: Any) -> None:
                """Write no log."""

        self.agents = agents
        self.names = list(key_sets)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, names: Sequence[str] = ()) -> dict[str, str]:
        """Return the settings of a runner that accepts the tokens of these issuers, and of all without `names`."""
        chosen = names or self.names
        base = f"http://127.0.0.1:{self._server.server_address[1]}"
        return {
            "LOCKSTEP_ISSUER": ",".join(map(issuer, chosen)),
            "LOCKSTEP_JWKS_URL": ",".join(f"{base}/{name}" for name in chosen),
        }


def issuer(name: str) -> str:
    """Return the issuer of that name, as its tokens spell it."""
    return f"https://{name}.example/"


def signed(name: str, key: Any, algorithm: str, header: Mapping[str, Any] | None = None, **changed: Any) -> str:
    """Return a token of an issuer. The value `...` removes a claim."""
    now = int(time.time())
    claims = {"iss": issuer(name), "aud": AUDIENCE, "sub": "ada", "name": "Ada", "iat": now, "exp": now + 3600}
    chosen = {claim: value for claim, value in {**claims, **changed}.items() if value is not ...}
    return jwt.encode(chosen, key, algorithm=algorithm, headers=dict(header or {}))
