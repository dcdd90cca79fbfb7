"""Tests of the table of routes."""

from importlib import import_module
from types import FunctionType

from chalicelib.handlers.http.routes import ROUTES, methods_of

METHODS = ("get", "post", "put", "patch", "delete")
RESOURCES = "chalicelib.handlers.http.resources"


def test_every_view_has_exactly_one_route_and_head_has_the_row_of_get() -> None:
    views = [
        (resource, name)
        for resource in dict.fromkeys(route.resource for route in ROUTES.values())
        for name, value in vars(import_module(f"{RESOURCES}.{resource}")).items()
        if isinstance(value, FunctionType)
        and name.partition("_")[0] in METHODS
        and value.__module__ == f"{RESOURCES}.{resource}"
    ]
    assert sorted(views) == sorted(route[1:] for (method, _), route in ROUTES.items() if method != "HEAD")
    for method, path in ROUTES:
        if method == "HEAD":
            assert ROUTES[method, path] == ROUTES["GET", path]


def test_the_methods_of_a_path_end_with_options() -> None:
    assert methods_of("/v1/me") == ["DELETE", "GET", "PATCH", "OPTIONS"]
    assert methods_of("/i/{token}") == ["GET", "HEAD", "POST", "OPTIONS"]
