"""The proxy of the tests of bad networks."""

from collections.abc import Iterator

import pytest

from tests.browser.network.browser_proxy import BrowserProxy


@pytest.fixture
def proxy() -> Iterator[BrowserProxy]:
    """A proxy between one browser and the service."""
    with BrowserProxy() as proxy:
        yield proxy
