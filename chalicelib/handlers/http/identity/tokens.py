"""The verification of bearer tokens of the configured OpenID Connect issuers (RFC 7519, RFC 8725)."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from msgspec import Struct

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.errors import Unauthenticated
from chalicelib.domain.model.member import CLOCKS_DIFFER, PLACEHOLDER_NAME, sign_in_instant
from chalicelib.domain.model.time_zone import is_time_zone
from chalicelib.handlers.bootstrap import real_time
from chalicelib.handlers.http.identity.key_set import KeySet, candidates, fetch_key_set
from chalicelib.handlers.http.inputs import display_text
from chalicelib.handlers.http.inputs.photo_url import is_photo_url
from chalicelib.services.members.profiles import Claims
from chalicelib.settings import Settings
from chalicelib.staff_rule import NO_STAFF, StaffRule

LARGEST_TOKEN = 16 << 10
# The types of tokens for an API, in lower case (RFC 8725, 3.11). A logout token has another.
TYPES = frozenset({"jwt", "at+jwt"})
INSTANTS = frozenset({"exp", "iat", "nbf", "auth_time"})
# A token that expires later counts as one that expires then.
LATEST_EXPIRY = datetime(9999, 1, 1, tzinfo=UTC)
READ_ONLY = frozenset({Scope.READ})
# Some providers choose the separator, such as Amazon Cognito, whose scopes have `/`.
_SCOPE = re.compile(r"lockstep[:./](read|write|export)")


class VerifiedToken(NamedTuple):
    """The claims of a valid token, and the scopes that limit it, which are None for a token without limits (R35).

    `is_staff` says that the token is that of a member of staff, and has no such limits (R47).
    """

    claims: Claims
    scopes: frozenset[Scope] | None
    expires_at: datetime
    is_staff: bool = False


class TokenIssuer(Struct, frozen=True):
    """An issuer with its keys. `identity` is the issuer that enters the ids of its members."""

    identity: str
    keys: KeySet


def verifier(
    settings: Settings, fetch: Callable[[str], Any] = fetch_key_set, clock: Callable[[], float] = time.monotonic
) -> "TokenVerifier":
    """Return the verifier of the configured issuers' tokens. `fetch` returns the key set at an address."""
    issuers = {
        issuer.name: TokenIssuer(issuer.identity, KeySet(issuer.name, partial(fetch, issuer.jwks_url), clock))
        for issuer in settings.issuers
    }
    audiences, read_audiences = frozenset(settings.audiences), frozenset(settings.read_audiences)
    return TokenVerifier(issuers, audiences, read_audiences, clock=real_time, staff=settings.staff)


