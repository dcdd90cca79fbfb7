"""The initial states, made once by the use cases and copied for each run."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from msgspec.structs import replace

from chalicelib.domain.model.document import Document
from chalicelib.domain.model.event import EventKind
from chalicelib.domain.model.member import PartnerGender, Profile
from chalicelib.domain.model.notices import NoticeSettings, Webhook
from chalicelib.storage.documents import document_item
from chalicelib.storage.mappers import profile_item
from infra.in_memory_dynamodb.table import InMemoryTable
from infra.simulation.deployment import TABLE
from infra.simulation.faults import RequestFault
from infra.simulation.interleaved_client import PlannedFault
from tests.simulation.engine.simulation_run import InitialState, Scenario, SimulationRun
from tests.simulation.oracles.commit_oracle import MOVE_CUTOFF
from tests.simulation.oracles.event_oracle import WEBHOOK_KINDS
from tests.simulation.oracles.table_history import account, values_of
from tests.simulation.scenarios.cast import IDS, MORNING, NAMES, SLOTS
from tests.simulation.scenarios.operations import ActorOperation, UseCase

BOOK, LOCK = UseCase.BOOK, UseCase.LOCK
A_SECOND = timedelta(seconds=1)
# The number of latest writes of days in an initial state whose events are not announced yet.
UNANNOUNCED = 4
# The end of the name of an initial state in which all members subscribe to their events.
SUBSCRIBED = ", and all are subscribed"


@dataclass(frozen=True)
class Preparation:
    """The history of an initial state, with its profiles and its operations, one after the other.

    The operations `before_start` run 5 minutes before the slot at nine. The run starts `ahead` of the slot. At that
    instant the operations `in_session` have run. The last
    `undelivered` stream records are not delivered yet. The actors of the `unfinished` operations crashed after their
    first write.
    """

    operations: tuple[ActorOperation, ...] = ()
    profiles: tuple[Profile, ...] = ()
    ahead: timedelta = timedelta(hours=1)
    undelivered: int = 0
    unfinished: tuple[ActorOperation, ...] = ()
    before_start: tuple[ActorOperation, ...] = ()
    in_session: tuple[ActorOperation, ...] = ()


def profile(name: str, **settings: object) -> Profile:
    """Return a member with default settings except for these."""
    made = Profile(IDS[name], name, "UTC", MORNING - timedelta(days=30), f"first {name}")
    return replace(made, **settings)  # type: ignore[arg-type]


ALL_PROFILES = tuple(profile(name) for name in NAMES)


def prepared(name: str, preparation: Preparation) -> InitialState:
    """Run the history of an initial state. Call the function inside of `simulator_environment` only."""
    table = InMemoryTable(TABLE, lambda: 0.0)
    profiles = [profile_item(one) for one in preparation.profiles or ALL_PROFILES]
    table.load(item.serialize() for item in profiles)
    before = InitialState(f"before {name}", MORNING - timedelta(hours=1), table, values_of(profiles))
    run = SimulationRun(before, Scenario(()))
    start = SLOTS["nine"].start - preparation.ahead
    stages = (
        (None, preparation.operations),
        (SLOTS["nine"].start - timedelta(minutes=5), preparation.before_start),
        (start, preparation.in_session),
    )
    for at, operations in stages:
        if at and operations:
            run.interleaver.advance(at - run.interleaver.now())
        for operation in operations:
            operation_run = run.run_alone(operation)
            if operation_run.refusal or operation_run.failed:
                raise AssertionError(f"{name}: {operation}") from operation_run.refusal or operation_run.failed
    if preparation.unfinished:
        run = _crashed(run, preparation.unfinished)
    if run.violation:
        raise run.violation
    return InitialState(
        name,
        start,
        run.table,
        run.history.now,
        tuple(run.stream),
        tuple(run.stream[len(run.stream) - preparation.undelivered :]),
        frozenset(run.commit_oracle.cancelled_pairs),
        tuple(run.day_commits[-UNANNOUNCED:]),
    )


def _crashed(before: SimulationRun, operations: tuple[ActorOperation, ...]) -> SimulationRun:
    """Continue with operations whose actors crash after their first write."""
    initial_state = InitialState(
        f"{before.initial_state.name}, crashed",
        before.interleaver.now(),
        before.table,
        before.history.now,
        tuple(before.stream),
        unannounced=tuple(before.day_commits),
    )
    plan = {(actor, -1): PlannedFault(RequestFault.CRASH_AFTER) for actor in range(len(operations))}
    run = SimulationRun(initial_state, Scenario(operations, plan))
    run.run(lambda tasks, _: tasks[0])
    return run


def _favorites(*pairs: str) -> tuple[ActorOperation, ...]:
    return tuple(ActorOperation(UseCase.FAVORITE, *pair.split()) for pair in pairs)


LIKED = _favorites("Ada Ben", "Ada Cy", "Ben Ada", "Cy Ada", "Dee Ada", "Dee Ben", "Cy Dee")
LINK = ActorOperation(UseCase.INVITE, "Ada", option="1")


def _book(*names: str, slot: str = "nine") -> tuple[ActorOperation, ...]:
    return tuple(ActorOperation(BOOK, name, slot=slot) for name in names)


def _matched(slot: str = "nine") -> tuple[ActorOperation, ...]:
    return (*LIKED, LINK, *_book("Ada", "Ben", slot=slot))


_MISSED = (
    *LIKED,
    LINK,
    *_book("Ada"),
    ActorOperation(UseCase.SNOOZE, "Dee", "Ada"),
    ActorOperation(UseCase.BLOCK, "Ada", "Cy"),
    *_book("Cy"),
    ActorOperation(UseCase.UNBLOCK, "Ada", "Cy"),
)
# Ada may be paired with Cy and Ben with Dee, but not Cy with Dee. Finalizing moves a pair, so that all have a partner.
_CROSSED = (*_matched(), ActorOperation(UseCase.BLOCK, "Cy", "Dee"), *_book("Cy", "Dee"))

PREPARATIONS: Mapping[str, Preparation] = {
    "no slot is booked": Preparation((*LIKED, LINK)),
    "Ada and Ben are matched, Cy waits": Preparation((*_matched(), *_book("Cy"))),
    "Ada and Ben are locked in, Cy and Dee matched": Preparation(
        (*LIKED, LINK, *_book("Ada"), ActorOperation(LOCK, "Ben", "Ada"), *_book("Cy", "Dee"))
    ),
    "Ada and Ben are matched, and so are Cy and Dee": Preparation((*_matched(), *_book("Cy", "Dee"))),
    "Ada and Cy wait although they are compatible": Preparation(_MISSED, undelivered=2),
    "Ada and Ben are matched at midnight, Cy waits after": Preparation(
        (*_matched("midnight"), *_book("Cy", slot="after midnight"))
    ),
    "Cy has cancelled on Ada, who waits": Preparation(
        (*LIKED, LINK, *_book("Ada", "Cy"), ActorOperation(UseCase.CANCEL, "Cy")), undelivered=1
    ),
    "Ada was about to part from Ben, who is blocked": Preparation(
        (*_matched(), *_book("Cy")), unfinished=(ActorOperation(UseCase.BLOCK, "Ada", "Ben"),), undelivered=1
    ),
    "Ada was about to be erased": Preparation(
        (*_matched(), *_book("Cy")), unfinished=(ActorOperation(UseCase.DELETE, "Ada"),), undelivered=1
    ),
    "Ada waits and has an API key": Preparation((*LIKED, LINK, *_book("Ada"), ActorOperation(UseCase.MAKE_KEY, "Ada"))),
    "Ada has deleted the account": Preparation((*_matched(), ActorOperation(UseCase.DELETE, "Ada"))),
    "soon Ada and Cy start unmatched although they are compatible": Preparation(
        _MISSED, ahead=timedelta(minutes=9), undelivered=2
    ),
    "soon Cy and Dee start unmatched, Ada and Ben are matched": Preparation(_CROSSED, ahead=timedelta(minutes=9)),
    "moves are about to end, Cy waits": Preparation((*_matched(), *_book("Cy")), ahead=MOVE_CUTOFF + A_SECOND),
    "Ada and Ben are about to begin, Cy waits": Preparation((*_matched(), *_book("Cy")), ahead=A_SECOND),
}

# All want a partner of their own gender, but none has stated a gender, so no pair is compatible (R6).
ALONE = tuple(replace(one, partner_gender=PartnerGender.SAME) for one in ALL_PROFILES)
KEY = ActorOperation(UseCase.MAKE_KEY, "Ada")
# States with more members or a longer history than most runs need.
SPECIAL_PREPARATIONS: Mapping[str, Preparation] = {
    "Ada waits at nine and after midnight": Preparation(
        (*LIKED, LINK, *_book("Ada"), *_book("Ada", slot="after midnight"))
    ),
    "Ada has deleted the account, which is not erased yet": Preparation(
        (*LIKED, LINK, *_book("Ada", "Ben")), unfinished=(ActorOperation(UseCase.DELETE, "Ada"),)
    ),
    "Dee blocks Ada, a favorite": Preparation((*LIKED, LINK, ActorOperation(UseCase.BLOCK, "Dee", "Ada"))),
    "Ada's recorded response has expired": Preparation((ActorOperation(BOOK, "Ada", option="a key"),)),
    "Ada has an API key, and it is nearly midnight": Preparation((KEY,), ahead=-timedelta(hours=15, milliseconds=-4)),
    "Ada has an API key that was used yesterday": Preparation(
        (KEY, ActorOperation(UseCase.CALL, "Ada")), ahead=-timedelta(hours=15, minutes=1)
    ),
    "Cy and Dee are in session": Preparation((*LIKED, LINK, *_book("Cy", "Dee")), ahead=-timedelta(minutes=20)),
    "Cy has cancelled two matches, Ada and Dee wait": Preparation(
        (
            *_book("Ada", "Cy"),
            ActorOperation(UseCase.CANCEL, "Cy"),
            *_book("Dee", "Cy", slot="midnight"),
            ActorOperation(UseCase.CANCEL, "Cy", slot="midnight"),
        )
    ),
    "Ada and Ben met yesterday": Preparation(_matched(), ahead=-timedelta(hours=16)),
    "Eve has no account": Preparation((*LIKED, *_book("Ada")), tuple(one for one in ALL_PROFILES if one.name != "Eve")),
    "Ada and Cy wait, and no two members are compatible": Preparation(_book("Ada", "Cy"), ALONE),
    "Ada, Cy and Dee wait, and no two members are compatible": Preparation(_book("Ada", "Cy", "Dee"), ALONE),
}


# States for the campaign only. The search for mutants does not need them.
CAMPAIGN_PREPARATIONS: Mapping[str, Preparation] = {
    "Ada waits, and Dee, who has no day, has just blocked her": Preparation(
        (*LIKED, LINK, *_book("Ada")), unfinished=(ActorOperation(UseCase.BLOCK, "Dee", "Ada"),), undelivered=1
    ),
}

_PAIRED = (*LIKED, *_book("Ada", "Ben", "Cy", "Dee"))
_LOCKED = (*LIKED, *_book("Ada"), ActorOperation(LOCK, "Ben", "Ada"), *_book("Cy", "Dee"))
JOIN, ASK = UseCase.JOIN, UseCase.ASK
# States three minutes after the start, for the scenarios of second chances (R38).
IN_SESSION_PREPARATIONS: Mapping[str, Preparation] = {
    "Ada and Cy have joined, their partners Ben and Dee have not": Preparation(
        _PAIRED, ahead=-timedelta(minutes=3), in_session=(ActorOperation(JOIN, "Ada"), ActorOperation(JOIN, "Cy"))
    ),
    "Cy asks for another partner, Ada is locked in with Ben, who has not joined": Preparation(
        _LOCKED,
        ahead=-timedelta(minutes=3),
        in_session=(ActorOperation(JOIN, "Ada"), ActorOperation(JOIN, "Cy"), ActorOperation(ASK, "Cy")),
        undelivered=1,
    ),
    "second chances are about to end, Ada and Cy have joined, Ben and Dee have not": Preparation(
        _PAIRED,
        ahead=-timedelta(minutes=9, seconds=59, milliseconds=980),
        in_session=(ActorOperation(JOIN, "Ada"), ActorOperation(JOIN, "Cy")),
    ),
    "Ada has joined and lost Ben before the start, Cy has joined, Dee has not": Preparation(
        _PAIRED,
        ahead=-timedelta(minutes=3),
        before_start=(ActorOperation(JOIN, "Ada"), ActorOperation(UseCase.CANCEL, "Ben")),
        in_session=(ActorOperation(JOIN, "Cy"),),
    ),
    "Ada and Ben have joined, Cy asks for another partner, Eve is unmatched": Preparation(
        (*_PAIRED, *_book("Eve")),
        ahead=-timedelta(minutes=3),
        in_session=(
            ActorOperation(JOIN, "Ada"),
            ActorOperation(JOIN, "Ben"),
            ActorOperation(JOIN, "Cy"),
            ActorOperation(ASK, "Cy"),
        ),
    ),
}

ALL_PREPARATIONS = {**PREPARATIONS, **SPECIAL_PREPARATIONS, **CAMPAIGN_PREPARATIONS, **IN_SESSION_PREPARATIONS}
INITIAL_STATES = tuple(sorted((*PREPARATIONS, *CAMPAIGN_PREPARATIONS)))


@cache
def initial_state(name: str) -> InitialState:
    """Return the initial state of that name."""
    if name.endswith(SUBSCRIBED):
        return _subscribed(initial_state(name.removesuffix(SUBSCRIBED)))
    return prepared(name, ALL_PREPARATIONS[name])


def _subscribed(before: InitialState) -> InitialState:
    """Return the initial state with mails of all kinds of events for each member, and a webhook of some kinds."""
    items = [document_item(replace(document, version=1)) for name in NAMES for document in _subscriptions(IDS[name])]
    present = [item for item in items if isinstance(account(before.values, item.pk.partition("#")[2]), Profile)]
    table = InMemoryTable(TABLE, lambda: 0.0)
    table.resume(before.table)
    table.load(item.serialize() for item in present)
    return dataclasses.replace(
        before, name=before.name + SUBSCRIBED, table=table, values={**before.values, **values_of(present)}
    )


def _subscriptions(member_id: str) -> Iterator[Document]:
    kinds = tuple(EventKind)
    yield NoticeSettings(member_id=member_id, address="a@example.org", verified=True, email_kinds=kinds)
    url = "https://example.org/hook"
    yield Webhook(member_id=member_id, webhook_id="first", url=url, kinds=WEBHOOK_KINDS, made_at=MORNING)
