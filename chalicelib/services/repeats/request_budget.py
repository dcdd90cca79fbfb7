"""The request units and the time of one request about a repeat (R36, R40)."""

from datetime import timedelta

from chalicelib.metrics import current_metrics
from chalicelib.services.context import Context

# A request starts no step after this time.
REQUEST_FOR = timedelta(seconds=10)
# A request about a repeat costs at most 150 units. The rest is for what follows the last step.
REQUEST_UNITS = 140
# The cost of a lock for a member with large days. It may follow occurrences that were skipped, which cost little.
LEAST_ASSUMED = 60


class RequestBudget:
    """The budget of a request that works in steps, and leaves the rest to the schedule.

    A step is assumed to cost at most 60 units, or twice as much as the most expensive one before it.
    """

    def __init__(self, context: Context) -> None:
        """Begin the time of the request."""
        self._context = context
        self._until = context.clock() + REQUEST_FOR
        self._spent: float | None = None
        self._most_of_a_step = 0.0

    def permits_step(self) -> bool:
        """Return whether the request may do another step. It is asked before each."""
        spent, assumed = current_metrics().units, 0.0
        if self._spent is not None:
            self._most_of_a_step = max(self._most_of_a_step, spent - self._spent)
            assumed = max(LEAST_ASSUMED, 2 * self._most_of_a_step)
        self._spent = spent
        return self._context.clock() < self._until and spent + assumed <= REQUEST_UNITS
