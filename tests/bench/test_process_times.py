"""The processor time of other processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.process_times import PROCESSES, processor_seconds

SECONDS = 0.3
SPIN = f"""
import time
while time.process_time() < {SECONDS}:
    pass
"""
WAIT = "\nprint('ready', flush=True)\ninput()"
# A child that has ended counts as well.
SPIN_IN_CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {SPIN!r}])"


@pytest.mark.skipif(not Path(PROCESSES, "self").exists(), reason="this machine has no /proc")
@pytest.mark.parametrize("program", [SPIN + WAIT, SPIN_IN_CHILD + WAIT])
def test_the_time_of_a_process_and_of_its_children_is_counted(program: str) -> None:
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        used = processor_seconds(process.pid)
        process.communicate(b"\n")
    assert used is not None
    # It is read in hundredths of a second.
    assert used >= SECONDS - 0.01


def test_an_ended_process_has_none() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert processor_seconds(ended.pid) is None
