"""An ordinary account and the worst account, each with members around it, on an in-memory table.

The items are those of real transactions, but loaded without requests.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.channels.web_push import BrowserKeys
from chalicelib.domain.decisions.booking_rules import BookingRequest
from chalicelib.domain.decisions.day_editor import DayChange
from chalicelib.domain.decisions.demand_view import MOST_JUDGED
from chalicelib.domain.decisions.queue_rows import row_changes
from chalicelib.domain.decisions.title_items import title_changes
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.booking import Booking, BookingChange, ChangeKind, QueuePosition, State
from chalicelib.domain.model.day import Day
from chalicelib.domain.model.demand import KEPT_IN_HOUR, HourOfDemand, WaitingMember
from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import EVENTS_KEPT, ROWS_KEPT, Event, EventKind, EventLog, EventRow, event_id
from chalicelib.domain.model.ids import encode, session_id
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.member import Profile, RelationKind, Tombstone
from chalicelib.domain.model.public_url import LONGEST_URL
from chalicelib.domain.model.repeat import MADE_AHEAD, MOST_REPEATS, Repeat, Weekday
from chalicelib.domain.model.slot import Slot, day_start, slots_between
from chalicelib.domain.model.title import LONGEST_IN_DAY
from chalicelib.domain.model.webhook_delivery import MOST_LISTED
from chalicelib.services.bookings.book import book_session
from chalicelib.services.bookings.cancel import cancel_session
from chalicelib.services.members.api_keys import make_api_key
from chalicelib.services.members.invite_links import InviteLimits, make_invite
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.members.relationships import set_relation
from chalicelib.services.members.watches import set_watch
from chalicelib.services.notices.calendar_feeds import make_feed
from chalicelib.services.notices.event_list import MOST_EVENTS
from chalicelib.services.notices.notice_settings import NoticesChange, change_notices
from chalicelib.services.notices.push_subscriptions import MOST_SUBSCRIPTIONS, Browser, add_subscription
from chalicelib.services.notices.webhook_requests import request_test
from chalicelib.services.notices.webhooks import make_webhook
from chalicelib.services.repeats.member_repeats import make_repeat
from chalicelib.storage import keys
from chalicelib.storage.day_mappers import day_item, title_item
from chalicelib.storage.documents import document_item
from chalicelib.storage.items import Item, RelationItem
from chalicelib.storage.mappers import account_item, row_item
from infra.simulation.client import Latency
from infra.simulation.deployment import DeploymentOptions, SimulatedDeployment
from infra.simulation.stream_delivery import EventSource

# The unverified e-mail address of the account.
ADDRESS = "member@example.org"
START = datetime(2026, 12, 1, 8, tzinfo=UTC)
# The slot of a session that its members may join, and the secret of the provider of its room.
STARTED = Slot(START, 25)
# The slot of a session that the member alone has joined, five minutes after its start.
ALONE = Slot(START - timedelta(minutes=5), 25)
ROOM_SECRET = "a secret of the provider with 40 letters"  # noqa: S105 - no real one
TOMORROW = (START + timedelta(days=1)).date()
# A date has 48 footprints of half an hour. The last two stay free for the requests.
MOST_A_DATE = 46
BOOKINGS_OF_A_FAVORITE = 10


class AccountSize(Struct, frozen=True):
    """The size of an account.

    `a_date` is the number of sessions on each date ahead, from tomorrow. `limit_is_open` says that the account has
    booked near the limit of bookings before, which opened the versioned limit (R36).
    """

    past_days: int
    ahead: int
    a_date: int
    title: str
    favorites: int
    followers: int
    blocks: int
    links: int
    keys: int
    webhooks: int = 1
    repeats: int = 2
    hours_of_demand: int = 40
    expired_events: int = 0
    limit_is_open: bool = False


ORDINARY = AccountSize(
    past_days=100, ahead=20, a_date=3, title="Write", favorites=20, followers=10, blocks=5, links=2, keys=2
)
# The longest title has 200 characters, here of 4 bytes each.
WORST = AccountSize(
    past_days=2000,
    ahead=199,
    a_date=3,
    title="\N{GRINNING FACE}" * 200,
    favorites=199,
    followers=10_000,
    blocks=499,
    links=49,
    keys=49,
    webhooks=9,
    repeats=MOST_REPEATS - 1,
    # Every hour of the longest calendar, each with as many waiting members as it can hold.
    hours_of_demand=35 * 24,
    # The table has not yet deleted them, and a page reads them first.
    expired_events=ROWS_KEPT - MOST_EVENTS,
    limit_is_open=True,
)


# The worst account with its sessions on as few dates as possible, and the longest titles that stay in their days.
DENSEST = replace(WORST, a_date=MOST_A_DATE, title="a" * LONGEST_IN_DAY)
# An account whose next booking opens the versioned limit of bookings (R36).
NEAR_THE_LIMIT = replace(DENSEST, past_days=0, favorites=1, followers=0, blocks=2, links=1, keys=1, limit_is_open=False)
WEBHOOK_URL = "https://hooks.example/".ljust(LONGEST_URL, "a")


class AccountStage(Struct, frozen=True):
    """A deployment with the account `member` of one size, and the members and ids that requests name.

    `member` and `partner` are matched in each session ahead and in one that has started. `target` and a further member
    are matched in the same slots as these.
    `waiting` waits in the last half hour of tomorrow. `former_id` is the id of a deleted account that was a partner in
    the oldest session. `member` has favorited `target`, snoozed `snoozed` and blocked `blocked`. `stranger` has
    favorited `member` and nothing else. `link` is the token of the target's invite link,
    `own_link` that of one of the member's, with the id `link_id`. `key_id` is the id of an API key. `feed` is the
    token of the member's calendar feed with the id `feed_id`. `browser_id` is the id of a push subscription.
    `watched_id` is a favorite that `member` watches.
    `repeat_id` is the id of a repeat that has made no session.
    `webhook_id` is the id of a webhook and `event_id` that of a test that was sent to it.
    """

    world: SimulatedDeployment
    member: Profile
    partner: Profile
    target: Profile
    waiting: Profile
    former_id: str
    snoozed: Profile
    blocked: Profile
    stranger: Profile
    link: str
    own_link: str
    link_id: str
    key_id: str
    feed: str
    feed_id: str
    browser_id: str
    webhook_id: str
    event_id: str
    watched_id: str
    repeat_id: str
    slots: tuple[Slot, ...]

    @property
    def session_id(self) -> str:
        """The first session of the member."""
        return _booking(self.member, self.slots[0], "").booking_id

    @property
    def started(self) -> Booking:
        """The member's session that has started, which both members may join."""
        first, *_ = _pairs(ORDINARY, self.member, self.partner, [STARTED])
        return first

    @property
    def alone(self) -> Booking:
        """The member's session whose partner has not joined."""
        first, *_ = _pairs(ORDINARY, self.member, self.partner, [ALONE])
        return first


