"""Options of the test run, which pytest reads from the root only."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of long campaigns, of the reference engine, of a deployed stack and of recordings."""
    parser.addoption("--campaign", action="store_true", help="run all races and populations, not a sample")
    parser.addoption("--reference", action="store_true", help="run on DynamoDB Local, not on the embedded engine")
    parser.addoption("--record", action="store_true", help="write docs/openapi.json and its examples")
    parser.addoption("--stack", action="store_true", help="call a stack deployed on this machine, not the local runner")
