"""Tests of the registration of routes."""

import subprocess
import sys

from chalicelib.handlers.http.routes import ROUTES, UNKNOWN_PATH, methods_of
from tests.handlers.all_routes import api
from tests.harness import World


def test_r35_the_app_has_every_route_of_the_table_and_no_other(world: World) -> None:
    app = api(world)
    routes = {(method, path) for path, methods in app.routes.items() for method in methods if method != "OPTIONS"}
    known = {(method, path) for method, path in routes if path != UNKNOWN_PATH}
    assert known == set(ROUTES) | {("HEAD", path) for method, path in ROUTES if method == "GET"}
    assert list(app.routes[UNKNOWN_PATH]) == methods_of(UNKNOWN_PATH)


def test_the_registration_imports_no_module_that_answers_requests() -> None:
    program = (
        "import sys, chalicelib.handlers.http.registration;"
        "print([name for name in sys.modules if name.endswith(('http.api', 'http.operations', 'http.schemas'))])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout == "[]\n"
