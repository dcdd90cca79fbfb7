"""Calls of clients and their results, which the history checker compares with the history of the table."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus
from typing import Any

from chalicelib.domain.model.errors import Busy
from chalicelib.domain.model.slot import Slot
from tests.contract.client import ApiResponse, Client, Runner, partner_of
from tests.contract.slots import MINUTE, text_of


class Action(StrEnum):
    """The actions of a client."""

    BOOK = "book"
    LOCK = "lock"
    ACCEPT = "accept"
    CANCEL = "cancel"
    BLOCK = "block"
    UNBLOCK = "unblock"
    FAVORITE = "favorite"
    LEAVE = "leave"


NO_RESPONSE = "no response"
# Codes of results that do not decide the request. The client may retry.
RETRYABLE = frozenset({Busy.code, NO_RESPONSE})
BOOKING_ACTIONS = frozenset({Action.BOOK, Action.LOCK, Action.ACCEPT})
LOCK_ACTIONS = frozenset({Action.LOCK, Action.ACCEPT})


@dataclass(frozen=True, slots=True)
class ClientCall:
    """One request of a member. `link` is the token of an invite link that `other` owns."""

    action: Action
    caller: Client
    slot: Slot | None = None
    other: Client | None = None
    session_id: str = ""
    link: str = field(default="", repr=False)
    replace: bool = False
    key: str = ""

    @property
    def other_id(self) -> str:
        """The id of the other member, or an empty text."""
        return self.other.user_id if self.other else ""

    def send_to(self, runner: Runner) -> ApiResponse:
        """Send the request to a runner. Raises urllib3's HTTPError if there is no response."""
        caller = self.caller.on(runner)
        match self.action:
            case Action.BOOK | Action.LOCK:
                return caller.post("/v1/sessions", self.body(), **self._headers())
            case Action.ACCEPT:
                return caller.post(f"/i/{self.link}", self.body(), **self._headers())
            case Action.CANCEL:
                return caller.delete(f"/v1/sessions/{self.session_id}")
            case Action.BLOCK | Action.FAVORITE:
                return caller.put(f"/v1/people/{self.other_id}/{self.action}")
            case Action.UNBLOCK:
                return caller.delete(f"/v1/people/{self.other_id}/block")
            case Action.LEAVE:
                return caller.delete("/v1/me")

    def body(self) -> dict[str, Any]:
        """Return the body of a booking, which is also that of an item of a batch."""
        assert self.slot
        body = {"startTime": text_of(self.slot.start), "duration": self.slot.minutes * MINUTE}
        partner = {"partnerId": self.other_id} if self.action is Action.LOCK else {}
        return body | partner | ({"replace": True} if self.replace else {})

    def _headers(self) -> dict[str, str]:
        return {"Idempotency_Key": self.key} if self.key else {}


@dataclass(frozen=True)
class CallResult:
    """A call and its response, which is None if the runner was killed or timed out before it responded."""

    call: ClientCall
    response: ApiResponse | None

    @property
    def succeeded(self) -> bool:
        """True for a 2xx or 3xx response."""
        return self.response is not None and self.response.status < HTTPStatus.BAD_REQUEST

    @property
    def is_created(self) -> bool:
        """True if this request, or the one with the same idempotency key, created the session."""
        return self.response is not None and self.response.status == HTTPStatus.CREATED

    @property
    def is_unknown(self) -> bool:
        """True if the outcome is unknown to the client. Any other refusal means that nothing was changed."""
        return self.response is None or (self.code == Busy.code and self.response.json["detail"] != Busy.default_detail)

    @cached_property
    def code(self) -> str:
        """The status of a success, the code of a refusal, or `NO_RESPONSE`."""
        if self.response is None:
            return NO_RESPONSE
        return str(self.response.status) if self.succeeded else str(json.loads(self.response.data).get("code"))

    @cached_property
    def session(self) -> dict[str, Any]:
        """The session in the response."""
        assert self.response
        return self.response.json["session"]

    @property
    def view(self) -> tuple[str, str | None, str | None]:
        """State, partner id and pair id of that session."""
        room = self.session["roomUrl"]
        return self.session["state"], partner_of(self.session), room and room.rpartition("/")[2]
