"""Olive and the callers who try to reach her data, with valid and invalid credentials."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from chalice.app import Request
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.channels.web_push import BrowserKeys
from chalicelib.domain.model.access_record import AccessKind
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.member import Profile, RelationKind
from chalicelib.services.members.api_keys import record_use, revoke_api_key
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import Claims, get_or_create_member, own_profile
from chalicelib.services.notices.calendar_feeds import make_feed
from chalicelib.services.notices.push_subscriptions import Browser, add_subscription
from chalicelib.services.notices.webhook_requests import request_test
from chalicelib.services.notices.webhooks import make_webhook
from chalicelib.storage import reads
from tests.handlers.all_routes import BROWSER_KEYS, KEY, RSA, SECRET, claims, token
from tests.harness import MONDAY, World, at
from tests.repeat_run import repeated
from tests.staff_acts import lift, suspend

OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
MEMBERS = ("another member", "the partner", "a former partner", "a blocked member")


@dataclass
class AccessScenario:
    """Olive with her session, link and key, which all callers try to reach. `names` fills the parameters of paths."""

    world: World
    olive: Profile
    names: dict[str, str]

    def token(self, subject: str = "olive", **changed: Any) -> dict[str, str]:
        """Return the header with a token of the issuer with changed claims. None leaves a claim out."""
        return {"Authorization": f"Bearer {token(self.world, subject, **changed)}"}

    def signed(self, key: Any, algorithm: str, key_id: str = "one") -> dict[str, str]:
        """Return the header with a token of Olive's that is signed in another way."""
        signed = jwt.encode(claims(self.world, "olive"), key, algorithm=algorithm, headers={"kid": key_id})
        return {"Authorization": f"Bearer {signed}"}

    def key(self, scope: Scope) -> dict[str, str]:
        """Return the header with a new API key of Olive's."""
        return {"X-API-KEY": self.world.api_key(self.olive, scope).text}


def request(**context: str) -> Request:
    """Return a request without content, with this context of the gateway."""
    empty = ("multiValueQueryStringParameters", "headers", "pathParameters", "body", "stageVariables")
    return Request(
        {**dict.fromkeys(empty), "requestContext": {"httpMethod": "GET", **context}, "isBase64Encoded": False}
    )


def member(world: World, name: str) -> Profile:
    """Return the member of that name, whose account is created by the first call."""
    return get_or_create_member(world.context, Claims(world.settings.issuer, name, name, None, "UTC", MONDAY))


def assemble(world: World) -> AccessScenario:
    """Lock Olive in with a partner, let a former partner cancel on her, and let her block a third member."""
    olive, partner, former, blocked = (member(world, name) for name in ("olive", *MEMBERS[1:]))
    world.favorite(olive, partner, former)
    for other, slot in ((former, at(7)), (partner, at(9))):
        world.book(other, slot)
        session = world.lock(olive, other, slot)
    world.cancel(former, world.seen(former, at(7)))
    world.say(olive, RelationKind.BLOCK, blocked)
    # The first request of a date and kind is stored. Later ones write no record.
    for caller in (olive, partner, former, blocked):
        for kind in AccessKind:
            record_use(world.context, own_profile(world.context, caller.member_id), kind)
    invite = world.invite(olive, max_uses=5)
    (link,) = world.links(olive)
    key = world.api_key(olive, Scope.READ)
    feed = make_feed(world.context, olive.member_id)
    browser = add_subscription(
        world.context, olive.member_id, Browser("https://hooks.example/push", BrowserKeys(**BROWSER_KEYS))
    )
    webhook = make_webhook(world.context, olive.member_id, "https://hooks.example/in", (EventKind.BOOKED,))
    repeat = repeated(world, olive, first=MONDAY.date() + timedelta(days=30))
    test = request_test(world.context, olive.member_id, webhook.webhook_id)
    names = {
        "userId": member(world, "another").member_id,
        "sessionId": session["sessionId"],
        "token": invite,
        "inviteLinkId": link.link_id,
        "apiKeyId": key.key.key_id,
        "pushSubscriptionId": browser.subscription_id,
        "calendarFeedId": feed.feed.feed_id,
        "file": f"{feed.token}.ics",
        "repeatId": repeat.repeat_id,
        "webhookId": webhook.webhook_id,
        "eventId": test.event.event_id,
    }
    return AccessScenario(world, olive, names)


