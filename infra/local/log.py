"""The log of the service on this machine, filtered by level."""

import json
import logging
from collections.abc import Callable

from infra.local.engine import CannotStartError

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def log_lines(least: str) -> Callable[[str], None]:
    """Return a function that logs the service's lines from a level upward. Raises CannotStartError."""
    if least not in LEVELS:
        raise CannotStartError(f"LOCKSTEP_LOG must be one of {', '.join(LEVELS)}, not {least!r}.")
    # Not the logger with the app's name, which Chalice formats in its own way.
    log = logging.getLogger("service")
    log.setLevel(LEVELS[least])

    def write(line: str) -> None:
        log.log(LEVELS[json.loads(line)["level"]], "%s", line)

    return write
