"""The pages for a new account in the embedded engine, which the managed login of a user pool has in AWS.

The engine has a page for the sign-in only. This module adds a button there, a form for the account, and one for the
code of the mail. It uses private names of the engine, and all forms send to the engine's `/login`.
"""

import json
from html import escape
from typing import Any
from urllib.parse import parse_qsl

Form = dict[str, str]
Response = tuple[int, dict[str, str], bytes]

STEP = "step"
BUTTON = '<button type="submit" name="{step}" value="{value}">{text}</button>'
FIELD = '<label for="{name}">{label}</label><input type="{kind}" id="{name}" name="{name}" required>'


def install() -> None:
    """Add the pages to the engine's sign-in."""
    # The engine reads its environment when it is imported, and `serve` sets it first.
    from ministack.services import cognito

    page, submit = cognito._login_page_html, cognito.handle_login_submit

    def page_with_button(*request: Any, **more: Any) -> str:
        names = ("client_id", "redirect_uri", "scope", "state", "response_type", "code_challenge")
        given = dict(zip((*names, "code_challenge_method", "nonce"), request, strict=False)) | more
        given.pop("error_message", None)
        return str(page(*request, **more)).replace("</form>", "</form>" + _form(given, "form", "Create an account"))

    def submitted(method: str, path: str, headers: Any, body: bytes, query: Any) -> Response:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        steps = {"form": _show_form, "create": _create, "confirm": _confirm}
        if form.get(STEP) in steps:
            return steps[form.pop(STEP)](form)
        response: Response = submit(method, path, headers, body, query)
        return response

    cognito._login_page_html, cognito.handle_login_submit = page_with_button, submitted


def _form(kept: Form, step: str, text: str, fields: str = "") -> str:
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in kept.items()
    )
    button = BUTTON.format(step=STEP, value=step, text=text)
    return f'<form method="POST" action="/login">{hidden}{fields}{button}</form>'


def _shown(heading: str, body: str, error: str = "") -> Response:
    from ministack.services import cognito

    warning = f'<div class="error">{escape(error)}</div>' if error else ""
    page = cognito._page_shell(heading, heading, warning + body)
    return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def _show_form(form: Form, error: str = "") -> Response:
    fields = (("email", "email", "Email address"), ("name", "text", "Name"), ("password", "password", "Password"))
    inputs = "".join(FIELD.format(name=name, kind=kind, label=label) for name, kind, label in fields)
    kept = {name: value for name, value in form.items() if name not in ("email", "name", "password")}
    return _shown("Sign up", _form(kept, "create", "Sign up", inputs), error)


def _show_code(form: Form, error: str = "") -> Response:
    kept = {name: value for name, value in form.items() if name not in ("name", "password", "code")}
    code = FIELD.format(name="code", kind="text", label="Code of the mail")
    return _shown("Confirm your account", _form(kept, "confirm", "Confirm account", code), error)


def _create(form: Form) -> Response:
    """Make an account that is not confirmed, to whose address the engine sends a code."""
    from ministack.services import cognito

    attributes = [{"Name": name, "Value": form[name]} for name in ("email", "name")]
    request = {"ClientId": form["client_id"], "Username": form["email"], "Password": form["password"]}
    status, _, body = cognito._sign_up({**request, "UserAttributes": attributes})
    return _show_code(form) if status == 200 else _show_form(form, json.loads(body)["message"])


def _confirm(form: Form) -> Response:
    """Confirm an account by its code and sign its owner in."""
    from ministack.services import cognito

    request = {"ClientId": form["client_id"], "Username": form["email"], "ConfirmationCode": form["code"]}
    refused = cognito._confirmation_code_error("ConfirmSignUp", request)
    if refused:
        return _show_code(form, json.loads(refused[2])["message"])
    cognito._confirm_sign_up(request)
    pool_id, pool, _ = cognito._find_pool_by_client_id(form["client_id"])
    user, _ = cognito._resolve_user(pool, form["email"])
    # AWS verifies the address with the code. The engine confirms only the account.
    user["Attributes"].append({"Name": "email_verified", "Value": "true"})
    asked = ("redirect_uri", "scope", "nonce", "code_challenge", "code_challenge_method", "state")
    oauth = {name: form[name] for name in asked}
    response: Response = cognito._issue_auth_code_redirect(
        client_id=form["client_id"], pool_id=pool_id, username=user["Username"], **oauth
    )
    return response