class TokenVerifier(Struct, frozen=True):
    """A verifier of the tokens of some issuers, by their names, for some audiences.

    A token that is only for `read_audiences` may only read. `clock` returns real time, which also dates the deletion of
    an account (R33). `staff` names the claim of staff (R47).
    """

    issuers: Mapping[str, TokenIssuer]
    audiences: frozenset[str]
    read_audiences: frozenset[str]
    clock: Callable[[], datetime]
    staff: StaffRule = NO_STAFF

    def verify(self, authorization: str | None) -> VerifiedToken:
        """Return the claims and scopes of the token in an `Authorization` header.

        Raises Unauthenticated with the same detail for every reason, and Busy.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or len(token) > LARGEST_TOKEN:
            raise Unauthenticated
        # Imported with the first token: most functions never see one.
        import jwt

        try:
            # These claims select the keys, and nothing else is read from them.
            unverified = jwt.decode_complete(token.strip(), options={"verify_signature": False})
            name = unverified["payload"].get("iss")
            issuer = self.issuers.get(name) if isinstance(name, str) else None
            if issuer is None or not _is_for_an_api(unverified["header"]):
                raise Unauthenticated
            claims = _verified_claims(token.strip(), unverified["header"], issuer.keys)
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthenticated from error
        if not all(_is_instant(claims[name]) for name in INSTANTS & claims.keys()):
            raise Unauthenticated
        # The library checks `iat` in this way, and leaves `auth_time` to its user.
        if claims.get("auth_time", 0) > (self.clock() + CLOCKS_DIFFER).timestamp():
            raise Unauthenticated
        audiences = _audiences(claims)
        if not claims["sub"] or audiences.isdisjoint(self.audiences | self.read_audiences):
            raise Unauthenticated
        scopes = READ_ONLY if audiences.isdisjoint(self.audiences) else _scopes(claims)
        expires_at = datetime.fromtimestamp(min(claims["exp"], LATEST_EXPIRY.timestamp()), UTC)
        is_staff = scopes is None and self.staff.admits(claims)
        return VerifiedToken(_claims(claims, issuer.identity), scopes, expires_at, is_staff)


def _is_for_an_api(header: Mapping[str, Any]) -> bool:
    """Return whether a header is that of a token for an API. No extension is known that could be critical."""
    kind = header.get("typ", "JWT")
    return "crit" not in header and isinstance(kind, str) and kind.lower().removeprefix("application/") in TYPES


def _verified_claims(token: str, header: Mapping[str, Any], keys: KeySet) -> dict[str, Any]:
    """Return the claims of a token that one of the issuer's keys has signed, and that is valid now.

    Raises Unauthenticated, Busy, and the exceptions of the library. The token's algorithm must be one of the key.
    """
    import jwt

    algorithm = header.get("alg", "")
    for version in keys.versions():
        for key in candidates(version, header.get("kid"), algorithm):
            try:
                return jwt.decode(
                    token,
                    key.public_key,
                    algorithms=[algorithm],
                    leeway=CLOCKS_DIFFER,
                    options={"require": ["exp", "iat", "sub"], "verify_aud": False},
                )
            except jwt.InvalidSignatureError:
                continue
    raise Unauthenticated


def _is_instant(claim: Any) -> bool:
    """Return whether a claim is a number of seconds since 1970 (RFC 7519, 2), not a text and not negative."""
    return isinstance(claim, int | float) and not isinstance(claim, bool) and claim >= 0


def _scopes(claims: Mapping[str, Any]) -> frozenset[Scope] | None:
    """Return the scopes that a token names, None if it names none of ours.

    The claims are those of RFC 8693 (`scope`) and of Microsoft Entra ID and Okta (`scp`).
    """
    found = (_SCOPE.fullmatch(word) for claim in ("scope", "scp") for word in _words(claims.get(claim)))
    return frozenset(Scope(scope[1]) for scope in found if scope) or None


def _words(claim: Any) -> list[str]:
    """Return the words of a claim that is a text with spaces or a list of texts."""
    if isinstance(claim, str):
        return claim.split()
    return [word for word in claim if isinstance(word, str)] if isinstance(claim, list) else []


def _audiences(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the audiences of a token.

    An access token of Amazon Cognito has none: its client id counts as one.
    """
    if "aud" in claims:
        named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    else:
        named = [claims.get("client_id")] if claims.get("token_use") == "access" else []
    return frozenset(audience for audience in named if isinstance(audience, str))


def _claims(claims: Mapping[str, Any], identity: str) -> Claims:
    """Return the claims of a new profile. Invalid optional claims and e-mail addresses for names are left out."""
    zone = claims.get("zoneinfo")
    photo = claims.get("picture")
    names = (claims.get(claim) for claim in ("name", "given_name", "nickname", "preferred_username"))
    canonical = (display_text.name_from_issuer(name) for name in names if isinstance(name, str))
    name = next(filter(None, canonical), PLACEHOLDER_NAME)
    return Claims(
        issuer=identity,
        subject=claims["sub"],
        name=name,
        photo_url=photo if isinstance(photo, str) and is_photo_url(photo) else None,
        time_zone=zone if isinstance(zone, str) and is_time_zone(zone) else "UTC",
        signed_in_at=_signed_in_at(claims),
        verified_address=_verified_address(claims),
    )


def _signed_in_at(claims: Mapping[str, Any]) -> datetime:
    issued_at = datetime.fromtimestamp(claims["iat"], UTC)
    authenticated = claims.get("auth_time")
    return sign_in_instant(issued_at, None if authenticated is None else datetime.fromtimestamp(authenticated, UTC))


def _verified_address(claims: Mapping[str, Any]) -> str | None:
    """Return the e-mail address that the issuer has verified, None without one.

    Some providers, such as Amazon Cognito, write the flag as a text.
    """
    address, flag = claims.get("email"), claims.get("email_verified")
    return address if (flag is True or flag == "true") and isinstance(address, str) else None
