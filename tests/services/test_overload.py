"""The refusal of an operation that the table did not answer."""

import pytest

from chalicelib.domain.model.errors import Busy
from chalicelib.services.overload import refused_as_busy
from chalicelib.storage.errors import Conflict, OutcomeUnknown, Throttled


@pytest.mark.parametrize("lost", [Conflict, Throttled, OutcomeUnknown])
def test_a_table_that_does_not_answer_makes_an_operation_busy(lost: type[Exception]) -> None:
    with pytest.raises(Busy) as refusal, refused_as_busy():
        raise lost
    assert isinstance(refusal.value.__cause__, lost)


def test_a_mistake_of_ours_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), refused_as_busy():
        raise ZeroDivisionError
