"""The sign-in page of the local run, in place of a frontend's."""

import re

from chalicelib.handlers.http.headers import SECURITY_HEADERS
from chalicelib.handlers.pages import html_page
from infra.local.http.responses import HttpResponse

# A path with an optional query that no browser reads as another origin, so not "//host" and no backslash.
OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")

PAGE = """
{% extends "base.html" %}
{% block title %}Sign in{% endblock %}
{% block main %}
<header class="hero">
<span class="face plain" aria-hidden="true">L</span>
<h1>Who are you?</h1>
<p class="lead">This sign-in page is for development: it asks for no password.</p>
</header>
<form method="post" action="/dev/sign-in">
<input type="hidden" name="return" value="{{ back }}">
{% for user_id, name in demo.items() %}
<button class="button" name="userId" value="{{ user_id }}">{{ name }}</button>
{% endfor %}
</form>
<h3>New member</h3>
<form method="post" action="/dev/sign-in">
<input type="hidden" name="return" value="{{ back }}">
<label>Name <input name="name" maxlength="80" autocomplete="off" required></label>
<button class="button primary">Sign in</button>
</form>
{% endblock %}
"""


def sign_in_page(demo: dict[str, str], back: str) -> HttpResponse:
    """Return the page for signing in as a demo member or a new one, which then leads to `back`."""
    html = html_page.environment().from_string(PAGE).render(demo=demo, back=back)
    headers: dict[str, str | list[str]] = {
        **SECURITY_HEADERS,
        "Cache-Control": "no-store",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": html_page.policy(form_action="'self'"),
    }
    return HttpResponse(200, headers, html.encode())


def back_with_token(path: str, token: str) -> HttpResponse:
    """Return a redirect to the path with the token in the fragment, which browsers do not send to servers."""
    return HttpResponse(303, {"Location": f"{path}#token={token}", "Cache-Control": "no-store"})
