"""Tests of the composition of a deployment."""

from datetime import UTC, timedelta

import pytest

from chalicelib.handlers.bootstrap import bootstrap, real_time
from chalicelib.variables import Misconfigured
from tests.test_settings import REQUIRED


def test_the_context_has_the_settings_of_the_environment_and_real_time() -> None:
    context = bootstrap(REQUIRED)
    assert (context.settings.table, context.settings.issuer) == ("table", "https://issuer.example/")
    assert context.clock().tzinfo is UTC
    assert real_time() - context.clock() < timedelta(minutes=1)


@pytest.mark.parametrize("variable", ["LOCKSTEP_TABLE", "LOCKSTEP_CURSOR_KEY", "LOCKSTEP_IDENTITY_KEY"])
def test_a_missing_variable_is_named(variable: str) -> None:
    with pytest.raises(Misconfigured, match=variable):
        bootstrap({name: value for name, value in REQUIRED.items() if name != variable})
