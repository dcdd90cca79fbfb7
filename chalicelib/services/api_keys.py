"""Personal API keys: make, list, revoke, and tell who calls by one (R35)."""

from contextlib import suppress

from msgspec import Struct

from chalicelib.domain.api_key import ApiKey, Scope
from chalicelib.domain.changes import Changes, Decision, KeyMade, KeyRevoked, KeyUsed
from chalicelib.domain.errors import InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.identity import api_key_text, is_api_key, is_owned_by, owned_id, token_digest
from chalicelib.domain.member import Profile
from chalicelib.domain.quotas import Quota, guard_of
from chalicelib.services.attempts import Attempt, carry_out
from chalicelib.services.lockstep import Lockstep
from chalicelib.services.paging import Page, read_page
from chalicelib.services.profiles import own_profile
from chalicelib.storage import reads
from chalicelib.storage.commit import commit
from chalicelib.storage.outcomes import NotCommitted

# Enough characters for a key that nobody guesses: 130 bits.
TOKEN_LENGTH = 26


class NewKey(Struct, frozen=True):
    """A key just made, and its text: the only time that anybody is told."""

    key: ApiKey
    text: str


def make_api_key(lockstep: Lockstep, caller: str, name: str, scope: Scope) -> NewKey:
    """Make a key for the caller (R35).

    Raises InvalidRequest where there are too many (R36), and Unauthenticated where the account was deleted meanwhile
    (R33).
    """
    most = lockstep.settings.quotas.keys
    # Drawn once: a try whose answer was lost is found by its text, and not made twice.
    text, key_id = api_key_text(lockstep.token(TOKEN_LENGTH)), owned_id(caller, lockstep.token(16))

    def decide(attempt: Attempt) -> Decision[ApiKey]:
        made = reads.api_key(lockstep.table, token_digest(text))
        if made:
            return Decision(made)
        own_profile(lockstep, caller)
        guard = reads.guard(lockstep.table, guard_of(caller, Quota.KEYS))
        if len(reads.api_keys_of(lockstep.table, caller)) >= most:
            raise InvalidRequest(f"You have {most} API keys, as many as can be. Revoke one first.", field="apiKeys")
        key = ApiKey(key_id, caller, token_digest(text), name, scope, attempt.now)
        return Decision(key, Changes(api_key=KeyMade(key), guard=guard, present=(caller,)))

    return NewKey(carry_out(lockstep, decide), text)


def list_api_keys(lockstep: Lockstep, caller: str, *, after: str | None, limit: int | None) -> Page[ApiKey]:
    """The caller's keys that were not revoked, in the order of their ids (R35), `limit` at the most."""
    return read_page(lambda most: reads.api_keys_of(lockstep.table, caller, after=after, limit=most), limit)


def revoke_api_key(lockstep: Lockstep, caller: str, key_id: str) -> None:
    """Revoke one of the caller's keys (R35); again is harmless. Raises NotFound, for another member's too."""
    if not is_owned_by(caller, key_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        digest = reads.api_key_digest(lockstep.table, caller, key_id)
        key = reads.api_key(lockstep.table, digest) if digest else None
        return Decision(None, Changes(api_key=KeyRevoked(key)) if key else Changes())

    carry_out(lockstep, decide)


def admit_by_api_key(lockstep: Lockstep, text: str) -> tuple[Profile, ApiKey]:
    """The owner of a key, and the key (R35). Raises Unauthenticated, always with the same words."""
    # What has not the shape of a key is none: whoever sends nonsense costs the table nothing.
    key = reads.api_key(lockstep.table, token_digest(text)) if is_api_key(text) else None
    if key is None:
        raise Unauthenticated
    owner = reads.profile(lockstep.table, key.owner_id)
    if owner is None:
        raise Unauthenticated
    return owner, key


def note_use(lockstep: Lockstep, key: ApiKey) -> None:
    """Note the day of a use (R35), once a day. One try: no request fails, or waits, because that could not be noted."""
    now = lockstep.clock()
    if key.last_used is None or key.last_used < now.date():
        with suppress(NotCommitted):
            commit(lockstep.table, Changes(api_key=KeyUsed(key, now.date())), token=lockstep.token(26), now=now)