def populate(size: AccountSize, source: EventSource = EventSource()) -> AccountStage:
    """Build an account of that size and the members around it, in a deployment with that source of stream records."""
    world = SimulatedDeployment(DeploymentOptions(START, latency=Latency(0, 0), source=source, schedules=False))
    names = ("member", "partner", "target", "rival", "waiting", "other", "stranger", "snoozed", "blocked")
    members = {name: sign_in(world, name) for name in names}
    member, partner, target, rival, waiting, other, stranger, snoozed, blocked = members.values()
    load = partial(_load, world)
    for one, another in ((member, partner), (target, rival), (waiting, other)):
        load(_sessions(size, one, another))
    alone, absent = _pairs(size, member, partner, [ALONE])
    absent = replace(absent, partner=replace(absent.partner, joined_at=ALONE.start))
    load(_items([*_pairs(size, member, partner, [STARTED]), replace(alone, joined_at=ALONE.start), absent]))
    rooms = replace(world.context.settings.rooms, webhook_secret=ROOM_SECRET)
    world.context.settings = replace(world.context.settings, rooms=rooms, attendance=True)
    load(_relations(size, member))
    former = Tombstone(_member_id("former", member, 0), START, "operation", erased=True)
    load([account_item(former), *_history(size, member, former.member_id)])
    if size.limit_is_open:
        _book_and_cancel(world, member)
    for n in range(size.favorites - 1):
        load(_favorite(replace(stranger, member_id=_member_id("favorite", member, n))))
    last = Slot(day_start(TOMORROW) + timedelta(hours=23, minutes=30), 25)
    load(_with_waiting(size, waiting, other, last))
    say = partial(set_relation, world.context)
    say(member.member_id, target.member_id, RelationKind.FAVORITE)
    say(stranger.member_id, member.member_id, RelationKind.FAVORITE)
    say(member.member_id, snoozed.member_id, RelationKind.SNOOZE, until=START + timedelta(days=9))
    say(member.member_id, blocked.member_id, RelationKind.BLOCK)
    watched = _member_id("favorite", member, 0)
    if size.favorites > 1:
        set_watch(world.context, member.member_id, watched)
    load(document_item(_hour_of_demand(size, START + timedelta(hours=n))) for n in range(size.hours_of_demand))
    own = [make_invite(world.context, member.member_id, InviteLimits()) for _ in range(size.links)]
    theirs = make_invite(world.context, target.member_id, InviteLimits())
    made = [make_api_key(world.context, member.member_id, f"Script {n}", Scope.WRITE) for n in range(size.keys)]
    feed = make_feed(world.context, member.member_id)
    browsers = [
        Browser(f"https://push.example/{n}", BrowserKeys("x" * 87, "x" * 22)) for n in range(MOST_SUBSCRIPTIONS)
    ]
    pushed = [add_subscription(world.context, member.member_id, browser) for browser in browsers]
    hooks = [make_webhook(world.context, member.member_id, WEBHOOK_URL, ()) for _ in range(size.webhooks)]
    # As many deliveries as a list shows.
    tests = [request_test(world.context, member.member_id, hooks[0].webhook_id) for _ in range(MOST_LISTED)]
    repeats = [_repeat(size, world, member, number) for number in range(size.repeats)]
    change_notices(world.context, member.member_id, NoticesChange(address=ADDRESS))
    load(map(document_item, _event_log(size, member)))
    return AccountStage(
        world,
        member,
        partner,
        target,
        waiting,
        former.member_id,
        snoozed,
        blocked,
        stranger,
        link=theirs.token,
        own_link=own[0].token,
        link_id=own[0].link.link_id,
        key_id=made[0].key.key_id,
        feed=feed.token,
        feed_id=feed.feed.feed_id,
        browser_id=pushed[0].subscription_id,
        webhook_id=hooks[0].webhook_id,
        event_id=tests[0].event.event_id,
        watched_id=watched,
        repeat_id=repeats[0].repeat_id,
        slots=tuple(_slots(size)),
    )


