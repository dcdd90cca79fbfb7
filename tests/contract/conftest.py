"""Two services for the tests. Most share `api`. Tests that set the clock or pause the stream use `controlled`."""

from collections.abc import Iterator

import pytest

from infra.local.engine import Engine
from tests.contract.client import Client, Runner, Service
from tests.contract.slots import Slots


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the controlled runner with `--stack`. A stack has no clock and no stream to set."""
    if config.getoption("--stack"):
        deselected = [item for item in items if "controlled" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


@pytest.fixture(scope="session")
def own_engine() -> Iterator[str]:
    """The URL of the engine under `api`, for LOCKSTEP_ENGINE."""
    with Engine() as started:
        yield started.url


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest) -> Iterator[Service]:
    """The service that most tests share, with a real clock and a running stream.

    With `--stack` it is the deployed one.
    """
    if request.config.getoption("--stack"):
        yield request.getfixturevalue("deployed")
        return
    runner = Runner(request.getfixturevalue("own_engine"), log="info")
    yield runner
    complaints, leaked = runner.complaints(), runner.leaked_secrets()
    assert runner.stop() == 0
    assert complaints == []
    assert leaked == []


@pytest.fixture(scope="session")
def controlled_runner() -> Iterator[Runner]:
    """A runner with its own engine, as `make run` starts it."""
    runner = Runner()
    yield runner
    complaints = runner.complaints()
    assert runner.stop() == 0
    assert complaints == []


@pytest.fixture
def controlled(controlled_runner: Runner) -> Iterator[Runner]:
    """The runner whose clock and stream a test may set. Both are reset after the test."""
    yield controlled_runner
    controlled_runner.travel(None)
    controlled_runner.stream(enabled=True)


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
