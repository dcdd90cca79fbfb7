"""Personal API keys, which a member makes, lists and revokes, and with which programs call the API (R35)."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime

from msgspec import Struct

from chalicelib.domain.decisions.write_set import Decision, KeyMade, KeyRevoked, WriteSet
from chalicelib.domain.model.access_record import AccessKind, AccessRecord
from chalicelib.domain.model.api_key import ApiKey, Scope
from chalicelib.domain.model.errors import InvalidRequest, NotFound, Unauthenticated
from chalicelib.domain.model.ids import TOKEN_LENGTH, api_key_text, is_api_key, is_owned_by, owned_id, token_digest
from chalicelib.domain.model.input_texts import most_api_keys
from chalicelib.domain.model.limits import LimitKind, versioned_limit_of
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.slot import check_ahead
from chalicelib.services.begun_reads import Begun
from chalicelib.services.context import Context
from chalicelib.services.members.invite_links import links_made_by
from chalicelib.services.members.profiles import Begin, account_of, own_profile
from chalicelib.services.pages import Page, read_page
from chalicelib.services.transaction import Attempt, run_transaction
from chalicelib.storage import keys, reads, updates
from chalicelib.storage.errors import TableRequestFailed


class NewKey(Struct, frozen=True):
    """A new key and its text, which is not stored and not shown again."""

    key: ApiKey
    text: str


class CredentialUse(Struct, frozen=True):
    """The use of one credential on one UTC date. `key` is None for bearer tokens."""

    day: date
    key: ApiKey | None
    kinds: frozenset[AccessKind]


def recent_uses(owner: Profile, keys: Iterable[ApiKey], today: date) -> list[CredentialUse]:
    """Return the uses of the last 30 days, the latest day first, and bearer tokens before the keys (R35)."""
    credentials: list[tuple[ApiKey | None, AccessRecord]] = [(None, owner.access), *((key, key.access) for key in keys)]
    found = [
        CredentialUse(day, key, kinds) for key, record in credentials for day, kinds in record.since(today).days.items()
    ]
    return sorted(found, key=lambda use: use.day, reverse=True)


def all_keys(context: Context, caller: str) -> list[ApiKey]:
    """Return the caller's keys."""
    return list(filter(None, dict(reads.api_keys_of(context.table, caller)).values()))


def list_uses(context: Context, caller: Profile, begun: Begun[list[ApiKey]] | None = None) -> list[CredentialUse]:
    """Return the recent uses of the caller's credentials. Those of a revoked key are gone with it.

    `begun` is the read of `all_keys`.
    """
    keys = begun() if begun else all_keys(context, caller.member_id)
    return recent_uses(caller, keys, context.clock().date())


def make_api_key(context: Context, caller: str, name: str, scope: Scope, expires_at: datetime | None = None) -> NewKey:
    """Make a key for the caller (R35).

    Raises InvalidRequest at the limit of keys (R36) and for an expiry that is not in the future. Raises Unauthenticated
    if the account is deleted (R33).
    """
    limit = context.settings.limits.keys
    # Drawn once for all attempts: if the response of one was lost, the next finds the key by its text.
    text, key_id = api_key_text(context.token(TOKEN_LENGTH)), owned_id(caller, context.token(16))

    def decide(attempt: Attempt) -> Decision[ApiKey]:
        existing = reads.api_key(context.table, token_digest(text))
        if existing:
            return Decision(existing)
        check_ahead(expires_at, attempt.now, "expiresAt")
        own_profile(context, caller)
        versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.KEYS))
        if reads.number_listed(context.table, caller, keys.KEY) >= limit:
            raise InvalidRequest(most_api_keys(limit), field="apiKeys")
        key = ApiKey(key_id, caller, token_digest(text), name, scope, attempt.now, expires_at=expires_at)
        return Decision(key, WriteSet(api_key=KeyMade(key), versioned_limit=versioned_limit, present=(caller,)))

    return NewKey(run_transaction(context, decide), text)


def list_api_keys(context: Context, caller: str, *, after: str | None, limit: int | None) -> Page[ApiKey]:
    """Return a page of at most `limit` of the caller's keys, in the order of their ids (R35)."""
    return read_page(lambda rows: reads.api_keys_of(context.table, caller, after=after, limit=rows), limit)


def revoke_api_key(context: Context, caller: str, key_id: str) -> None:
    """Revoke one of the caller's keys with the links that it made (R35). It is idempotent.

    Raises NotFound if another member owns the key.
    """
    if not is_owned_by(caller, key_id):
        raise NotFound

    def decide(_attempt: Attempt) -> Decision[None]:
        digest = reads.api_key_digest(context.table, caller, key_id)
        key = reads.api_key(context.table, digest) if digest else None
        if key is None:
            return Decision(None)
        if key.scope is not Scope.WRITE:
            return Decision(None, WriteSet(api_key=KeyRevoked(key)))
        # Read before the links: a link that the key makes after the reads increments it, and this write conflicts.
        versioned_limit = reads.versioned_limit(context.table, versioned_limit_of(caller, LimitKind.LINKS))
        links = links_made_by(key, dict(reads.invites_of(context.table, caller)).values())
        return Decision(None, WriteSet(api_key=KeyRevoked(key, links), versioned_limit=versioned_limit))

    run_transaction(context, decide)


def member_of_api_key(context: Context, text: str, begin: Begin | None = None) -> tuple[Profile, ApiKey]:
    """Return the owner of a key and the key (R35). Raises Unauthenticated with the same text for every reason.

    `begin` is called with the id of the owner while the account is read.
    """
    # A text without the form of a key costs the table no read.
    key = reads.api_key(context.table, token_digest(text)) if is_api_key(text) else None
    if key is None or not key.is_valid(context.clock()):
        raise Unauthenticated
    owner = account_of(context, key.owner_id, begin)
    if not isinstance(owner, Profile):
        raise Unauthenticated
    return owner, key


def record_use(context: Context, credential: Profile | ApiKey, kind: AccessKind) -> AccessRecord:
    """Record a use of a key, or of bearer tokens in the profile, once for each UTC date and kind (R35).

    Return the record with the use. A failed write is not retried and does not fail the call.
    """
    today, access = context.clock().date(), credential.access
    if not access.holds(kind, today):
        access = access.with_use(kind, today)
        with suppress(TableRequestFailed):
            updates.record_use(context.table, credential, access, today)
    return access
