"""Runners for the tests: one for all, one for those who move its clock or its stream."""

from collections.abc import Iterator

import pytest

from infra.local.engine import Engine
from tests.contract.client import Client, Runner, Slots


@pytest.fixture(scope="session")
def own_engine() -> Iterator[str]:
    """The engine under `api`, as LOCKSTEP_ENGINE names one."""
    with Engine() as started:
        yield started.url


@pytest.fixture(scope="session")
def api(own_engine: str) -> Iterator[Runner]:
    """The runner that most tests share; nobody moves its clock or its stream."""
    runner = Runner(own_engine)
    yield runner
    complaints = runner.complaints()
    assert runner.stop() == 0
    assert complaints == []


@pytest.fixture(scope="session")
def shared_lab() -> Iterator[Runner]:
    """A runner with an engine of its own, as `make run` starts it."""
    runner = Runner()
    yield runner
    complaints = runner.complaints()
    assert runner.stop() == 0
    assert complaints == []


@pytest.fixture
def lab(shared_lab: Runner) -> Iterator[Runner]:
    """The runner whose clock and stream a test may move; both are put back."""
    yield shared_lab
    shared_lab.travel(None)
    shared_lab.stream(enabled=True)


@pytest.fixture
def slots(api: Runner) -> Slots:
    """Slots on `api` that no other test uses."""
    return api.slots


@pytest.fixture
def ada(api: Runner) -> Client:
    """A new member."""
    return api.sign_in("Ada")


@pytest.fixture
def ben(api: Runner) -> Client:
    """Another new member."""
    return api.sign_in("Ben")


@pytest.fixture
def cy(api: Runner) -> Client:
    """A third new member."""
    return api.sign_in("Cy")


@pytest.fixture
def dee(api: Runner) -> Client:
    """A fourth new member."""
    return api.sign_in("Dee")
