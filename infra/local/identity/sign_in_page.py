"""The pages of the local OpenID provider."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from infra.local.http.page import page
from infra.local.http.responses import HttpResponse

PAGE = """
{% extends "base.html" %}
{% block title %}Sign in{% endblock %}
{% block main %}
<header class="hero">
<span class="face plain" aria-hidden="true">L</span>
<h1>Who are you?</h1>
<p class="lead">This sign-in page is for development: it asks for no password.</p>
</header>
{% macro request_fields() %}
{% for name, value in fields.items() %}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
{% endmacro %}
<form method="post" action="{{ action }}">
{{ request_fields() }}
{% for user_id, name in demo.items() %}
<button class="button" name="userId" value="{{ user_id }}">{{ name }}</button>
{% endfor %}
</form>
<h3>Make an account</h3>
<form method="post" action="{{ action }}" id="new">
{{ request_fields() }}
<label>Name <input name="name" maxlength="160" autocomplete="off" required></label>
<button class="button primary">Make an account</button>
</form>
<h3>Neither</h3>
<form method="post" action="{{ action }}" id="cancel">
{{ request_fields() }}
<button class="button">Cancel</button>
</form>
{% endblock %}
"""

SIGNED_OUT = """
{% extends "base.html" %}
{% block title %}Signed out{% endblock %}
{% block main %}
<header class="hero">
<span class="face plain" aria-hidden="true">L</span>
<h1>You are signed out</h1>
</header>
{% endblock %}
"""


def sign_in_page(action: str, demo: Mapping[str, str], fields: Mapping[str, str]) -> HttpResponse:
    """Return the page to sign in as a demo member or a new one, or to cancel.

    `fields` is the authorization request, which the form sends to `action` again.
    """
    # A browser applies the policy of a form also to the redirect that answers it.
    back = urlsplit(fields["redirect_uri"])
    form_action = f"'self' {back.scheme}://{back.netloc}"
    return page(PAGE, form_action, action=action, demo=demo, fields=fields)


def signed_out_page() -> HttpResponse:
    """Return the page after a sign-out that leads nowhere else."""
    return page(SIGNED_OUT)
