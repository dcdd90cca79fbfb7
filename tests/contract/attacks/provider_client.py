"""A browser at the OpenID provider of the local run, with its cookie."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.contract.client import ApiResponse, Client, Runner

VERIFIER = "a verifier of at least 43 characters, as RFC 7636 asks"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class ProviderClient:
    """A browser that signs in, renews its tokens, and asks for a silent sign-in."""

    api: Runner
    cookie: str = ""

    def sign_in(self, **choice: str) -> dict[str, Any]:
        """Sign in as a new member by `name` or as a known one by `user_id`, and return the tokens."""
        chosen = {"userId" if field == "user_id" else field: value for field, value in choice.items()}
        answer = self._send("POST", "/dev/authorize", {**self._authorization(), **chosen})
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        fields = {"grant_type": "authorization_code", "code": _query(answer)["code"], "code_verifier": VERIFIER}
        tokens = self._exchange(fields)
        assert tokens.status == 200, tokens
        return dict(tokens.json)

    def renew(self, tokens: dict[str, Any]) -> ApiResponse:
        """Return the response to a renewal by the refresh token."""
        return self._exchange({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})

    def silent_answer(self) -> dict[str, str]:
        """Return the answer to a sign-in that lets the provider ask for nothing."""
        query = urlencode({**self._authorization(), "prompt": "none"})
        return _query(self._send("GET", f"/dev/authorize?{query}"))

    def member(self, tokens: dict[str, Any]) -> Client:
        """Return the member of the tokens."""
        token = tokens["id_token"]
        user = self.api.request("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}).json["user"]
        return Client(self.api, user["name"], user["userId"], token)

    def _authorization(self) -> dict[str, str]:
        request = {"response_type": "code", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        return {**request, "client_id": "lockstep", "redirect_uri": f"{self.api.base}/sign-in"}

    def _exchange(self, fields: dict[str, str]) -> ApiResponse:
        client = {"client_id": "lockstep", "redirect_uri": f"{self.api.base}/sign-in"}
        return self._send("POST", "/dev/token", {**client, **fields})

    def _send(self, method: str, path: str, fields: dict[str, str] | None = None) -> ApiResponse:
        body = None if fields is None else urlencode(fields).encode()
        headers = FORM | ({"Cookie": self.cookie} if self.cookie else {})
        return self.api.request(method, path, body=body, headers=headers)


def _query(answer: ApiResponse) -> dict[str, str]:
    return dict(parse_qsl(answer.headers["Location"].partition("?")[2]))
