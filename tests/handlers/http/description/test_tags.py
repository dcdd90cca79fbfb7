"""Tests of the groups of operations."""

from itertools import pairwise

from chalicelib.handlers.http.description.openapi import describe
from chalicelib.handlers.http.description.tags import TAGS, tag_names
from chalicelib.handlers.http.operations import operations


def test_every_operation_has_exactly_one_tag_and_every_tag_is_described() -> None:
    document = describe(operations())
    described = {
        operation["operationId"]: operation["tags"]
        for path in document["paths"].values()
        for operation in path.values()
    }
    assert described == {operation_id: [name] for operation_id, name in tag_names().items()}
    assert sum(len(tag.operation_ids) for tag in TAGS) == len(tag_names())
    assert document["tags"] == [{"name": tag.name, "description": tag.description} for tag in TAGS]


def test_a_reader_meets_an_id_in_a_response_before_an_operation_needs_it() -> None:
    order = list(tag_names())
    for chain in (
        ("getMe", "postSession", "getOwnSession", "patchSession", "deleteSession"),
        ("postLink", "getInvite", "postInvite", "deleteLink"),
        ("postKey", "getKeys", "deleteKey"),
        ("postSession", "getUser", "putFavorite", "getPeople", "deleteFavorite", "getAvailability"),
        ("putBlock", "deleteBlock"),
    ):
        assert all(order.index(first) < order.index(then) for first, then in pairwise(chain)), chain
    # The account is deleted after everything that needs it.
    assert order[order.index("deleteMe") + 1 :] == list(TAGS[-1].operation_ids)
