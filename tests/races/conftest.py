"""The size of the race tests, which `--campaign` sets."""

import pytest

# `make test` runs every 192nd interleaving, `make verify` the rest of every 16th, and `make race` all of them.
SHORT, SHARE = 192, 16


@pytest.fixture
def random_workloads(request: pytest.FixtureRequest) -> int:
    """The number of random workloads."""
    return 40 if request.config.getoption("--campaign") else 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect all but a share of the interleavings without `--campaign`."""
    if config.getoption("--campaign"):
        return
    interleavings = [item for item in items if item.path.name == "test_interleavings.py"]
    left_out = {item for n, item in enumerate(interleavings) if n % SHARE}
    for n, item in enumerate(interleavings):
        if n % SHORT:
            item.add_marker(pytest.mark.long)
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
