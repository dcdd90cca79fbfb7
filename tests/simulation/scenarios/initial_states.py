"""What there is before a play: prepared once, by the use cases themselves, and copied for every play."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from msgspec.structs import replace

from chalicelib.domain.model.member import PartnerGender, Profile
from chalicelib.storage.mappers import profile_item
from infra.in_memory_dynamodb.table import SimulatedTable
from infra.simulation.deployment import TABLE
from infra.simulation.faults import Fault
from infra.simulation.interleaved_client import Planned
from tests.simulation.engine.play import Play, Scene, Script
from tests.simulation.oracles.commit_oracle import FINAL
from tests.simulation.oracles.table_history import values_of
from tests.simulation.scenarios.cast import IDS, MORNING, NAMES, SLOTS
from tests.simulation.scenarios.operations import Operation, Verb

BOOK, LOCK = Verb.BOOK, Verb.LOCK
A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Prelude:
    """What has happened before: who is who, and what they did, one after the other.

    `ahead` is how long it is until nine when the play begins; of the stream the last records are `undelivered`.
    Whoever did what is `unfinished` crashed after the first write of it.
    """

    operations: tuple[Operation, ...] = ()
    profiles: tuple[Profile, ...] = ()
    ahead: timedelta = timedelta(hours=1)
    undelivered: int = 0
    unfinished: tuple[Operation, ...] = ()


def profile(name: str, **settings: object) -> Profile:
    """A member with default settings, but for these."""
    made = Profile(IDS[name], name, "UTC", MORNING - timedelta(days=30), f"first {name}")
    return replace(made, **settings)  # type: ignore[arg-type]


EVERYBODY = tuple(profile(name) for name in NAMES)


def prepared(name: str, prelude: Prelude) -> Scene:
    """Let everything happen that a prelude tells of; only between `stage_set` and its end."""
    table = SimulatedTable(TABLE, lambda: 0.0)
    profiles = [profile_item(one) for one in prelude.profiles or EVERYBODY]
    table.load(item.serialize() for item in profiles)
    before = Scene(f"before {name}", MORNING - timedelta(hours=1), table, values_of(profiles))
    play = Play(before, Script(()))
    for operation in prelude.operations:
        act = play.alone(operation)
        if act.refusal or act.failed:
            raise AssertionError(f"{name}: {operation}") from act.refusal or act.failed
    if prelude.unfinished:
        play = _crashed(play, prelude.unfinished)
    if play.violation:
        raise play.violation
    return Scene(
        name,
        SLOTS["nine"].start - prelude.ahead,
        play.table,
        play.held.now,
        tuple(play.stream),
        tuple(play.stream[len(play.stream) - prelude.undelivered :]),
        frozenset(play.watch.deserted),
    )


def _crashed(before: Play, operations: tuple[Operation, ...]) -> Play:
    """Go on with operations whose actors crash after their first write."""
    scene = Scene(
        f"{before.scene.name}, crashed", before.stage.now(), before.table, before.held.now, tuple(before.stream)
    )
    plan = {(actor, -1): Planned(Fault.CRASH_AFTER) for actor in range(len(operations))}
    play = Play(scene, Script(operations, plan))
    play.run(lambda tasks, _: tasks[0])
    return play


def _favorites(*pairs: str) -> tuple[Operation, ...]:
    return tuple(Operation(Verb.FAVORITE, *pair.split()) for pair in pairs)


LIKED = _favorites("Ada Ben", "Ada Cy", "Ben Ada", "Cy Ada", "Dee Ada", "Dee Ben", "Cy Dee")
LINK = Operation(Verb.INVITE, "Ada", manner="1")


def _book(*names: str, slot: str = "nine") -> tuple[Operation, ...]:
    return tuple(Operation(BOOK, name, slot=slot) for name in names)


def _matched(slot: str = "nine") -> tuple[Operation, ...]:
    return (*LIKED, LINK, *_book("Ada", "Ben", slot=slot))


_MISSED = (
    *LIKED,
    LINK,
    *_book("Ada"),
    Operation(Verb.SNOOZE, "Dee", "Ada"),
    Operation(Verb.BLOCK, "Ada", "Cy"),
    *_book("Cy"),
    Operation(Verb.UNBLOCK, "Ada", "Cy"),
)
# Ada may be paired with Cy and Ben with Dee, but Cy not with Dee: who finalizes moves a pair, and nobody is left.
_CROSSED = (*_matched(), Operation(Verb.BLOCK, "Cy", "Dee"), *_book("Cy", "Dee"))

PRELUDES: Mapping[str, Prelude] = {
    "nobody has booked": Prelude((*LIKED, LINK)),
    "Ada and Ben are matched, Cy waits": Prelude((*_matched(), *_book("Cy"))),
    "Ada and Ben are locked in, Cy and Dee matched": Prelude(
        (*LIKED, LINK, *_book("Ada"), Operation(LOCK, "Ben", "Ada"), *_book("Cy", "Dee"))
    ),
    "Ada and Ben are matched, and so are Cy and Dee": Prelude((*_matched(), *_book("Cy", "Dee"))),
    "Ada and Cy wait and have missed each other": Prelude(_MISSED, undelivered=2),
    "Ada and Ben are matched at midnight, Cy waits after": Prelude(
        (*_matched("midnight"), *_book("Cy", slot="after midnight"))
    ),
    "Cy has cancelled on Ada, who waits": Prelude(
        (*LIKED, LINK, *_book("Ada", "Cy"), Operation(Verb.CANCEL, "Cy")), undelivered=1
    ),
    "Ada was about to part from Ben, whom she has blocked": Prelude(
        (*_matched(), *_book("Cy")), unfinished=(Operation(Verb.BLOCK, "Ada", "Ben"),), undelivered=1
    ),
    "Ada was about to leave": Prelude(
        (*_matched(), *_book("Cy")), unfinished=(Operation(Verb.DELETE, "Ada"),), undelivered=1
    ),
    "Ada waits and has an API key": Prelude((*LIKED, LINK, *_book("Ada"), Operation(Verb.MAKE_KEY, "Ada"))),
    "Ada has left": Prelude((*_matched(), Operation(Verb.DELETE, "Ada"))),
    "soon Ada and Cy meet nobody, having missed each other": Prelude(
        _MISSED, ahead=timedelta(minutes=9), undelivered=2
    ),
    "soon Cy and Dee meet nobody, for Ada and Ben are matched": Prelude(_CROSSED, ahead=timedelta(minutes=9)),
    "Ada and Ben are about to be final, Cy waits": Prelude((*_matched(), *_book("Cy")), ahead=FINAL + A_SECOND),
    "Ada and Ben are about to begin, Cy waits": Prelude((*_matched(), *_book("Cy")), ahead=A_SECOND),
}

# With a preference for their own gender and none told, nobody suits anybody (R6).
ALONE = tuple(replace(one, partner_gender=PartnerGender.SAME) for one in EVERYBODY)
KEY = Operation(Verb.MAKE_KEY, "Ada")
# What takes more people, or more of a past, than most plays need.
SPECIAL: Mapping[str, Prelude] = {
    "Ada waits at nine and after midnight": Prelude(
        (*LIKED, LINK, *_book("Ada"), *_book("Ada", slot="after midnight"))
    ),
    "Ada has deleted the account, and nothing is erased": Prelude(
        (*LIKED, LINK, *_book("Ada", "Ben")), unfinished=(Operation(Verb.DELETE, "Ada"),)
    ),
    "Ada's answer to a key is kept no longer": Prelude((Operation(BOOK, "Ada", manner="a key"),)),
    "Ada has an API key, and it is nearly midnight": Prelude((KEY,), ahead=-timedelta(hours=15, milliseconds=-4)),
    "Ada has an API key that was used yesterday": Prelude(
        (KEY, Operation(Verb.CALL, "Ada")), ahead=-timedelta(hours=15, minutes=1)
    ),
    "Cy and Dee are in session": Prelude((*LIKED, LINK, *_book("Cy", "Dee")), ahead=-timedelta(minutes=20)),
    "Eve has never been here": Prelude((*LIKED, *_book("Ada")), tuple(one for one in EVERYBODY if one.name != "Eve")),
    "Ada and Cy wait, and nobody suits anybody": Prelude(_book("Ada", "Cy"), ALONE),
    "Ada, Cy and Dee wait, and nobody suits anybody": Prelude(_book("Ada", "Cy", "Dee"), ALONE),
}


SCENES = tuple(sorted(PRELUDES))


@cache
def scene(name: str) -> Scene:
    """A scene by its name."""
    return prepared(name, PRELUDES.get(name) or SPECIAL[name])
