"""A population with sessions, favorites, links and past sessions, the same in every run.

All ids and random choices come from seeds. So two worlds that differ in one relation give equal bytes wherever the
relation leaves no trace.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Self

from chalice.app import Chalice

from chalicelib.channels.web_push import BrowserKeys
from chalicelib.domain.decisions.eligibility import AVAILABLE_AHEAD
from chalicelib.domain.model.api_key import Scope
from chalicelib.domain.model.member import Availability, Gender, Profile
from chalicelib.services.members.delete import delete_account
from chalicelib.services.members.profiles import Claims, get_or_create_member
from chalicelib.services.notices.calendar_feeds import make_feed
from chalicelib.services.notices.push_subscriptions import Browser, add_subscription
from chalicelib.services.notices.webhook_requests import request_test
from chalicelib.services.notices.webhooks import make_webhook
from chalicelib.services.slot_matching.demand_count import count_demand
from chalicelib.storage.connection import Table
from tests.handlers.all_routes import api
from tests.harness import MONDAY, World, at, settings
from tests.repeat_run import repeated

# The members of the population, without the crowd.
BLOCKER, BLOCKED, THIRD, FOURTH = "Vera", "Kim", "Tom", "Wes"
CROWD = [f"Member {number}" for number in range(6)]
# The instant of the change. The requests are sent a minute later.
CHANGE = MONDAY + timedelta(minutes=10)
AHEAD = timedelta(days=100)
# The hours from the start of the test to the blocker's sessions ahead, two of them beyond two weeks.
SLOTS_AHEAD = (1, 27, 130, 15 * 24, 40 * 24)
# The slot of a pair ahead of the blocker and the blocked member.
PAIR_SLOT = at(5)
# The hours from the start of the test to the sessions that the members of a varied population draw.
VARIED_HOURS = (*SLOTS_AHEAD, 11, 13, 33, 59, 101, 351)
# The slots ahead in which a member may wait.
COUNTED = (PAIR_SLOT, at(3.25, minutes=25), *map(at, {*VARIED_HOURS, 9, 29, 51, 99}))


class Pairing(Enum):
    """The origin of the pair of the blocker and the blocked member."""

    BLOCKED_LOCKS = "the blocked member locked the blocker in"
    BLOCKER_LOCKS = "the blocker locked the blocked member in"
    AT_RANDOM = "matched at random"


class SmallCommunity:
    """The members of a deployment on an empty table, and its app.

    `blocker_books` is False for a blocker without sessions ahead. With `taken` each of these sessions is locked in with
    another member. With `paired` the blocker and the blocked member also have a pair ahead. A `seed` draws settings,
    further favorites and sessions of the members. Two populations on one engine need names of their own.
    """

    def __init__(
        self,
        table: Table,
        *,
        name: str = "",
        blocker_books: bool = True,
        taken: bool = False,
        paired: Pairing | None = None,
        seed: int | None = None,
    ) -> None:
        self.name = name
        self.world = World(settings("unused", "unused"), None, table)  # type: ignore[arg-type]
        self.world.context.log = lambda _line: None
        self.members: dict[str, Profile] = {}
        self.app: Chalice = api(self.world)
        self.names: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}
        self._begin()
        if seed is not None:
            self._vary(Random(seed))
        if blocker_books:
            self._book_blocker(taken=taken)
        if paired:
            self._pair(paired)

    @contextmanager
    def seeded(self, purpose: str) -> Iterator[None]:
        """Draw all ids and random choices inside from the seed `purpose`."""
        self.world.context.ids, self.world.context.rng = Random(f"ids {self.name}{purpose}"), Random(purpose)
        self.world.context.queue_shards.clear()
        yield

    def sign_in(self, name: str, signed_in_at: datetime = MONDAY - AHEAD) -> Profile:
        """Return the member of that name, whose account is created by the first call."""
        claims = Claims(self.world.settings.issuer, name, name, None, "UTC", signed_in_at)
        self.members[name] = get_or_create_member(self.world.context, claims)
        return self.members[name]

    def _begin(self) -> None:
        """Create the members with past sessions, sessions ahead, links and keys."""
        world = self.world
        world.now = MONDAY - timedelta(days=10)
        with self.seeded("members"):
            vera, kim, tom, wes, *crowd = (self.sign_in(name) for name in (BLOCKER, BLOCKED, THIRD, FOURTH, *CROWD))
            self.befriend(kim, vera, tom, wes)
            self.befriend(tom, vera, kim)
            self.befriend(vera, tom, crowd[0])
            self.befriend(wes, vera)
            self.befriend(crowd[-1], vera)
        with self.seeded("the past"):
            for days, one, other in ((-8, kim, vera), (-7, vera, tom), (-6, kim, tom)):
                world.book(other, at(days * 24))
                past = world.lock(one, other, at(days * 24))
                if other is vera:
                    past_session = past["sessionId"]
            # A session that has begun before the change, which no block parts.
            world.book(vera, at(0, minutes=25))
            world.lock(kim, vera, at(0, minutes=25))
        world.now = MONDAY
        with self.seeded("the sessions of others"):
            world.book(crowd[0], at(29))
            own = {kim: world.book(kim, at(3.25, minutes=25), title="Reading"), tom: world.book(tom, at(9))}
            world.book(tom, at(51))
            world.lock(kim, tom, at(51))
            world.cancel(kim, world.book(kim, at(99)))
            world.book(kim, at(29))
        with self.seeded("links and keys"):
            links = {member: world.invite(member, max_uses=5) for member in (vera, kim, tom)}
            for member in (kim, tom):
                names = self._own_names(member) | {"sessionId": own[member]["sessionId"]}
                self.names[member.name] = names | {"pastId": past_session}
        self.tokens |= {member.name: link for member, link in links.items()}

    def _own_names(self, member: Profile) -> dict[str, str]:
        """Return the ids of the member's link, of new destinations, and of a delivery to the webhook among them."""
        (listed,) = self.world.links(member)
        feed = make_feed(self.world.context, member.member_id)
        webhook = make_webhook(self.world.context, member.member_id, "https://hooks.example/in", ()).webhook_id
        browser = Browser(f"https://push.example/{member.name}", BrowserKeys("a point", "a secret"))
        return {
            "pushSubscriptionId": add_subscription(self.world.context, member.member_id, browser).subscription_id,
            "inviteLinkId": listed.link_id,
            "apiKeyId": self.world.api_key(member, Scope.READ).key.key_id,
            "calendarFeedId": feed.feed.feed_id,
            "file": f"{feed.token}.ics",
            "repeatId": repeated(self.world, member, first=MONDAY.date() + timedelta(days=60)).repeat_id,
            "webhookId": webhook,
            "eventId": request_test(self.world.context, member.member_id, webhook).event.event_id,
        }

    def _vary(self, rng: Random) -> None:
        """Draw settings, favorites, and sessions of all but the blocker and the blocked member.

        None of the sessions is in a slot that a request names.
        """
        crowd = [self.members[name] for name in CROWD]
        others = [self.members[THIRD], self.members[FOURTH], *crowd]
        with self.seeded("variation"):
            for member in [self.members[BLOCKER], *others]:
                self.world.set(member, availability=rng.choice(list(Availability)), gender=rng.choice([None, *Gender]))
            for member in self.members.values():
                self.befriend(member, *(other for other in rng.sample(crowd, 3) if other != member))
            if rng.random() < 0.5:
                self.befriend(self.members[BLOCKER], self.members[BLOCKED])
            for member in others:
                for hours in rng.sample(VARIED_HOURS, 4):
                    self.world.book(member, at(hours))

    def _book_blocker(self, *, taken: bool) -> None:
        """Book the blocker's sessions ahead, each locked in with one of the crowd if `taken`."""
        # No favorite of the blocked member, whose availability of favorites would have more days to read.
        vera, taker = self.members[BLOCKER], self.members[CROWD[-1]]
        for hours in SLOTS_AHEAD:
            with self.seeded(f"the blocker's session {hours}"):
                self.world.book(vera, at(hours))
            if taken and at(hours).start <= self.world.now + AVAILABLE_AHEAD:
                with self.seeded(f"the lock of the other {hours}"):
                    self.world.set(vera, availability=Availability.EVERYONE)
                    self.world.lock(taker, vera, at(hours))

    def _pair(self, pairing: Pairing) -> None:
        """Pair the blocked member with the blocker."""
        vera, kim = self.members[BLOCKER], self.members[BLOCKED]
        locks = pairing is not Pairing.AT_RANDOM
        first, second = (kim, vera) if pairing is Pairing.BLOCKER_LOCKS else (vera, kim)
        if pairing is Pairing.BLOCKER_LOCKS:
            self.befriend(vera, kim)
        with self.seeded("the pair"):
            self.world.book(first, PAIR_SLOT)
            if locks:
                self.world.lock(second, first, PAIR_SLOT)
            else:
                self.world.book(second, PAIR_SLOT)
            seen, self.pair_of_blocker = (self.world.seen(member, PAIR_SLOT) for member in (kim, vera))
            assert seen
            assert len(seen["users"]) == 2
            self.pair = seen["sessionId"]
            self.names[kim.name]["sessionId"] = self.pair

    def befriend(self, member: Profile, *others: Profile) -> None:
        """Add favorites of a member."""
        self.world.favorite(member, *others)

    def change(self, change: Callable[[Self], None] | None) -> Self:
        """Apply a change at the instant CHANGE, count the demand, and advance the clock by a minute."""
        self.world.now = CHANGE
        with self.seeded("the change"):
            if change:
                change(self)
        with self.seeded("the demand"):
            count_demand(self.world.context, COUNTED)
        self.world.now = CHANGE + timedelta(minutes=1)
        return self

    def delete_and_return(self, name: str) -> None:
        """Delete a member's account, sign in again, and set the favorites, sessions, a link and a key as before."""
        world, before = self.world, self.members[name]
        delete_account(world.context, before.member_id, deleted_at=MONDAY)
        with self.seeded("the return"):
            member = self.sign_in(name, MONDAY + timedelta(minutes=1))
            others = [self.members[other] for other in (BLOCKER, BLOCKED, THIRD, FOURTH) if other != name]
            self.befriend(member, *others)
            self.tokens[name] = world.invite(member, max_uses=5)
            if name == BLOCKER:
                for hours in SLOTS_AHEAD:
                    world.book(member, at(hours))
                return
            session = world.book(member, at(3.25, minutes=25), title="Reading")
            self.names[name] |= self._own_names(member) | {"sessionId": session["sessionId"]}
