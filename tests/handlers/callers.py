"""Olive, and everybody who may try to get at what is hers: who has a good token or key, and who has none."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.members.api_keys import revoke_api_key
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.storage import reads
from tests.handlers.all_routes import KEY, RSA, claims, token
from tests.harness import MONDAY, World, at

OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
MEMBERS = ("another member", "the partner", "a former partner", "a blocked member")


@dataclass
class Cast:
    """Olive, whose sessions, link and key they all try, and who is what to her."""

    world: World
    olive: Profile
    names: dict[str, str]

    def token(self, subject: str = "olive", **changed: Any) -> dict[str, str]:
        """The header of whoever has a token of the issuer, with some claims changed; None leaves one out."""
        return {"Authorization": f"Bearer {token(self.world, subject, **changed)}"}

    def signed(self, key: Any, algorithm: str, key_id: str = "one") -> dict[str, str]:
        """The header of whoever signed Olive's token in another way."""
        made = jwt.encode(claims(self.world, "olive"), key, algorithm=algorithm, headers={"kid": key_id})
        return {"Authorization": f"Bearer {made}"}

    def key(self, scope: Scope) -> dict[str, str]:
        """The header of whoever has a new key of Olive's."""
        return {"X-API-KEY": self.world.api_key(self.olive, scope).text}


def member(world: World, name: str) -> Profile:
    """The member of that name, who is made with the first call."""
    return get_or_create_member(world.context, Claims(world.settings.issuer, name, name, None, "UTC", MONDAY))


def assemble(world: World) -> Cast:
    """Olive is locked in with a partner at three, was with a former one, and has blocked somebody."""
    olive, partner, former, blocked = (member(world, name) for name in ("olive", *MEMBERS[1:]))
    world.favorite(olive, partner, former)
    for other, slot in ((former, at(7)), (partner, at(9))):
        world.book(other, slot)
        session = world.lock(olive, other, slot)
    world.cancel(former, world.seen(former, at(7)))
    world.say(olive, RelationKind.BLOCK, blocked)
    invite = world.invite(olive, max_uses=5)
    (link,) = world.links(olive)
    kept = world.api_key(olive, Scope.READ)
    names = {
        "userId": member(world, "somebody").member_id,
        "sessionId": session["sessionId"],
        "token": invite,
        "inviteLinkId": link.link_id,
        "apiKeyId": kept.key.key_id,
    }
    return Cast(world, olive, names)


def by_hand(cast: Cast, algorithm: str, secret: bytes | None) -> dict[str, str]:
    """A token that no library would make: its own word for how it is signed, or that it is not."""
    told = {**claims(cast.world, "olive"), "iat": 0, "exp": 2**40}
    parts = ({"alg": algorithm, "typ": "JWT", "kid": "one"}, told)
    unsigned = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    mac = hmac.digest(secret, unsigned.encode(), hashlib.sha256) if secret else b""
    return {"Authorization": f"Bearer {unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"}


def public_pem() -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return KEY.public_key().public_bytes(serialization.Encoding.PEM, form)


def revoked(cast: Cast) -> dict[str, str]:
    made = cast.world.api_key(cast.olive, Scope.WRITE)
    revoke_api_key(cast.world.context, cast.olive.member_id, made.key.key_id)
    return {"X-API-KEY": made.text}


def key_of_the_deleted(cast: Cast) -> dict[str, str]:
    """Deleted just now, and not erased yet: the key is still in the table."""
    mona = cast.world.member("Mona")
    made = cast.world.api_key(mona, Scope.WRITE)
    cast.world.begin_to_leave(mona)
    assert reads.api_key(cast.world.table, made.key.digest) is not None
    return {"X-API-KEY": made.text}


def deleted(cast: Cast) -> dict[str, str]:
    headers, mona = cast.token("mona"), member(cast.world, "mona")
    delete_account(cast.world.context, mona.member_id, deleted_at=datetime.now(UTC))
    return headers


def access_token(cast: Cast) -> dict[str, str]:
    """What an access token of Amazon Cognito says instead of an audience."""
    return {"token_use": "access", "client_id": cast.world.settings.audience}


def who_came_back(cast: Cast) -> dict[str, str]:
    """With a token from before the account was deleted, though the same person has another by now."""
    headers = cast.token("nora")
    before = member(cast.world, "nora")
    now = datetime.now(UTC)
    delete_account(cast.world.context, before.member_id, deleted_at=now)
    later = Claims(cast.world.settings.issuer, "nora", "Nora", None, "UTC", now + timedelta(minutes=1))
    assert get_or_create_member(cast.world.context, later).member_id == before.member_id
    return headers


def minutes_away(minutes: int) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


# Each is refused for one reason, and would be let in but for it.
NOBODY: dict[str, Callable[[Cast], dict[str, str]]] = {
    "nobody": lambda _: {},
    "garbage": lambda _: {"Authorization": "Bearer garbage"},
    "another scheme": lambda cast: {"Authorization": f"Token {token(cast.world, 'olive')}"},
    "wrong signature": lambda cast: cast.signed(OTHER_KEY, "ES256"),
    "no key of the issuer's": lambda cast: cast.signed(OTHER_KEY, "ES256", "none"),
    "alg none": lambda cast: by_hand(cast, "none", None),
    "HS256 with the public key": lambda cast: by_hand(cast, "HS256", public_pem()),
    "wrong algorithm": lambda cast: cast.signed(RSA, "RS256"),
    "an algorithm that is not taken": lambda cast: cast.signed(RSA, "PS256", "two"),
    "an algorithm that is not the key's": lambda cast: cast.signed(RSA, "PS256", "three"),
    "expired": lambda cast: cast.token(exp=minutes_away(-1)),
    "never to expire": lambda cast: cast.token(exp=None),
    "not yet valid": lambda cast: cast.token(nbf=minutes_away(10)),
    "issued in the future": lambda cast: cast.token(iat=minutes_away(10)),
    "issued at no time": lambda cast: cast.token(iat=None),
    "issued before all time": lambda cast: cast.token(iat=-1e300),
    "wrong audience": lambda cast: cast.token(aud="another"),
    "no audience": lambda cast: cast.token(aud=None),
    "another audience, our client": lambda cast: cast.token(aud="another", **access_token(cast)),
    "an identity token of our client": lambda cast: cast.token(aud=None, **access_token(cast) | {"token_use": "id"}),
    "wrong issuer": lambda cast: cast.token(iss="https://evil.example/"),
    "no issuer": lambda cast: cast.token(iss=None),
    "no subject": lambda cast: cast.token(sub=None),
    "an empty subject": lambda cast: cast.token(sub=""),
    "no key": lambda _: {"X-API-KEY": ""},
    "garbage for a key": lambda _: {"X-API-KEY": "\xe9 #\x00'"},
    "a key of nobody": lambda _: {"X-API-KEY": f"lockstep_{'0' * 26}"},
    "a key by its digest": lambda cast: {"X-API-KEY": cast.world.api_key(cast.olive, Scope.WRITE).key.digest},
    "a good token and no good key": lambda cast: {**cast.token(), "X-API-KEY": "none"},
    "a revoked key": revoked,
    "a key of a deleted member": key_of_the_deleted,
    "a deleted member": deleted,
    "a token of before, of who came back": who_came_back,
}
