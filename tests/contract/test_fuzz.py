"""A sample of `make fuzz` and of `python -m tests.fuzz.grammar_fuzzer`."""

import pytest

from tests.contract.client import Runner
from tests.fuzz.__main__ import fuzz
from tests.fuzz.grammar_fuzzer import run


@pytest.mark.long  # It needs schemathesis, which `make test` does not install.
def test_schemathesis_finds_nothing(api: Runner) -> None:
    found = fuzz(api.base, "key", 2, "--phases=fuzzing")
    assert found.passed, found.output
    assert found.cases >= 40


def test_the_response_to_any_generated_request_is_as_described(api: Runner) -> None:
    statuses, complaints = run(api.base, 150, seed=36)
    assert complaints == []
    # Many requests pass validation and reach the use cases.
    assert statuses["200"] >= 15
    assert statuses["422"] >= 5
