"""Tests of the table of routes."""

from importlib import import_module
from types import FunctionType

from chalicelib.handlers.http.routes import ROUTES, methods_of

METHODS = ("get", "post", "put", "patch", "delete")
RESOURCES = "chalicelib.handlers.http.resources"


def test_every_view_has_exactly_one_route() -> None:
    views = [
        (resource, name)
        for resource in dict.fromkeys(route.resource for route in ROUTES.values())
        for name, value in vars(import_module(f"{RESOURCES}.{resource}")).items()
        if isinstance(value, FunctionType)
        and name.partition("_")[0] in METHODS
        and value.__module__ == f"{RESOURCES}.{resource}"
    ]
    assert sorted(views) == sorted(route[1:] for route in ROUTES.values())


def test_the_methods_of_a_path_include_head_with_get_and_end_with_options() -> None:
    assert methods_of("/v1/me") == ["DELETE", "GET", "HEAD", "PATCH", "OPTIONS"]
    assert methods_of("/v1/people/{userId}/block") == ["DELETE", "PUT", "OPTIONS"]
    assert methods_of("/i/{token}") == ["GET", "HEAD", "POST", "OPTIONS"]
