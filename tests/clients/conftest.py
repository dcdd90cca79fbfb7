"""The clients as `make clients` writes them, and a runner for their story."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.client import ROOT, Runner


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of both clients."""
    directory = tmp_path_factory.mktemp("clients")
    command = [sys.executable, "-m", "infra.clients", str(directory)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "WARNING" not in found.stdout + found.stderr
    return directory


@pytest.fixture
def runner() -> Iterator[Runner]:
    """A runner without the complaint of an error."""
    with Runner() as started:
        yield started
        assert started.complaints() == []
