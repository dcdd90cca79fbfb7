"""Every violation of an invariant has a text."""

import pytest

from chalicelib.domain.audit.invariants import Invariant, Violation
from tests.simulation.reporting.violation_text import describe_violation
from tests.simulation.scenarios.cast import IDS


@pytest.mark.parametrize("invariant", Invariant)
def test_every_violation_has_a_text(invariant: Invariant) -> None:
    text = describe_violation(Violation(invariant, (IDS["Ada"], IDS["Ben"])))
    assert text
    assert IDS["Ada"] not in text
