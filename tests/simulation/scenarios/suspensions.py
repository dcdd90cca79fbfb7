"""The operations that meet a suspension by Fay, who is staff (R47)."""

from tests.simulation.scenarios.operations import ActorOperation, UseCase

SUSPEND_ADA, SUSPEND_BEN = (ActorOperation(UseCase.SUSPEND, "Fay", name) for name in ("Ada", "Ben"))
LIFT_ADA = ActorOperation(UseCase.LIFT, "Fay", "Ada")
OPERATIONS = (
    SUSPEND_ADA,
    SUSPEND_BEN,
    LIFT_ADA,
    ActorOperation(UseCase.BOOK, "Ada"),
    ActorOperation(UseCase.BOOK, "Ada", slot="midnight", option="a key"),
    ActorOperation(UseCase.BATCH, "Ada"),
    ActorOperation(UseCase.LOCK, "Ada", "Cy"),
    ActorOperation(UseCase.LOCK, "Cy", "Ada"),
    ActorOperation(UseCase.ACCEPT, "Dee", "Ada"),
    ActorOperation(UseCase.CANCEL, "Ada"),
    ActorOperation(UseCase.CANCEL, "Ben"),
    ActorOperation(UseCase.SET, "Ada", option="not available"),
    ActorOperation(UseCase.BLOCK, "Cy", "Ada"),
    ActorOperation(UseCase.DELETE, "Ada"),
    ActorOperation(UseCase.RETURN, "Ada"),
    ActorOperation(UseCase.DELIVER),
    ActorOperation(UseCase.FINALIZE),
    ActorOperation(UseCase.SWEEP),
    ActorOperation(UseCase.JOBS),
)
WHERE = (
    "no slot is booked",
    "Ada and Ben are matched, Cy waits",
    "Ada and Ben are locked in, Cy and Dee matched",
    "Ada waits at nine and after midnight",
    "Ada was about to be erased",
    "Ada and Ben are about to begin, Cy waits",
)
# The orders of operations in a session that has begun.
BEGUN_OPERATIONS = (
    ActorOperation(UseCase.ASK, "Ada"),
    ActorOperation(UseCase.ASK, "Cy"),
    ActorOperation(UseCase.JOIN, "Ben"),
    ActorOperation(UseCase.DELIVER),
)
BOTH_ALONE = "Ada and Cy have joined, their partners Ben and Dee have not"
