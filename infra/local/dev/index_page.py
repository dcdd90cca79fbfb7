"""The page of the routes that the local run adds to the API."""

from collections.abc import Iterable, Mapping

from infra.local.http.page import page
from infra.local.http.responses import HttpResponse

INDEX_PATH = "/dev"
# The meaning of each route, in the order of the page.
MEANINGS = {
    "/dev/sign-in": "Sign in a new or a known member without a password.",
    "/dev/mail": "The mails of this run. None has left this machine.",
    "/dev/sink": "The posts to webhooks and push services. None has left this machine.",
    "/dev/events": "The events on the event bus, newest first.",
    "/dev/clock": "The clock of the service, which can be moved.",
    "/dev/tick": "Run every schedule once.",
    "/dev/stream": "Pause and resume the stream of the table.",
    "/.well-known/openid-configuration": "The discovery document of the OpenID provider.",
    "/dev/authorize": "The sign-in page of the OpenID provider.",
    "/dev/token": "The token endpoint of the OpenID provider.",
    "/dev/sign-out": "The end of the browser's session at the OpenID provider.",
    "/dev/revoke": "The revocation endpoint of the OpenID provider.",
    "/dev/jwks.json": "The public keys of the OpenID provider.",
}
PAGE = """
{% extends "base.html" %}
{% block title %}Local run{% endblock %}
{% block main %}
<header class="hero">
<span class="face plain" aria-hidden="true">L</span>
<h1>Local run</h1>
<p class="lead">These routes exist on this machine only. The <a href="/docs">reference</a> has those of the API.</p>
</header>
{% for route in routes %}
<section class="day">
<h3>{% if "GET" in route.methods %}<a href="{{ route.path }}">{{ route.path }}</a>{% else %}{{ route.path }}{% endif %}
</h3>
<p class="note">{{ route.methods | join(", ") }}. {{ route.meaning }}</p>
</section>
{% endfor %}
{% endblock %}
"""

Route = dict[str, str | list[str]]


def described_routes(routes: Mapping[str, Iterable[str]]) -> list[Route]:
    """Return the routes that have a meaning, with their methods. `routes` are the methods by path."""
    return [
        {"path": path, "methods": list(routes[path]), "meaning": meaning}
        for path, meaning in MEANINGS.items()
        if path in routes
    ]


def index_page(routes: Mapping[str, Iterable[str]]) -> HttpResponse:
    """Return the page of the routes. `routes` are the methods by path."""
    return page(PAGE, routes=described_routes(routes))
