"""Options of the whole test run: pytest reads them only here."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that `make race` sets."""
    parser.addoption("--all-races", action="store_true", help="run every interleaving and more storms, not a share")
