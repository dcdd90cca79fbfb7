"""The image of the local run, whose files, packages and entry point are tried without Docker.

The Dockerfile is read, its last stage is copied to an empty folder, and its requirements are installed there. The
lines that only Docker executes, such as the user of the process, are compared with what they must say.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
import yaml

from infra.local.engine import ROOT
from infra.web.build import build

# Installs packages, and starts a local run.
pytestmark = pytest.mark.long

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
_, PACKAGES_STAGE, _, LAST_STAGE = DOCKERFILE.split("\nFROM ")
PORT = "8000"


def instructions(name: str, text: str = LAST_STAGE) -> list[str]:
    """Return the arguments of the instructions of a kind."""
    return re.findall(rf"^{name} (.*)$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files and packages of the image."""
    root = tmp_path_factory.mktemp("image")
    uv = Path(sys.executable).with_name("uv")
    (install,) = re.findall(r"uv (pip install .*)", instructions("RUN", PACKAGES_STAGE)[0])
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, root / ".venv"], check=True)
    for copied in instructions("COPY", PACKAGES_STAGE):
        copy(copied, root)
    subprocess.run([uv, *install.split()], cwd=root, check=True)
    for copied in instructions("COPY"):
        copy(copied, root)
    return root


def copy(arguments: str, root: Path) -> None:
    """Copy what a COPY instruction names. The packages of another stage are installed already."""
    *options, source, target = arguments.split()
    if options == ["--from=packages"]:
        return
    path = build() if options == ["--from=pages"] else ROOT / source
    place = root / target / (path.name if target == "./" else "")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    if path.is_dir():
        shutil.copytree(path, place, ignore=ignored)
    else:
        shutil.copy(path, place)


@pytest.fixture
def served(image: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process of the entry point, and its port."""
    variables = dict(pair.split("=") for line in instructions("ENV") for pair in line.split())
    assert variables["PORT"] == PORT
    # Any free port, which the first line of the output names.
    environment = {"PATH": os.environ["PATH"], **variables, "PORT": "0"}
    (entry_point,) = instructions("ENTRYPOINT")
    with subprocess.Popen(json.loads(entry_point), cwd=image, env=environment, stdout=subprocess.PIPE) as process:
        yield process, process.stdout.readline().decode().strip().rpartition(":")[2]
        process.terminate()


def health(image: Path, port: str) -> int:
    """Return the exit status of the health check."""
    (check,) = re.findall(r"CMD (\[.*\])", instructions("HEALTHCHECK")[0])
    command = json.loads(check.replace(f":{PORT}/", f":{port}/"))
    return subprocess.run(command, cwd=image, capture_output=True, check=False).returncode


def test_the_entry_point_serves_the_api_and_the_web_app_until_it_is_stopped(
    image: Path, served: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, port = served
    assert health(image, port) == 0
    base = f"http://127.0.0.1:{port}"
    assert urllib3.request("POST", f"{base}/dev/sign-in", json={"name": "Ada"}).json()["token"]
    page = urllib3.request("GET", f"{base}/", headers={"Accept": "text/html"})
    assert (page.status, b"<script" in page.data) == (200, True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert health(image, port) != 0


def test_the_image_has_no_packages_for_development(image: Path) -> None:
    names = {path.name for path in (image / ".venv/lib").glob("python*/site-packages/*")}
    assert {"chalice", "ministack", "pynamodb"} <= names
    assert names & {"pytest", "ruff", "mypy", "selenium"} == set()


def test_the_process_has_no_rights_that_it_does_not_need() -> None:
    assert instructions("USER") == ["lockstep"]
    assert instructions("EXPOSE") == [PORT]
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["lockstep"]
    # Other machines do not reach it, since anyone could sign in.
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
