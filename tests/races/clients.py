"""What clients ask for, and what they are told: kept word for word, to be held against what the table held."""

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


class Verb(StrEnum):
    """What can be asked for."""

    BOOK = "book"
    LOCK = "lock"
    ACCEPT = "accept"
    CANCEL = "cancel"
    BLOCK = "block"
    UNBLOCK = "unblock"
    FAVORITE = "favorite"
    LEAVE = "leave"


NO_ANSWER = "no answer"
# What tells that nothing is decided: whoever is told that, may ask again.
UNDECIDED = frozenset({Busy.code, NO_ANSWER})
CLAIMS = frozenset({Verb.BOOK, Verb.LOCK, Verb.ACCEPT})
LOCKS = frozenset({Verb.LOCK, Verb.ACCEPT})


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that a member asks for; `link` is the token of an invite link of `other`'s."""

    verb: Verb
    who: Client
    slot: Slot | None = None
    other: Client | None = None
    session_id: str = ""
    link: str = field(default="", repr=False)
    replace: bool = False
    key: str = ""

    @property
    def other_id(self) -> str:
        """The id of whom it is about."""
        return self.other.user_id if self.other else ""

    def sent_to(self, runner: Runner) -> ApiResponse:
        """Ask a runner. Raises urllib3's HTTPError where no answer comes."""
        who = self.who.on(runner)
        match self.verb:
            case Verb.BOOK | Verb.LOCK:
                partner = {"partnerId": self.other_id} if self.other else {}
                return who.post("/v1/sessions", self._body() | partner, **self._headers())
            case Verb.ACCEPT:
                return who.post(f"/i/{self.link}", self._body(), **self._headers())
            case Verb.CANCEL:
                return who.delete(f"/v1/sessions/{self.session_id}")
            case Verb.BLOCK | Verb.FAVORITE:
                return who.put(f"/v1/people/{self.other_id}/{self.verb}")
            case Verb.UNBLOCK:
                return who.delete(f"/v1/people/{self.other_id}/block")
            case Verb.LEAVE:
                return who.delete("/v1/me")

    def _body(self) -> dict[str, Any]:
        assert self.slot
        body = {"startTime": text_of(self.slot.start), "duration": self.slot.minutes * MINUTE}
        return body | ({"replace": True} if self.replace else {})

    def _headers(self) -> dict[str, str]:
        return {"Idempotency_Key": self.key} if self.key else {}


@dataclass(frozen=True)
class Told:
    """What came of asking; there is no answer where the runner was killed, or took too long, before it gave one."""

    ask: Ask
    answer: ApiResponse | None

    @property
    def done(self) -> bool:
        """Whether the answer says that it is done."""
        return self.answer is not None and self.answer.status < HTTPStatus.BAD_REQUEST

    @property
    def made(self) -> bool:
        """Whether the answer says that it was done by this very request, or the one that it repeats."""
        return self.answer is not None and self.answer.status == HTTPStatus.CREATED

    @property
    def in_doubt(self) -> bool:
        """Whether the client cannot know; any other refusal says that nothing was changed."""
        return self.answer is None or (self.code == Busy.code and self.answer.json["detail"] != Busy.default_detail)

    @cached_property
    def code(self) -> str:
        """The answer in a word: its status, or the code of the refusal."""
        if self.answer is None:
            return NO_ANSWER
        return str(self.answer.status) if self.done else str(json.loads(self.answer.data).get("code"))

    @cached_property
    def session(self) -> dict[str, Any]:
        """The session that was shown."""
        assert self.answer
        return self.answer.json["session"]

    @property
    def shown(self) -> tuple[str, str | None, str | None]:
        """State, partner and pair of that session."""
        room = self.session["roomUrl"]
        return self.session["state"], partner_of(self.session), room and room.rpartition("/")[2]
