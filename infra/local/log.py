"""The log of the service on this machine: of its lines those that matter here."""

import json
import logging
from collections.abc import Callable

from infra.local.engine import CannotStartError

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def log_lines(least: str) -> Callable[[str], None]:
    """What takes the service's lines, and logs those that are of some level at least."""
    if least not in LEVELS:
        raise CannotStartError(f"LOCKSTEP_LOG is none of {', '.join(LEVELS)}: {least!r}.")
    # Chalice has a logger of the app's name, and formats what it is given in its own way.
    log = logging.getLogger("service")
    log.setLevel(LEVELS[least])

    def tell(line: str) -> None:
        log.log(LEVELS[json.loads(line)["level"]], "%s", line)

    return tell
