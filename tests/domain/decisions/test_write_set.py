"""Write sets, which hold only what a decision changes."""

from msgspec.structs import asdict

from chalicelib.domain.decisions.write_set import Decision, WriteSet


def test_a_new_write_set_writes_nothing_and_checks_nothing() -> None:
    assert not any(asdict(WriteSet()).values())


def test_a_decision_without_changes_has_an_empty_write_set() -> None:
    assert Decision("answer").changes == WriteSet()
