"""An ordinary account and the worst account, each with members around it, on an in-memory table.

The items are those of real transactions, but most are loaded without requests.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from bench.account_items import (
    ALONE,
    STARTED,
    event_log,
    favorite,
    history,
    pairs,
    relations,
    sessions_ahead,
    sessions_today,
    slots_ahead,
    stored_id,
    tomorrow_with_waiting,
    waiting_booking,
)
from bench.account_sizes import ORDINARY, START, TOMORROW, AccountSize
from bench.stored_demand import hours_of_demand
from chalicelib.channels.web_push import BrowserKeys
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.booking import Booking
from chalicelib.domain.model.member import Profile, RelationKind, Tombstone
from chalicelib.domain.model.public_url import LONGEST_URL
from chalicelib.domain.model.repeat import MADE_AHEAD, Repeat, Weekday
from chalicelib.domain.model.slot import Slot, day_start
from chalicelib.domain.model.webhook_delivery import MOST_LISTED
from chalicelib.services.bookings.book import book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.members.api_keys import make_api_key
from chalicelib.services.members.invite_links import InviteLimits, make_invite
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.members.relationships import set_relation
from chalicelib.services.members.watches import set_watch
from chalicelib.services.notices.calendar_feeds import make_feed
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices
from chalicelib.services.notices.push_subscriptions import MOST_SUBSCRIPTIONS, Browser, add_subscription
from chalicelib.services.notices.webhook_requests import request_test
from chalicelib.services.notices.webhooks import make_webhook
from chalicelib.services.repeats.member_repeats import make_repeat
from chalicelib.storage.documents import document_item
from chalicelib.storage.items import Item
from chalicelib.storage.mappers import account_item
from infra.simulation.client import Latency
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment
from infra.simulation.stream_delivery import EventSource

# The unverified e-mail address of the account.
ADDRESS = "member@example.org"
# The secret of the provider of rooms.
ROOM_SECRET = "a secret of the provider with 40 letters"  # noqa: S105 - no real one
WEBHOOK_URL = "https://hooks.example/".ljust(LONGEST_URL, "a")


class StageMembers(Struct, frozen=True):
    """The members of a stage, whose names are the subjects of their tokens.

    `member` and `partner` are matched in each session ahead and in one that has started, `target` and `rival` in each
    session ahead, `waiting` and `other` too. `waiting` also waits in the last half hour of tomorrow. `member` has
    favorited `target`, snoozed `snoozed` and blocked `blocked`. `stranger` has favorited `member` and nothing else.
    """

    member: Profile
    partner: Profile
    target: Profile
    rival: Profile
    waiting: Profile
    other: Profile
    stranger: Profile
    snoozed: Profile
    blocked: Profile


class StageIds(Struct, frozen=True):
    """The ids and tokens that requests name, one of each kind that `member` has.

    `former_id` is a deleted account that was a partner in the oldest session. `watched_id` is a favorite that `member`
    watches. `link` is the token of the target's invite link, and `own_link` that of the member's with `link_id`.
    `repeat_id` is a repeat that has made no session. `event_id` was sent to the webhook as a test.
    """

    former_id: str
    watched_id: str
    link: str
    own_link: str
    link_id: str
    key_id: str
    feed: str
    feed_id: str
    browser_id: str
    webhook_id: str
    event_id: str
    repeat_id: str


class AccountStage(Struct, frozen=True):
    """A deployment with an account of one size, its members and ids, and the slots of the sessions ahead."""

    world: SimulatedDeployment
    members: StageMembers
    ids: StageIds
    slots: tuple[Slot, ...]

    @property
    def member(self) -> Profile:
        """The owner of the account."""
        return self.members.member

    @property
    def session_id(self) -> str:
        """The first session of the member."""
        return waiting_booking(self.member, self.slots[0], "").booking_id

    @property
    def started(self) -> Booking:
        """The member's session that has started, which both members may join."""
        return self._today(STARTED)

    @property
    def alone(self) -> Booking:
        """The member's session whose partner has not joined."""
        return self._today(ALONE)

    def _today(self, slot: Slot) -> Booking:
        first, *_ = pairs(ORDINARY, self.member, self.members.partner, [slot])
        return first


def populate(size: AccountSize, source: EventSource = EventSource()) -> AccountStage:
    """Build an account of that size and the members around it, in a deployment with that source of stream records."""
    world = SimulatedDeployment(DeploymentOptions(START, latency=Latency(0, 0), source=source, schedules=False))
    rooms = replace(world.context.settings.rooms, webhook_secret=ROOM_SECRET)
    world.context.settings = replace(world.context.settings, rooms=rooms, attendance=True)
    members = StageMembers(*(sign_in(world, name) for name in StageMembers.__struct_fields__))
    former_id = stored_id("former", members.member, 0)
    _load_stored(world, size, members, former_id)
    if size.limit_is_open:
        _book_and_cancel(world, members.member)
    watched_id = _relate(world, size, members)
    ids = _make_things(world, size, members, former_id, watched_id)
    return AccountStage(world, members, ids, tuple(slots_ahead(size)))


