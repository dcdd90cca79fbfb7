"""Mutants of the authentication and authorization, each without one check.

A check is an expression of the code, found by its text. If the code changes, its entry here must change as well, and a
new check needs a new entry (`refusing_conditions`).
"""

import ast
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from types import CodeType, FunctionType, ModuleType
from typing import Any

from chalicelib.domain.model.api_key import Scope
from chalicelib.handlers.http import api, routes
from chalicelib.handlers.http.identity import access, authentication, key_set, tokens
from chalicelib.services.members import api_keys, invite_links, profiles
from chalicelib.services.notices import calendar_feeds, push_subscriptions
from chalicelib.services.repeats import member_repeats

Route = tuple[str, str]
Place = tuple[ModuleType, str]

VERIFY = (tokens, "TokenVerifier.verify")
SIGNED = (tokens, "_verified_claims")
HEADER = (tokens, "_is_for_an_api")
AUDIENCES = (tokens, "_audiences")
CANDIDATES = (key_set, "candidates")
CALL = (authentication, "caller_of")
KEY_CALL = (authentication, "_owner_of_key")
RESPOND = (api, "Api.respond")
GUEST = (api, "Api._respond_to_guest")
BEARER = (authentication, "_bearer")
SUSPENDED = (authentication, "_admit")
SCOPE = (access, "check_scope")
TOKEN_SCOPES = (access, "check_token_scopes")
BY_KEY = (api_keys, "member_of_api_key")
REVOKE_KEY = (api_keys, "revoke_api_key")
REVOKE_LINK = (invite_links, "revoke_invite")
REMOVE_BROWSER = (push_subscriptions, "remove_subscription")
REVOKE_FEED = (calendar_feeds, "revoke_feed")
END_REPEAT = (member_repeats, "end_repeat")
ADMIT = (profiles, "get_or_create_member")
EXISTING = (profiles, "existing_member")
FIRST_CALL = (profiles, "_first_call")
REFUSALS = {"Unauthenticated", "Forbidden", "NotFound", "Suspended"}
STAFF_LOG = frozenset({("GET", "/v1/staff/log")})

REQUIRED = ["exp", "iat", "sub"]
OPTIONS = ast.unparse(ast.parse(f"{{'require': {REQUIRED}, 'verify_aud': False}}"))


@dataclass(frozen=True)
class Check:
    """An expression of a function, its replacement in the mutant, and the caller that the mutant treats wrongly.

    With `prepares` the caller's credentials are created by the mutant. `routes` are those on which it fails.
    """

    name: str
    function: Place
    expression: str
    replacement: str
    caller: str
    prepares: bool = False
    routes: frozenset[Route] = frozenset()


def _required(claim: str, caller: str) -> Check:
    rest = [other for other in REQUIRED if other != claim]
    return Check(f"the presence of {claim}", SIGNED, repr(REQUIRED), repr(rest), caller)


def _verified(part: str, caller: str) -> Check:
    return Check(f"the library's check of {part}", SIGNED, OPTIONS, f"{{**{OPTIONS}, 'verify_{part}': False}}", caller)