def by_hand(
    scenario: AccessScenario, sign: Callable[[bytes], bytes], header: dict[str, Any], **changed: Any
) -> dict[str, str]:
    """Return a token that no library would make, with a chosen header, claims and signature."""
    payload = {**claims(scenario.world, "olive"), "iat": 0, "exp": 2**40, **changed}
    parts = ({"typ": "JWT", "kid": "one", **header}, payload)
    unsigned = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(sign(unsigned)).rstrip(b"=")
    return {"Authorization": f"Bearer {(unsigned + b'.' + signature).decode()}"}


def hs256(unsigned: bytes) -> bytes:
    """Return a signature whose secret is the issuer's public key."""
    return hmac.digest(public_pem(), unsigned, hashlib.sha256)


def es256(unsigned: bytes) -> bytes:
    """Return a valid signature of the issuer."""
    return jwt.get_algorithm_by_name("ES256").sign(unsigned, KEY)


def public_pem() -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return KEY.public_key().public_bytes(serialization.Encoding.PEM, form)


def revoked(scenario: AccessScenario) -> dict[str, str]:
    made = scenario.world.api_key(scenario.olive, Scope.WRITE)
    revoke_api_key(scenario.world.context, scenario.olive.member_id, made.key.key_id)
    return {"X-API-KEY": made.text}


def expired(scenario: AccessScenario) -> dict[str, str]:
    """Return a key that was made two hours ago for one hour."""
    scenario.world.after(hours=-2)
    made = scenario.world.api_key(scenario.olive, Scope.WRITE, expires_at=scenario.world.now + timedelta(hours=1))
    scenario.world.after(hours=2)
    return {"X-API-KEY": made.text}


def key_of_the_deleted(scenario: AccessScenario) -> dict[str, str]:
    """Return a key of a deleted account that is not erased yet, so that the key is still in the table."""
    mona = scenario.world.member("Mona")
    made = scenario.world.api_key(mona, Scope.WRITE)
    scenario.world.begin_to_leave(mona)
    assert reads.api_key(scenario.world.table, made.key.digest) is not None
    return {"X-API-KEY": made.text}


def deleted(scenario: AccessScenario) -> dict[str, str]:
    headers, mona = scenario.token("mona"), member(scenario.world, "mona")
    delete_account(scenario.world.context, mona.member_id, deleted_at=datetime.now(UTC))
    return headers


def access_token(scenario: AccessScenario) -> dict[str, str]:
    """Return the claims of an access token of Amazon Cognito that stand for its audience."""
    return {"token_use": "access", "client_id": scenario.world.settings.audiences[0]}


def recreated_account(scenario: AccessScenario, subject: str = "nora", **changed: Any) -> dict[str, str]:
    """Return a token from before the deletion of an account that the same person has created again."""
    headers = scenario.token(subject, **changed)
    before = member(scenario.world, subject)
    now = datetime.now(UTC)
    delete_account(scenario.world.context, before.member_id, deleted_at=now)
    later = Claims(scenario.world.settings.issuer, subject, "Nora", None, "UTC", now + timedelta(minutes=1))
    assert get_or_create_member(scenario.world.context, later).member_id == before.member_id
    return headers


def suspended(scenario: AccessScenario, **changed: Any) -> dict[str, str]:
    """Return a token of Pat, who is suspended."""
    suspend(scenario.world, member(scenario.world, "pat"))
    return scenario.token("pat", **changed)


def key_of_the_suspended(scenario: AccessScenario, scope: Scope) -> dict[str, str]:
    """Return an API key of Pat, who is suspended."""
    lift(scenario.world, member(scenario.world, "pat"))
    made = scenario.world.api_key(member(scenario.world, "pat"), scope)
    suspend(scenario.world, member(scenario.world, "pat"))
    return {"X-API-KEY": made.text}


def suspended_and_returned(scenario: AccessScenario) -> dict[str, str]:
    """Return a later token of a member who deleted the account and was suspended."""
    rae = member(scenario.world, "rae")
    delete_account(scenario.world.context, rae.member_id, deleted_at=datetime.now(UTC) - timedelta(hours=1))
    suspend(scenario.world, rae)
    return scenario.token("rae")


