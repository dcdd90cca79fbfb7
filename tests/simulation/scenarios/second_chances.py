"""The operations that meet in a session that has begun (R37, R38)."""

from tests.simulation.scenarios.operations import ActorOperation, UseCase

OPERATIONS = (
    ActorOperation(UseCase.JOIN, "Ben"),
    ActorOperation(UseCase.JOIN, "Dee"),
    ActorOperation(UseCase.JOIN, "Ada"),
    ActorOperation(UseCase.ASK, "Ada"),
    ActorOperation(UseCase.ASK, "Cy"),
    ActorOperation(UseCase.ASK, "Ben"),
    ActorOperation(UseCase.CANCEL, "Ada"),
    ActorOperation(UseCase.CANCEL, "Ben"),
    ActorOperation(UseCase.LOCK, "Dee", "Ada"),
    ActorOperation(UseCase.EDIT, "Ben"),
    ActorOperation(UseCase.BLOCK, "Ada", "Ben"),
    ActorOperation(UseCase.BLOCK, "Ada", "Cy"),
    ActorOperation(UseCase.SNOOZE, "Cy", "Ada"),
    ActorOperation(UseCase.DELETE, "Ada"),
    ActorOperation(UseCase.DELETE, "Ben"),
    ActorOperation(UseCase.DELIVER),
    ActorOperation(UseCase.FINALIZE),
    ActorOperation(UseCase.SWEEP),
)
