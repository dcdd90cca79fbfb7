"""Options of the test run, which pytest reads from the root only, and the sampling of tests with many cases."""

from collections import Counter

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of long campaigns, of the reference engine, of a deployed stack and of recordings."""
    parser.addoption("--campaign", action="store_true", help="run all races and populations, not a sample")
    parser.addoption("--reference", action="store_true", help="run on DynamoDB Local, not on the embedded engine")
    parser.addoption("--record", action="store_true", help="write docs/openapi.json and its examples")
    parser.addoption("--stack", action="store_true", help="call a stack deployed on this machine, not the local runner")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as long all but every n-th case of a test that is `sampled(every=n)`."""
    cases: Counter[str] = Counter()
    for item in items:
        sampled = item.get_closest_marker("sampled")
        if sampled:
            test = item.nodeid.partition("[")[0]
            if cases[test] % sampled.kwargs["every"]:
                item.add_marker(pytest.mark.long)
            cases[test] += 1
