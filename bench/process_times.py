"""The processor time of other processes, from Linux's `/proc`."""

import os
from pathlib import Path

PROCESSES = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
# The places after the name of the program: the parent, and the times of the process and of its ended children.
_PARENT, _TIMES = 1, slice(11, 15)


def processor_seconds(pid: int) -> float | None:
    """Return the seconds that a process and its children have used since their starts, None without `/proc`."""
    own = _stat(pid)
    if own is None:
        return None
    children = (stat for each in PROCESSES.iterdir() if each.name.isdigit() and (stat := _stat(int(each.name))))
    tree = [own, *(stat for stat in children if int(stat[_PARENT]) == pid)]
    return sum(int(ticks) for stat in tree for ticks in stat[_TIMES]) / _TICKS


def _stat(pid: int) -> list[str] | None:
    try:
        text = (PROCESSES / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name of the program is in parentheses and may have spaces.
    return text.rpartition(")")[2].split()