CHECKS = (
    Check("the scheme", VERIFY, "scheme.lower() != 'bearer'", "False", "another scheme"),
    Check("the size of a token", VERIFY, "len(token) > LARGEST_TOKEN", "False", "a token of 17 KiB"),
    Check("the presence of the issuer", VERIFY, "issuer is None", "False", "wrong issuer"),
    Check(
        "the issuer",
        VERIFY,
        "self.issuers.get(name) if isinstance(name, str) else None",
        "next(iter(self.issuers.values()))",
        "wrong issuer",
    ),
    Check("the type of a token", VERIFY, "not _is_for_an_api(unverified['header'])", "False", "a logout token"),
    Check("the refusal of extensions", HEADER, "'crit' not in header", "True", "a critical extension"),
    Check("the key id", CANDIDATES, "key_id is None or key.key_id in (key_id, None)", "True", "wrong algorithm"),
    Check(
        "the algorithm of the key instead of the token's",
        CANDIDATES,
        "algorithm in key.algorithms",
        "True",
        "an algorithm that is not the key's",
    ),
    Check("the bound of the leeway", SIGNED, "CLOCKS_DIFFER", "CLOCKS_DIFFER * 1000", "expired"),
    _required("exp", "no expiry"),
    _required("iat", "no instant of issue"),
    _required("sub", "no subject"),
    _verified("signature", "wrong signature"),
    _verified("exp", "expired"),
    _verified("nbf", "not yet valid"),
    _verified("iat", "issued in the future"),
    Check(
        "the type of instants",
        VERIFY,
        ast.unparse(ast.parse("not all(_is_instant(claims[name]) for name in INSTANTS & claims.keys())")),
        "False",
        "an expiry as text",
    ),
    Check(
        "the bound of the sign-in's instant",
        VERIFY,
        "claims.get('auth_time', 0) > (self.clock() + CLOCKS_DIFFER).timestamp()",
        "False",
        "signed in in the future",
    ),
    Check("the subject", VERIFY, "not claims['sub']", "False", "an empty subject"),
    Check(
        "the audience",
        VERIFY,
        "audiences.isdisjoint(self.audiences | self.read_audiences)",
        "False",
        "wrong audience",
    ),
    Check(
        "the precedence of an audience over a client",
        AUDIENCES,
        "'aud' in claims",
        "False",
        "another audience, our client",
    ),
    Check(
        "the use of a token without an audience",
        AUDIENCES,
        "claims.get('token_use') == 'access'",
        "True",
        "an identity token of our client",
    ),
    Check("the authentication of members", RESPOND, "operation.access is Access.PUBLIC", "True", "no credentials"),
    Check(
        "the authentication of guests with credentials",
        GUEST,
        "CREDENTIALS & request.headers.keys()",
        "False",
        "garbage",
        routes=frozenset({("GET", "/i/{token}")}),
    ),
    Check("the precedence of a key over a token", CALL, "text is None", "True", "a valid token and an invalid key"),
    Check(
        "the check of a key's scope", KEY_CALL, "check_scope(access, key.scope)", "None", "a key with the scope read"
    ),
    Check("the scope of a key", SCOPE, "scope not in _SCOPES[access]", "False", "a key with the scope read"),
    Check(
        "the scopes of a token",
        VERIFY,
        "_scopes(claims)",
        "None",
        "a token with the scope read",
    ),
    Check(
        "the audience of a client that may only read",
        VERIFY,
        "audiences.isdisjoint(self.audiences)",
        "False",
        "a token for a client that may only read",
    ),
    Check(
        "the check of a token's scopes",
        BEARER,
        "check_token_scopes(access, token.scopes)",
        "None",
        "a token with the scope read",
    ),
    Check(
        "the scopes of a level of access",
        TOKEN_SCOPES,
        "_SCOPES[access].isdisjoint(scopes)",
        "False",
        "a token with the scope read",
    ),
    Check(
        "the presence of an account",
        EXISTING,
        "not isinstance(found, Profile)",
        "False",
        "a token of a stranger that may only read",
    ),
    Check(
        "the age of a token that may only read",
        EXISTING,
        "is_spent(found, claims.signed_in_at)",
        "False",
        "an old token that may only read of a recreated account",
    ),
    # This mutant creates the account of the stranger.
    Check(
        "the creation of accounts by tokens that may write",
        BEARER,
        "Scope.WRITE in token.scopes",
        "True",
        "a token of a stranger that may only read",
    ),
    Check(
        "the answer of a route of staff to a key",
        SCOPE,
        "access is Access.STAFF",
        "False",
        "a key with the scope write",
        routes=STAFF_LOG,
    ),
    Check(
        "the answer of a route of staff to a token with scopes",
        TOKEN_SCOPES,
        "access is Access.STAFF",
        "False",
        "a token with the scope write",
        routes=STAFF_LOG,
    ),
    Check("the routes of staff", CALL, "access is Access.STAFF", "False", "the member", routes=STAFF_LOG),
    Check("the token of staff", CALL, "not (token and token.is_staff)", "False", "the member", routes=STAFF_LOG),
    Check("the claim of staff", VERIFY, "self.staff.admits(claims)", "True", "the member", routes=STAFF_LOG),
    Check("the suspension of a member", SUSPENDED, "member.suspension", "False", "a suspended member"),
    Check(
        "the suspension of a deleted member",
        FIRST_CALL,
        "is_suspended(existing)",
        "False",
        "a suspended member who returns after a deletion",
    ),
    Check("the presence of a key", BY_KEY, "key is None", "False", "an unknown key"),
    Check("the expiry of a key", BY_KEY, "not key.is_valid(context.clock())", "False", "an expired key"),
    Check(
        "the presence of a key's owner", BY_KEY, "not isinstance(owner, Profile)", "False", "a key of a deleted member"
    ),
    Check(
        "the revocation of a key",
        REVOKE_KEY,
        "WriteSet(api_key=KeyRevoked(key, links), versioned_limit=versioned_limit)",
        "WriteSet()",
        "a revoked key",
        prepares=True,
    ),
    Check(
        "the owner of a key",
        REVOKE_KEY,
        "not is_owned_by(caller, key_id)",
        "False",
        "another member",
        routes=frozenset({("DELETE", "/v1/api-keys/{apiKeyId}")}),
    ),
    Check(
        "the owner of a link",
        REVOKE_LINK,
        "not is_owned_by(caller, invite_link_id)",
        "False",
        "another member",
        routes=frozenset({("DELETE", "/v1/invite-links/{inviteLinkId}")}),
    ),
    Check(
        "the owner of a calendar feed",
        REVOKE_FEED,
        "not is_owned_by(caller, feed_id)",
        "False",
        "another member",
        routes=frozenset({("DELETE", "/v1/calendar-feeds/{calendarFeedId}")}),
    ),
    Check(
        "the owner of a repeat",
        END_REPEAT,
        "not is_owned_by(caller, repeat_id)",
        "False",
        "another member",
        routes=frozenset({("DELETE", "/v1/repeats/{repeatId}")}),
    ),
    Check(
        "the owner of a push subscription",
        REMOVE_BROWSER,
        "not is_owned_by(caller, subscription_id)",
        "False",
        "another member",
        routes=frozenset({("DELETE", "/v1/push-subscriptions/{pushSubscriptionId}")}),
    ),
    Check(
        "the age of a token after the account was recreated",
        ADMIT,
        "not is_spent(found, claims.signed_in_at)",
        "True",
        "an old token of a recreated account",
    ),
    Check(
        "the age of a token after the deletion",
        FIRST_CALL,
        "is_spent(existing, claims.signed_in_at)",
        "False",
        "a deleted member",
    ),
)
PLACES = tuple(dict.fromkeys(check.function for check in CHECKS))


