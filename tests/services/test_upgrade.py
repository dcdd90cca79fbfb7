"""During an upgrade the service refuses all that the former release cannot read."""

import pytest
from msgspec.structs import replace

from chalicelib.domain.model.errors import Busy
from chalicelib.services.upgrade import RETRY_AFTER, check_upgraded, is_upgraded
from chalicelib.version import FORMER_SCHEMA
from tests.harness import World


def test_a_table_of_the_own_schema_refuses_nothing(world: World) -> None:
    assert is_upgraded(world.context)
    check_upgraded(world.context)


def test_during_an_upgrade_the_refusal_names_the_time_to_wait(world: World) -> None:
    settings = replace(world.settings, schema=FORMER_SCHEMA)
    upgrading = replace(world.context, settings=settings)
    assert not is_upgraded(upgrading)
    with pytest.raises(Busy) as refused:
        check_upgraded(upgrading)
    assert refused.value.retry_after == RETRY_AFTER
