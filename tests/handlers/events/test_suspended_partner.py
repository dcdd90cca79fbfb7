"""The partner of a suspended member gets every message that the partner of a member who cancels gets (R47)."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage

import http_ece
import pytest
from chalice.test import Client
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.channels.web_push import BrowserKeys, decoded, encoded, public_key
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.member import Profile
from chalicelib.domain.model.notices import Channel, Delivery
from chalicelib.handlers.deliveries import email, push, webhook
from chalicelib.handlers.events.day_stream import handle_day_records
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.notices.calendar_feeds import make_feed
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices
from chalicelib.services.notices.push_subscriptions import Browser, add_subscription
from chalicelib.services.notices.webhooks import make_webhook
from tests.announcements import announce_all, day_records, record_channels
from tests.channels.receiver import URL, Receiver
from tests.handlers.all_routes import api, token
from tests.harness import MONDAY, World, at
from tests.outbox import connect_outbox
from tests.staff_acts import suspend

ELEVEN = at(3)
BROWSER_KEY = ec.derive_private_key(12345, ec.SECP256R1())
POINT = public_key((12345 - 1).to_bytes(32))
AUTH = encoded(b"sixteen bytes...")
DELIVER = {Channel.EMAIL: email.deliver, Channel.PUSH: push.deliver, Channel.WEBHOOK: webhook.deliver}
# The ids of events, the tokens of addresses, the numbers that follow from a random id, and the tags of push messages.
RANDOM = re.compile(r'evt_[0-9a-z]+|[0-9a-z]{24,}|(?<=SEQUENCE:)\d+|(?<="tag":")[\w-]{32}')

Parting = Callable[[World, Profile], None]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def cancel(world: World, ada: Profile) -> None:
    world.cancel(ada, world.seen(ada, ELEVEN) or {})


def notified(world: World, name: str) -> tuple[Profile, str]:
    """Return a new member who gets every kind of message, and the path of the member's calendar feed."""
    ben = get_or_create_member(world.context, Claims(world.settings.issuer, name, name, None, "UTC", MONDAY))
    kinds = tuple(EventKind)
    address = f"{name}@example.org"
    change = NoticesChange(address=address, verified_address=address, email_kinds=kinds, push_kinds=kinds)
    change_notices(world.context, ben.member_id, change)
    add_subscription(world.context, ben.member_id, Browser(URL, BrowserKeys(POINT, AUTH)))
    make_webhook(world.context, ben.member_id, URL, kinds)
    return ben, f"/c/{make_feed(world.context, ben.member_id).token}.ics"


def messages(
    world: World, receiver: Receiver, part: Parting, *, locked: bool, minutes_before: int
) -> dict[str, list[str]]:
    """Return all that Ben gets and sees after Ada has parted from him, without ids."""
    world.clear()
    world.now = MONDAY
    receiver.received.clear()
    _, queues = record_channels(world)
    outbox = connect_outbox(world)
    world.context.channels.http = receiver.client()
    (ben, feed), ada = notified(world, "ben"), world.member("Ada")
    world.book(ada, ELEVEN)
    world.favorite(ben, ada)
    session = world.lock(ben, ada, ELEVEN) if locked else world.book(ben, ELEVEN)
    announce_all(world)
    queues.deliveries.clear()
    world.now = ELEVEN.start - timedelta(minutes=minutes_before)
    part(world, ada)
    own = [record for record in day_records(world) if ben.member_id in record["dynamodb"]["Keys"]["PK"]["S"]]
    assert handle_day_records(world.context, own) == {"batchItemFailures": []}
    for delivery in queues.deliveries:
        if isinstance(delivery, Delivery) and delivery.channel in DELIVER:
            DELIVER[delivery.channel](world.context, delivery)
    with Client(api(world)) as client:
        headers = {"Authorization": f"Bearer {token(world, 'ben')}"}
        paths = (f"/v1/sessions/{session['sessionId']}", "/v1/events", "/v1/people", "/v1/availability/favorites", feed)
        seen = {path: client.http.get(path, headers=headers if path != feed else {}).body.decode() for path in paths}
    names = {ben.member_id: "ben", ada.member_id: "ada", session["sessionId"]: "session"}
    found = {
        "mails": [parts_of(mail) for mail in outbox.parsed()],
        "received": [shown(one.headers, one.body) for one in receiver.received],
        "seen": list(seen.values()),
    }
    return {kind: [without_ids(text, names) for text in texts] for kind, texts in found.items()}


def parts_of(mail: EmailMessage) -> str:
    """Return the headers and the decoded parts of a mail."""
    headers = [f"{name}: {value}" for name, value in mail.items() if name != "Content-Type"]
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    return "\n".join([*headers, *(part if isinstance(part, str) else part.decode() for part in parts)])


def shown(headers: dict[str, str], body: bytes) -> str:
    """Return a message to a browser as the browser reads it, or a webhook's body."""
    if headers.get("content-encoding") != "aes128gcm":
        return body.decode()
    text: bytes = http_ece.decrypt(body, private_key=BROWSER_KEY, auth_secret=decoded(AUTH), version="aes128gcm")
    return text.decode()


def without_ids(text: str, names: dict[str, str]) -> str:
    for member_id, name in names.items():
        text = text.replace(member_id, name)
    return RANDOM.sub("...", text)


@pytest.mark.long  # Every channel in two worlds.
@pytest.mark.parametrize("minutes_before", [90, 30], ids=["in time", "late"])
@pytest.mark.parametrize("locked", [False, True], ids=["matched", "locked in"])
def test_r47_every_message_to_the_partner_is_that_after_a_cancel(
    world: World, receiver: Receiver, locked: bool, minutes_before: int
) -> None:
    by_cancel = messages(world, receiver, cancel, locked=locked, minutes_before=minutes_before)
    assert (len(by_cancel["mails"]), len(by_cancel["received"])) == (1, 2)
    assert "partner_cancelled" in json.dumps(by_cancel["received"])
    by_staff = messages(world, receiver, suspend, locked=locked, minutes_before=minutes_before)
    assert by_staff == by_cancel
    assert "suspen" not in json.dumps(by_staff)
