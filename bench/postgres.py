"""A PostgreSQL of this machine on a new cluster in a temporary folder, which ends with its data."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

# Where Debian and its descendants keep the programs of each version.
VERSIONS = Path("/usr/lib/postgresql")
# PostgreSQL refuses to run as root, which then takes the first of these users.
USERS = ("postgres", "daemon")
OWNER = "lockstep"


def find_programs() -> Path | None:
    """Return the folder with `initdb` and `pg_ctl`, the newest if there are several, None without PostgreSQL."""
    named = shutil.which("initdb")
    folders = [Path(named).resolve().parent] if named else []
    if VERSIONS.is_dir():
        numbered = sorted((path for path in VERSIONS.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
        folders += [path / "bin" for path in reversed(numbered)]
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


class Postgres:
    """A server with a database, reached by a socket in its folder only.

    A commit is on the disk before it is answered, unless `durable` is false.
    """

    def __init__(self, programs: Path, *, durable: bool = True) -> None:
        """Make the cluster and start the server. Raises CalledProcessError."""
        self._programs = programs
        self._user = _user()
        # The address of a socket has at most 107 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="pg-")
        self._data = Path(self._folder.name, "data")
        if self._user:
            os.chown(self._folder.name, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "--auth=trust", f"--username={OWNER}", "--no-locale", "--encoding=UTF8", "--no-sync")
        state = "on" if durable else "off"
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder.name} -c max_connections=200"
        options += f" -c fsync={state} -c synchronous_commit={state}"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self._folder.name}/log", f"--options={options}")
        self.address = f"host={self._folder.name} user={OWNER} dbname=postgres"

    @property
    def pid(self) -> int:
        """The id of the first process, the parent of all others."""
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")
        self._folder.cleanup()

    def _run(self, program: str, *arguments: str) -> None:
        user = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        command = [str(self._programs / program), f"--pgdata={self._data}", *arguments]
        # The server inherits the output, so that a pipe would stay open as long as it runs.
        subprocess.run(command, cwd=self._folder.name, stdout=subprocess.DEVNULL, check=True, **user)


def _user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    return next(found for name in USERS for found in [_named(name)] if found)


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
