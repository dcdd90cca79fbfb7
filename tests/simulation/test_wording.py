"""Whatever may be wrong can be said."""

import pytest

from chalicelib.domain.invariants import Invariant, Violation
from tests.simulation.cast import IDS
from tests.simulation.wording import worded


@pytest.mark.parametrize("invariant", Invariant)
def test_every_violation_is_worded(invariant: Invariant) -> None:
    text = worded(Violation(invariant, (IDS["Ada"], IDS["Ben"])))
    assert text
    assert IDS["Ada"] not in text
