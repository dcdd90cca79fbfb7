"""Every check between a request and a route, and the code with one of them taken away.

A check is an expression of the code, found by its text: one that is rewritten has to be rewritten here, and one that is
added has to be added (`refusing_parts`).
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
from chalicelib.handlers.http import access, api, authentication, routes, tokens
from chalicelib.services.members import api_keys, invite_links, profiles

Route = tuple[str, str]
Place = tuple[ModuleType, str]

VERIFY = (tokens, "TokenVerifier.verify")
AUDIENCES = (tokens, "_audiences")
CALL = (authentication, "caller_of")
RESPOND = (api, "Api.respond")
SCOPE = (access, "check_scope")
BY_KEY = (api_keys, "member_of_api_key")
REVOKE_KEY = (api_keys, "revoke_api_key")
REVOKE_LINK = (invite_links, "revoke_invite")
ADMIT = (profiles, "get_or_create_member")
FIRST_CALL = (profiles, "_first_call")
REFUSALS = {"Unauthenticated", "Forbidden", "NotFound"}

REQUIRED = ["exp", "iat", "sub"]
OPTIONS = ast.unparse(ast.parse(f"{{'require': {REQUIRED}, 'verify_aud': False}}"))


@dataclass(frozen=True)
class Check:
    """An expression of a function, what stands in its place when the check is gone, and the caller who shows it.

    `prepares`: the caller is made while it is gone. `routes` are those on which it shows, if it is not just any.
    """

    name: str
    function: Place
    expression: str
    instead: str
    caller: str
    prepares: bool = False
    routes: frozenset[Route] = frozenset()


def _required(booking_request: str, caller: str) -> Check:
    rest = [other for other in REQUIRED if other != booking_request]
    return Check(f"that there is {booking_request}", VERIFY, repr(REQUIRED), repr(rest), caller)


def _verified(what: str, caller: str) -> Check:
    return Check(f"the library's check of {what}", VERIFY, OPTIONS, f"{{**{OPTIONS}, 'verify_{what}': False}}", caller)


CHECKS = (
    Check("the scheme", VERIFY, "scheme.lower() != 'bearer'", "False", "another scheme"),
    Check("that the issuer has the key", VERIFY, "key is None", "False", "no key of the issuer's"),
    Check(
        "the algorithms that are taken",
        VERIFY,
        "key.algorithm_name not in ALGORITHMS",
        "False",
        "an algorithm that is not taken",
    ),
    Check(
        "that a token does not choose its algorithm",
        VERIFY,
        "[key.algorithm_name]",
        "[jwt.get_unverified_header(token.strip())['alg']]",
        "an algorithm that is not the key's",
    ),
    Check("the issuer", VERIFY, "self.issuer", "None", "wrong issuer"),
    Check("the bound of the leeway", VERIFY, "CLOCKS_DIFFER", "CLOCKS_DIFFER * 1000", "expired"),
    _required("exp", "never to expire"),
    _required("iat", "issued at no time"),
    _required("sub", "no subject"),
    _verified("signature", "wrong signature"),
    _verified("exp", "expired"),
    _verified("nbf", "not yet valid"),
    _verified("iat", "issued in the future"),
    _verified("iss", "wrong issuer"),
    Check("that somebody is named", VERIFY, "not claims['sub']", "False", "an empty subject"),
    Check("the audience", VERIFY, "self.audience not in _audiences(claims)", "False", "wrong audience"),
    Check("that an audience outdoes a client", AUDIENCES, "'aud' in claims", "False", "another audience, our client"),
    Check(
        "the use of a token without an audience",
        AUDIENCES,
        "claims.get('token_use') == 'access'",
        "True",
        "an identity token of our client",
    ),
    Check("that a route is for members", RESPOND, "operation.access is Access.PUBLIC", "True", "nobody"),
    Check("that a key is judged alone", CALL, "text is None", "True", "a good token and no good key"),
    Check("what a key may do", CALL, "check_scope(access, key.scope)", "None", "a key that may read"),
    Check("the scope of a key", SCOPE, "scope not in _SCOPES[access]", "False", "a key that may read"),
    Check("that there is such a key", BY_KEY, "key is None", "False", "a key of nobody"),
    Check("that a key's owner is there", BY_KEY, "owner is None", "False", "a key of a deleted member"),
    Check(
        "that revoking ends a key",
        REVOKE_KEY,
        "WriteSet(api_key=KeyRevoked(key)) if key else WriteSet()",
        "WriteSet()",
        "a revoked key",
        prepares=True,
    ),
    Check(
        "whose a key is",
        REVOKE_KEY,
        "not is_owned_by(caller, key_id)",
        "False",
        "another member",
        routes=frozenset({("DELETE", "/v1/api-keys/{apiKeyId}")}),
    ),
    Check(
        "whose a link is",
        REVOKE_LINK,
        "not is_owned_by(caller, invite_link_id)",
        "False",
        "another member",
        routes=frozenset({("DELETE", "/v1/invite-links/{inviteLinkId}")}),
    ),
    Check(
        "whether a token is older than the deletion, of who came back",
        ADMIT,
        "not is_spent(found, claims.issued_at)",
        "True",
        "a token of before, of who came back",
    ),
    Check(
        "whether a token is older than the deletion",
        FIRST_CALL,
        "is_spent(existing, claims.issued_at)",
        "False",
        "a deleted member",
    ),
)
PLACES = tuple(dict.fromkeys(check.function for check in CHECKS))


def refusing_parts() -> Iterator[tuple[Place, str]]:
    """Each part of each condition on which one of the functions refuses a caller."""
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
def replaced(check: Check) -> Iterator[None]:
    """Let the service run without a check."""
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
    instead = _Replace(check, first, last)
    replaced = ast.fix_missing_locations(instead.visit(tree))
    assert instead.count == 1, f"{check.name}: `{check.expression}` is there {instead.count} times"
    return next(code for code in _codes(compile(replaced, str(module.__file__), "exec")) if code.co_qualname == name)


def _lines(node: Any) -> tuple[int, int]:
    return node.lineno, node.end_lineno


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


class _Replace(ast.NodeTransformer):
    """Puts what stands instead of a check in its place, between two lines."""

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
            return ast.parse(self._check.instead, mode="eval").body
        return self.generic_visit(node)


@contextmanager
def row(route: Route, other: access.Access | None) -> Iterator[None]:
    """Let a row of the table of routes name another access, or be missing."""
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
    """Let keys of another scope in where they may not call."""
    scopes: Any = access._SCOPES
    before = scopes[kind]
    scopes[kind] = before | {added}
    try:
        yield
    finally:
        scopes[kind] = before