def sign_in(world: SimulatedDeployment, name: str) -> Profile:
    """Return the profile of the member with that subject at the issuer, created by the first call."""
    claims = Claims(world.context.settings.issuer, name, name.title(), None, "UTC", START)
    return get_or_create_member(world.context, claims)


def _load_stored(world: SimulatedDeployment, size: AccountSize, members: StageMembers, former_id: str) -> None:
    """Load what the account has of sessions, relations, events and demand."""
    member = members.member
    for one, other in (
        (member, members.partner),
        (members.target, members.rival),
        (members.waiting, members.other),
    ):
        _load(world, sessions_ahead(size, one, other))
    _load(world, sessions_today(size, member, members.partner))
    _load(world, tomorrow_with_waiting(size, members.waiting, members.other))
    _load(world, relations(size, member))
    _load(world, [account_item(Tombstone(former_id, START, "operation", erased=True))])
    _load(world, history(size, member, former_id))
    for n in range(size.favorites - 1):
        _load(world, favorite(replace(members.stranger, member_id=stored_id("favorite", member, n))))
    _load(world, map(document_item, hours_of_demand(size)))
    _load(world, map(document_item, event_log(size, member)))


def _load(world: SimulatedDeployment, items: Iterable[Item]) -> None:
    world.table.load(item.serialize() for item in items)


def _book_and_cancel(world: SimulatedDeployment, member: Profile) -> None:
    slot = Slot(day_start(TOMORROW) + timedelta(hours=23), 25)
    booked = book_session(world.context, member, BookingRequest(slot), None)
    cancel_session(world.context, member.member_id, booked.view.booking.booking_id)


def _relate(world: SimulatedDeployment, size: AccountSize, members: StageMembers) -> str:
    """Make the last favorite, snooze and block of the member, and a watch. Return the id of the watched favorite."""
    context, me = world.context, members.member.member_id
    set_relation(context, me, members.target.member_id, RelationKind.FAVORITE)
    set_relation(context, members.stranger.member_id, me, RelationKind.FAVORITE)
    until = START + timedelta(days=9)
    set_relation(context, me, members.snoozed.member_id, RelationKind.SNOOZE, until=until)
    set_relation(context, me, members.blocked.member_id, RelationKind.BLOCK)
    watched_id = stored_id("favorite", members.member, 0)
    if size.favorites > 1:
        set_watch(context, me, watched_id)
    return watched_id


def _make_things(
    world: SimulatedDeployment, size: AccountSize, members: StageMembers, former_id: str, watched_id: str
) -> StageIds:
    """Make the links, keys, destinations and repeats of the member, as many of each as its size says."""
    context, me = world.context, members.member.member_id
    own = [make_invite(context, me, InviteLimits()) for _ in range(size.links)]
    theirs = make_invite(context, members.target.member_id, InviteLimits())
    made = [make_api_key(context, me, f"Script {n}", Scope.WRITE) for n in range(size.keys)]
    feed = make_feed(context, me)
    browser_keys = BrowserKeys("x" * 87, "x" * 22)
    browsers = [Browser(f"https://push.example/{n}", browser_keys) for n in range(MOST_SUBSCRIPTIONS)]
    pushed = [add_subscription(context, me, browser) for browser in browsers]
    hooks = [make_webhook(context, me, WEBHOOK_URL, ()) for _ in range(size.webhooks)]
    # As many deliveries as a list shows.
    tests = [request_test(context, me, hooks[0].webhook_id) for _ in range(MOST_LISTED)]
    repeats = [_repeat(world, size, me, number) for number in range(size.repeats)]
    change_notices(context, me, NoticesChange(address=ADDRESS))
    return StageIds(
        former_id=former_id,
        watched_id=watched_id,
        link=theirs.token,
        own_link=own[0].token,
        link_id=own[0].link.link_id,
        key_id=made[0].key.key_id,
        feed=feed.token,
        feed_id=feed.feed.feed_id,
        browser_id=pushed[0].subscription_id,
        webhook_id=hooks[0].webhook_id,
        event_id=tests[0].event.event_id,
        repeat_id=repeats[0].repeat_id,
    )


def _repeat(world: SimulatedDeployment, size: AccountSize, member_id: str, number: int) -> Repeat:
    """Make a daily repeat with the title of the account, whose first occurrence is not due yet.

    Each number has another first date, since equal repeats are one.
    """

    def pattern(repeat_id: str, now: datetime) -> Repeat:
        return Repeat(
            member_id=member_id,
            repeat_id=repeat_id,
            weekdays=tuple(Weekday),
            time="23:00",
            time_zone="UTC",
            minutes=25,
            first=(now + 2 * MADE_AHEAD + timedelta(days=number)).date(),
            changed_at=now,
            made_at=now,
            title=size.title,
        )

    return make_repeat(world.context, member_id, pattern).repeat
