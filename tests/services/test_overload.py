"""The refusal of an operation while the table does not respond."""

import pytest

from chalicelib.domain.model.errors import Busy
from chalicelib.services.overload import refused_as_busy
from chalicelib.storage.errors import Conflict, OutcomeUnknown, Throttled


@pytest.mark.parametrize("failure", [Conflict, Throttled, OutcomeUnknown])
def test_a_table_failure_that_may_pass_becomes_busy(failure: type[Exception]) -> None:
    with pytest.raises(Busy) as refusal, refused_as_busy():
        raise failure
    assert isinstance(refusal.value.__cause__, failure)


def test_another_exception_passes_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), refused_as_busy():
        raise ZeroDivisionError