# Each gets the code `suspended` (R47).
SUSPENDED: dict[str, Callable[[AccessScenario], dict[str, str]]] = {
    "a suspended member": suspended,
    "a suspended member with a token of staff": lambda scenario: suspended(scenario, groups=["staff"]),
    "a suspended member with a token that may only read": lambda scenario: suspended(scenario, aud="reader"),
    "a suspended member with a token that may write": lambda scenario: suspended(scenario, scope="lockstep:write"),
    "a suspended member who returns after a deletion": suspended_and_returned,
    **{
        f"a key with the scope {scope} of a suspended member": lambda scenario, scope=scope: key_of_the_suspended(
            scenario, scope
        )
        for scope in Scope
    },
}


def minutes_away(minutes: int) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


# Each is refused for exactly one reason.
UNAUTHENTICATED: dict[str, Callable[[AccessScenario], dict[str, str]]] = {
    "no credentials": lambda _: {},
    "garbage": lambda _: {"Authorization": "Bearer garbage"},
    "another scheme": lambda scenario: {"Authorization": f"Token {token(scenario.world, 'olive')}"},
    "wrong signature": lambda scenario: scenario.signed(OTHER_KEY, "ES256"),
    "no key of the issuer's": lambda scenario: scenario.signed(OTHER_KEY, "ES256", "none"),
    "alg none": lambda scenario: by_hand(scenario, lambda _: b"", {"alg": "none"}),
    "HS256 with the public key": lambda scenario: by_hand(scenario, hs256, {"alg": "HS256"}),
    "wrong algorithm": lambda scenario: scenario.signed(RSA, "RS256"),
    "a refused algorithm": lambda scenario: scenario.signed(SECRET, "HS256", "two"),
    "a token of 17 KiB": lambda scenario: scenario.token(filler="x" * 13_000),
    "a logout token": lambda scenario: by_hand(scenario, es256, {"alg": "ES256", "typ": "logout+jwt"}),
    "a critical extension": lambda scenario: by_hand(scenario, es256, {"alg": "ES256", "crit": ["b64"], "b64": True}),
    "an algorithm that is not the key's": lambda scenario: scenario.signed(RSA, "PS256", "three"),
    "expired": lambda scenario: scenario.token(exp=minutes_away(-1)),
    "no expiry": lambda scenario: scenario.token(exp=None),
    "not yet valid": lambda scenario: scenario.token(nbf=minutes_away(10)),
    "issued in the future": lambda scenario: scenario.token(iat=minutes_away(10)),
    "signed in in the future": lambda scenario: scenario.token(auth_time=minutes_away(10).timestamp()),
    "signed in at a text": lambda scenario: scenario.token(auth_time="1700000000"),
    "issued before 1970": lambda scenario: scenario.token(iat=-1),
    "an expiry as text": lambda scenario: by_hand(scenario, es256, {"alg": "ES256"}, exp=str(2**40)),
    "no instant of issue": lambda scenario: scenario.token(iat=None),
    "issued before the first year": lambda scenario: scenario.token(iat=-1e300),
    "wrong audience": lambda scenario: scenario.token(aud="another"),
    "no audience": lambda scenario: scenario.token(aud=None),
    "another audience, our client": lambda scenario: scenario.token(aud="another", **access_token(scenario)),
    "an identity token of our client": lambda scenario: scenario.token(
        aud=None, **access_token(scenario) | {"token_use": "id"}
    ),
    "wrong issuer": lambda scenario: scenario.token(iss="https://evil.example/"),
    "no issuer": lambda scenario: scenario.token(iss=None),
    "no subject": lambda scenario: scenario.token(sub=None),
    "an empty subject": lambda scenario: scenario.token(sub=""),
    "no key": lambda _: {"X-API-KEY": ""},
    "garbage for a key": lambda _: {"X-API-KEY": "\xe9 #\x00'"},
    "an unknown key": lambda _: {"X-API-KEY": f"lockstep_{'0' * 26}"},
    "the digest of a key": lambda scenario: {
        "X-API-KEY": scenario.world.api_key(scenario.olive, Scope.WRITE).key.digest
    },
    "a valid token and an invalid key": lambda scenario: {**scenario.token(), "X-API-KEY": "none"},
    "a revoked key": revoked,
    "an expired key": expired,
    "a key of a deleted member": key_of_the_deleted,
    "a deleted member": deleted,
    "an old token of a recreated account": recreated_account,
    "a token of a stranger that may only read": lambda scenario: scenario.token("stranger", aud="reader"),
    "an old token that may only read of a recreated account": lambda scenario: recreated_account(
        scenario, "nina", aud="reader"
    ),
}