def sign_in(world: SimulatedDeployment, name: str) -> Profile:
    """Return the profile of the member with that subject at the issuer, created by the first call."""
    claims = Claims(world.context.settings.issuer, name, name.title(), None, "UTC", START)
    return get_or_create_member(world.context, claims)


def _repeat(size: AccountSize, world: SimulatedDeployment, member: Profile, number: int) -> Repeat:
    """Make a daily repeat with the title of the account, whose first occurrence is not due yet.

    Each number has another first date, since equal repeats are one.
    """

    def pattern(repeat_id: str, now: datetime) -> Repeat:
        return Repeat(
            member_id=member.member_id,
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

    return make_repeat(world.context, member.member_id, pattern).repeat


def _load(world: SimulatedDeployment, items: Iterable[Item]) -> None:
    world.table.load(item.serialize() for item in items)


def _book_and_cancel(world: SimulatedDeployment, member: Profile) -> None:
    slot = Slot(day_start(TOMORROW) + timedelta(hours=23), 25)
    booked = book_session(world.context, member, BookingRequest(slot), None)
    cancel_session(world.context, member.member_id, booked.view.booking.booking_id)


def _member_id(kind: str, owner: Profile, number: int) -> str:
    return encode(f"{kind} {number:05} {owner.member_id}".encode(), 24)


def _event_log(size: AccountSize, member: Profile) -> Iterator[Document]:
    """Yield a log with the expired events and then a page of current ones, each of another session."""
    slots = cycle(_slots(size))
    count = size.expired_events + MOST_EVENTS
    for sequence in range(1, count + 1):
        booking = _booking(member, next(slots), "")
        key = event_id(booking.booking_id, sequence)
        event = Event(key, EventKind.MATCHED, member.member_id, START, booking.slot, booking.booking_id)
        expires = START + (timedelta(0) if sequence <= size.expired_events else EVENTS_KEPT)
        yield EventRow(member_id=member.member_id, sequence=sequence, events=(event,), expires=expires, version=1)
    yield EventLog(member_id=member.member_id, sequence=count, change_ids=("20261202.2147483647",) * 32, version=count)


def _slots(size: AccountSize) -> Iterator[Slot]:
    """Yield the slots of an account's sessions ahead, `a_date` on each date."""
    dates = (day_start(TOMORROW) + timedelta(days=n) for n in range(size.ahead))
    starts = (date + timedelta(minutes=30 * n) for date in dates for n in range(size.a_date))
    return (Slot(start, 25) for start in islice(starts, size.ahead))


def _booking(member: Profile, slot: Slot, title: str) -> Booking:
    token = encode(f"{slot.start:%H%M} {member.member_id}".encode(), 16)
    booking_id = session_id(member.member_id, slot.date, token)
    since = START - timedelta(days=1)
    position = QueuePosition(displaced=False, since=since)
    booking = Booking(booking_id, member.member_id, slot, since, State.WAITING, queue_position=position)
    return booking.titled(title)


def _pairs(size: AccountSize, one: Profile, other: Profile, slots: Iterable[Slot]) -> Iterator[Booking]:
    change = BookingChange(ChangeKind.MATCHED, START - timedelta(hours=1))
    for slot in slots:
        pair_id = encode(f"{slot.start:%d%H%M} {one.member_id}".encode(), 26)
        mine, theirs = (_booking(member, slot, size.title) for member in (one, other))
        yield mine.paired(theirs, State.MATCHED, pair_id, change)
        yield theirs.paired(mine, State.MATCHED, pair_id, change)


def _items(bookings: Iterable[Booking]) -> Iterator[Item]:
    """Yield the days that hold the bookings, with their rows and long titles."""
    days: dict[tuple[str, object], Day] = {}
    for booking in bookings:
        key = (booking.member_id, booking.slot.date)
        days[key] = days.get(key, Day(*key)).with_booking(booking)
    changes = [DayChange(Day(*day.key), day.written_by("operation")) for day in days.values()]
    yield from (day_item(change.after) for change in changes)
    yield from (row_item(row) for row in row_changes(changes).put)
    yield from (title_item(title) for title in title_changes(changes).put)


def _favorite(member: Profile) -> Iterator[Item]:
    """Yield the items of a favorite with ten bookings over the next two weeks."""
    yield account_item(member)
    starts = (day_start(TOMORROW) + timedelta(days=n, hours=9) for n in range(BOOKINGS_OF_A_FAVORITE))
    yield from _items(_booking(member, Slot(start, 50), "Write") for start in starts)


def _hour_of_demand(size: AccountSize, hour: datetime) -> HourOfDemand:
    """Return the demand of an hour, with one waiting member or, for the worst account, as many as the view can read.

    A view reads no further than to `MOST_JUDGED` members. One fewer fill the first hours, until they have no booking
    left (R36). The hours of the last week are full of others.
    """
    slots = list(slots_between(hour - timedelta(minutes=1), hour + timedelta(minutes=59)))
    known = HourOfDemand(hour=hour, version=1)
    number = (hour - START) // timedelta(hours=1)
    if size.hours_of_demand <= ORDINARY.hours_of_demand:
        return known.counting({slots[0]: (WaitingMember(encode(f"wait{number:011}".encode(), 24)),)})
    few, last_week = MOST_JUDGED - 1, number >= size.hours_of_demand - 7 * 24
    if number >= few * MemberLimits().bookings // KEPT_IN_HOUR and not last_week:
        return known
    found = range(number * KEPT_IN_HOUR, (number + 1) * KEPT_IN_HOUR)
    names = (f"late{n:011}" if last_week else f"wait{n % few:011}" for n in found)
    waiting = [WaitingMember(encode(name.encode(), 24)) for name in names]
    a_slot = KEPT_IN_HOUR // len(slots)
    return known.counting({slot: tuple(waiting[n * a_slot : (n + 1) * a_slot]) for n, slot in enumerate(slots)})


def _sessions(size: AccountSize, one: Profile, other: Profile) -> Iterator[Item]:
    return _items(_pairs(size, one, other, _slots(size)))


def _with_waiting(size: AccountSize, one: Profile, other: Profile, last: Slot) -> Iterator[Item]:
    """Yield the items of tomorrow again, with a waiting booking of `one` in the last half hour."""
    tomorrow = [slot for slot in _slots(size) if slot.date == TOMORROW]
    return _items([*_pairs(size, one, other, tomorrow), _booking(one, last, size.title)])


def _history(size: AccountSize, member: Profile, former_id: str) -> Iterator[Item]:
    """Yield the past days, each with two sessions that had a partner. The first session had the former member."""
    first = day_start(START.date()) - timedelta(days=size.past_days)
    starts = (first + timedelta(days=n, hours=9 + hour) for n in range(size.past_days) for hour in range(2))
    slots = [Slot(start, 50) for start in starts]
    former, met = (replace(member, member_id=one) for one in (former_id, _member_id("past partner", member, 0)))
    pairs = [*_pairs(size, member, former, slots[:1]), *_pairs(size, member, met, slots[1:])]
    for item in _items(booking for booking in pairs if booking.member_id == member.member_id):
        if not item.pk.startswith(keys.PAIRS):
            yield item


def _relations(size: AccountSize, member: Profile) -> Iterator[Item]:
    """Yield the member's favorites and blocks, and the relations of the member's followers.

    The last favorite and the last block are made by use cases.
    """
    me = member.member_id
    for n in range(size.favorites - 1):
        favorite = _member_id("favorite", member, n)
        for one, other in ((me, favorite), (favorite, me)):
            yield RelationItem(*keys.about(one, other), favorite=True)
            yield RelationItem(*keys.by(other, one), favorite=True)
    for n in range(size.blocks - 2):
        yield RelationItem(*keys.about(me, _member_id("blocked", member, n)), blocked=True)
    for n in range(size.followers):
        # The copy of each with its follower is left out: no request reads it.
        yield RelationItem(*keys.by(me, _member_id("follower", member, n)), favorite=True)
