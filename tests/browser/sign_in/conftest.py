"""A run for each provider at which the web app signs in."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from infra.keycloak.server import is_fetched
from infra.local.run_process import LocalRun
from tests.browser.conftest import OpenMember
from tests.browser.member_browser import MemberBrowser
from tests.browser.sign_in.providers import Provider, provider_named, run_with

WITHOUT_KEYCLOAK = "NOT TESTED: no Keycloak here (make sign-in; needs Java and Maven)"


@pytest.fixture(
    scope="package",
    params=[
        "local",
        "cognito",
        pytest.param("keycloak", marks=pytest.mark.skipif(not is_fetched(), reason=WITHOUT_KEYCLOAK)),
    ],
)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A provider with members who have an account."""
    with ExitStack() as stack:
        yield provider_named(request.param, stack, tmp_path_factory.mktemp("provider"))


@pytest.fixture(scope="package")
def run(built_app: None, provider: Provider) -> Iterator[LocalRun]:
    """A local run whose pages sign in at the provider."""
    # The provider permits the address of the run before the run starts.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with run_with(provider, port) as run:
        yield run


@pytest.fixture
def open_member(open_member: OpenMember, provider: Provider) -> OpenMember:
    """The function that opens a browser, which also visits the pages of the provider."""

    def opened(*arguments: str, **emulated: Any) -> MemberBrowser:
        member = open_member(*arguments, **emulated)
        member.allowed_messages.extend(provider.remarks)
        return member

    return opened
