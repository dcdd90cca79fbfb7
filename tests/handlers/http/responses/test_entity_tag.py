"""Tests of the entity tag of a response, and of conditional requests."""

import pytest

from chalicelib.handlers.http.responses.entity_tag import is_known, tag_of

TAG = '"abc"'


def test_equal_bodies_have_the_same_strong_tag_and_others_another() -> None:
    assert tag_of('{"a":1}') == tag_of('{"a":1}')
    assert len({tag_of(body) for body in ("", "{}", '{"a":1}', '{"a":"é"}')}) == 4
    assert tag_of("{}")[0] == tag_of("{}")[-1] == '"'


def test_a_long_body_has_another_tag_for_each_set_of_accepted_codings() -> None:
    assert len({tag_of("x" * 1024, header) for header in (None, "gzip", "deflate", "gzip, deflate")}) == 4
    assert tag_of("x" * 1024, "identity") == tag_of("x" * 1024)
    assert tag_of("x" * 1023, "gzip") == tag_of("x" * 1023)


@pytest.mark.parametrize(
    "header", ["*", " * ", TAG, f"W/{TAG}", f'"x",{TAG}', f'"x" , W/{TAG} , "y"', f'"a,b", {TAG}', f'"é",{TAG}']
)
def test_a_tag_is_known_if_the_header_lists_it(header: str) -> None:
    assert is_known(TAG, header)


@pytest.mark.parametrize(
    "header", [None, "", "abc", '"ab"', '"xabc"', 'w/"abc"', '"*"', '"abc', '"x,"abc"', "*, *", '"abc"x', 'x"abc"']
)
def test_a_tag_is_unknown_if_the_header_lists_others(header: str | None) -> None:
    assert not is_known(TAG, header)


def test_a_tag_of_the_same_body_in_other_codings_is_known_and_one_of_another_body_is_not() -> None:
    accepted = (None, "gzip", "deflate", "gzip, deflate")
    bodies = ("x" * 1024, "y" * 1024)
    found = {
        (body, header): [is_known(tag_of("x" * 1024, own), tag_of(body, header)) for own in accepted]
        for body in bodies
        for header in accepted
    }
    assert found == {(body, header): [body == bodies[0]] * 4 for body in bodies for header in accepted}
