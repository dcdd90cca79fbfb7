"""The split of one origin between the API and the pages of the web app."""

import re

import pytest

from chalicelib.handlers.http.routes import ROUTES
from infra.web.api_paths import API_PATTERNS, is_api_path, is_page_path


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES}))
def test_a_path_of_the_api_is_never_that_of_a_page(path: str) -> None:
    called = re.sub(r"\{\w+\}", "x", path)
    assert (is_api_path(called), is_page_path(called)) == (True, False)


def test_the_patterns_are_few_and_name_whole_segments() -> None:
    assert API_PATTERNS == ("/c/*", "/docs", "/health", "/i/*", "/n/*", "/openapi.json", "/signed-in", "/v1/*")


@pytest.mark.parametrize(
    ("path", "is_page"),
    [
        ("/", True),
        ("/people/ada/availability", True),
        ("/invite-links", True),
        ("/sessions/", True),
        # Neither is a route, though each begins like one.
        ("/v1", True),
        ("/documents", True),
        ("/assets/index-x.js", False),
        ("/favicon.ico", False),
        ("/v1/unknown", False),
        ("/i/", False),
        ("*", False),
    ],
)
def test_a_page_has_a_path_outside_the_api_without_a_dot_in_its_last_segment(path: str, is_page: bool) -> None:
    assert is_page_path(path) is is_page
