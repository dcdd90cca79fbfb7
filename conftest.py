"""Options of the test run, which pytest reads from the root only, and the sampling of tests with many cases."""

from collections import defaultdict

import pytest

# The long cases of a test from which on `--share` leaves some out.
MANY = 6


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of campaigns and shares, of the reference engine, of a deployed stack and of recordings."""
    parser.addoption("--campaign", action="store_true", help="run all races and populations, not a sample")
    parser.addoption("--reference", action="store_true", help="run on DynamoDB Local, not on the embedded engine")
    parser.addoption("--share", type=int, default=1, help="of each test with many long cases, run every n-th of them")
    parser.addoption("--record", action="store_true", help="write docs/openapi.json, its examples and the pictures")
    parser.addoption("--stack", action="store_true", help="call a stack deployed on this machine, not the local runner")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as long all but every n-th case of a test that is `sampled(every=n)`, and leave out cases by `--share`."""
    cases: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    left_out: set[pytest.Item] = set()
    for of_test in cases.values():
        for number, item in enumerate(of_test):
            sampled = item.get_closest_marker("sampled")
            if sampled and number % sampled.kwargs["every"]:
                item.add_marker(pytest.mark.long)
        long = [item for item in of_test if item.get_closest_marker("long")]
        if len(long) >= MANY:
            left_out.update(set(long) - set(long[:: config.getoption("--share")]))
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
