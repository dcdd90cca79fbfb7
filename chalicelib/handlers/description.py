"""`/openapi.json`: the description of the API, for programs."""

import json
from functools import cache
from typing import Annotated

from chalice.app import Blueprint, Request, Response

from chalicelib.handlers.http import Api
from chalicelib.handlers.operations import JSON

# It changes with a deployment only.
KEPT = "public, max-age=300"


def routes(api: Api) -> Blueprint:
    """The routes that describe the others."""
    blueprint = Blueprint(__name__)

    @cache
    def described() -> str:
        from chalicelib.handlers import openapi

        return json.dumps(openapi.describe(api.operations))

    @api.public(blueprint, "/openapi.json")
    def get_description(_request: Request) -> Annotated[Response, JSON]:
        """Read this description in OpenAPI 3.1."""
        return Response(described(), headers={"Content-Type": JSON, "Cache-Control": KEPT}, status_code=200)

    return blueprint
