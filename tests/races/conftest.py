"""How long the campaign of races is."""

import pytest

# One of so many interleavings is part of every test run; `make race` runs them all.
SHARE = 16


@pytest.fixture
def storms(request: pytest.FixtureRequest) -> int:
    """How many storms of random operations to raise."""
    return 40 if request.config.getoption("--campaign") else 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a share of the interleavings, unless all are wanted."""
    if config.getoption("--campaign"):
        return
    interleavings = [item for item in items if item.path.name == "test_interleavings.py"]
    left_out = {item for n, item in enumerate(interleavings) if n % SHARE}
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