def refusing_conditions() -> Iterator[tuple[Place, str]]:
    """Return every part of the conditions on which the functions refuse a caller."""
    for module, name in PLACES:
        for node in ast.walk(_function(module, name)):
            if isinstance(node, ast.If) and any(map(_refuses, node.body)):
                parts = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
                yield from (((module, name), ast.unparse(part)) for part in parts)


def _refuses(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise) or statement.exc is None:
        return False
    return any(isinstance(node, ast.Name) and node.id in REFUSALS for node in ast.walk(statement.exc))


def _function(module: ModuleType, name: str) -> ast.AST:
    node: ast.AST = ast.parse(inspect.getsource(module))
    for part in name.split("."):
        (node,) = [child for child in ast.iter_child_nodes(node) if getattr(child, "name", None) == part]
    return node


@contextmanager
def without_check(check: Check) -> Iterator[None]:
    """Run the service without a check."""
    module, name = check.function
    function: FunctionType = attrgetter(name)(module)
    before = function.__code__
    function.__code__ = _code_without(check)
    try:
        yield
    finally:
        function.__code__ = before


def _code_without(check: Check) -> CodeType:
    module, name = check.function
    tree = ast.parse(inspect.getsource(module))
    first, last = _lines(_function(module, name))
    removal = _CheckRemoval(check, first, last)
    mutant = ast.fix_missing_locations(removal.visit(tree))
    assert removal.count == 1, f"{check.name}: `{check.expression}` occurs {removal.count} times"
    return next(code for code in _codes(compile(mutant, str(module.__file__), "exec")) if code.co_qualname == name)


def _lines(node: Any) -> tuple[int, int]:
    return node.lineno, node.end_lineno


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


class _CheckRemoval(ast.NodeTransformer):
    """The replacement of a check's expression between two lines."""

    def __init__(self, check: Check, first: int, last: int) -> None:
        self._check, self._first, self._last = check, first, last
        self.count = 0

    def visit(self, node: ast.AST) -> Any:
        if (
            isinstance(node, ast.expr)
            and self._first <= node.lineno <= self._last
            and ast.unparse(node) == self._check.expression
        ):
            self.count += 1
            return ast.parse(self._check.replacement, mode="eval").body
        return self.generic_visit(node)


@contextmanager
def row(route: Route, other: access.Access | None) -> Iterator[None]:
    """Change the access of a row in the table of routes, or remove the row."""
    table: Any = routes.ROUTES
    before = dict(table)
    changed = table.pop(route)
    if other is not None:
        table[route] = changed._replace(access=other)
    try:
        yield
    finally:
        table.clear()
        table.update(before)


@contextmanager
def scope(kind: access.Access, added: Scope) -> Iterator[None]:
    """Accept keys of another scope on a level of access."""
    scopes: Any = access._SCOPES
    before = scopes[kind]
    scopes[kind] = before | {added}
    try:
        yield
    finally:
        scopes[kind] = before
