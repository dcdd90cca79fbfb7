"""Options of the whole test run: pytest reads them only here."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that the long campaigns, runs on the reference engine or a stack, and recordings set."""
    parser.addoption("--campaign", action="store_true", help="run all of the races and populations, not a share")
    parser.addoption("--reference", action="store_true", help="run on the reference engine, not the embedded one")
    parser.addoption("--record", action="store_true", help="write the description of the API and its examples anew")
    parser.addoption("--stack", action="store_true", help="call a stack deployed on this machine, not the local runner")
