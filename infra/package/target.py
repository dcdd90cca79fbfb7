"""The interpreters for which a release is packaged, and their packages."""

import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.cloudformation.functions import PYTHON
from infra.local.engine import ROOT

# Lambda's operating system is Amazon Linux 2023, with a newer C library than this platform needs.
PLATFORM = "{}-manylinux_2_28"
LOCK = ROOT / "requirements.lock"


@dataclass(frozen=True)
class PackageTarget:
    """A version of Python on a kind of processor, in the words of Python's own modules."""

    python: str
    machine: str

    @property
    def is_of_this_python(self) -> bool:
        """True if the modules that this interpreter compiles are those of the target."""
        return self.python == THIS_MACHINE.python

    def install(self, directory: Path) -> None:
        """Put the locked packages of the target into an empty directory, without compiling any."""
        uv = Path(sys.executable).with_name("uv")
        command = f"pip install --quiet --no-deps --only-binary :all: --require-hashes --python-version {self.python}"
        places = ["--python-platform", PLATFORM.format(self.machine), "--target", str(directory), "-r", str(LOCK)]
        subprocess.run([str(uv), *command.split(), *places], check=True)


# The functions of the stack.
LAMBDA = PackageTarget(PYTHON, "aarch64")
# The emulated stack and the tests, which run the zip with this interpreter.
THIS_MACHINE = PackageTarget(f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine())
