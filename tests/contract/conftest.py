"""Runners for the tests: one for all, one for those who move its clock or its stream."""

from collections.abc import Iterator

import pytest

from infra.local.engine import Engine
from tests.contract.client import Client, Runner, Service
from tests.contract.slots import Slots


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, with `--stack`, what only the local runner has: a clock and a stream that a test may move."""
    if config.getoption("--stack"):
        moving = [item for item in items if "lab" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=moving)
        items[:] = [item for item in items if item not in moving]


@pytest.fixture(scope="session")
def own_engine() -> Iterator[str]:
    """The engine under `api`, as LOCKSTEP_ENGINE names one."""
    with Engine() as started:
        yield started.url


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The service that most tests share; nobody moves its clock or its stream. With `--stack` it is a deployed one."""
    if request.config.getoption("--stack"):
        yield request.getfixturevalue("deployed")
        return
    runner = Runner(request.getfixturevalue("own_engine"), log="info")
    yield runner
    complaints, given_away = runner.complaints(), runner.gave_away()
    assert runner.stop() == 0
    assert complaints == []
    assert given_away == []


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
def slots(api: Service) -> Slots:
    """Slots on `api` that no other test uses."""
    return api.slots


@pytest.fixture
def ada(api: Service) -> Client:
    """A new member."""
    return api.sign_in("Ada")


@pytest.fixture
def ben(api: Service) -> Client:
    """Another new member."""
    return api.sign_in("Ben")


@pytest.fixture
def cy(api: Service) -> Client:
    """A third new member."""
    return api.sign_in("Cy")


@pytest.fixture
def dee(api: Service) -> Client:
    """A fourth new member."""
    return api.sign_in("Dee")
