"""A local run that serves the present build of the web app."""

import pytest

from infra.local.run_process import LocalRun


@pytest.fixture(scope="session")
def run(built_app: None, run: LocalRun) -> LocalRun:
    """The run of all browser tests, which starts after the build."""
    return run
