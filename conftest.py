"""Options of the whole test run: pytest reads them only here."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that the long campaigns set."""
    parser.addoption("--campaign", action="store_true", help="run all of the races and populations, not a share")
