"""A sample of `make fuzz` and of `python -m tests.fuzz.grammar_fuzzer`."""

import pytest

from tests.contract.client import Runner
from tests.fuzz.__main__ import fuzz
from tests.fuzz.grammar_fuzzer import run


@pytest.mark.long  # Takes schemathesis, which `make test` does not install.
def test_schemathesis_finds_nothing(api: Runner) -> None:
    found = fuzz(api.base, "key", 2, "--phases=fuzzing")
    assert found.passed, found.output
    assert found.cases >= 40


def test_whatever_is_sent_is_answered_as_described(api: Runner) -> None:
    answers, complaints = run(api.base, 150, seed=36)
    assert complaints == []
    # It reaches the service, and does not only bounce off its door.
    assert answers["200"] >= 15
    assert answers["422"] >= 5
