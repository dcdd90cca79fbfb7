"""The list of the routes of the local run."""

from infra.local.dev.index_page import MEANINGS, described_routes


def test_routes_without_a_meaning_are_left_out_and_the_others_keep_their_order() -> None:
    routes = {"/dev/tick": {"POST": 1}, "/dev/hidden": {"GET": 1}, "/dev/clock": {"GET": 1, "PUT": 1}}
    assert described_routes(routes) == [
        {"path": "/dev/clock", "methods": ["GET", "PUT"], "meaning": MEANINGS["/dev/clock"]},
        {"path": "/dev/tick", "methods": ["POST"], "meaning": MEANINGS["/dev/tick"]},
    ]
