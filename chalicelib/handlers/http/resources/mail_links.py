"""The views of the links in mails, which verify an address or end its mails (R43).

A mail scanner opens every link, so a GET changes nothing. Programs of mailboxes send the POST of RFC 8058.
"""

from collections.abc import Callable
from http import HTTPStatus

from chalice.app import Response

from chalicelib.domain.model.errors import Busy, NotFound, Suspended
from chalicelib.handlers.http.call import PublicCall
from chalicelib.handlers.http.operations import Ok, Page, refuses
from chalicelib.handlers.http.responses import notice_schemas
from chalicelib.handlers.pages import html_page
from chalicelib.handlers.pages.page_frame import frame_of
from chalicelib.services.context import Context
from chalicelib.services.notices.notice_settings import (
    settings_of_unsubscription,
    settings_of_verification,
    unsubscribe,
    verify_address,
)

VERIFICATION, UNSUBSCRIPTION = "verification", "unsubscription"


@refuses(NotFound, Suspended, Busy)
def get_verification(call: PublicCall, token: str) -> Ok[notice_schemas.MailLink] | Page:
    """Show the page on which a person confirms an e-mail address. It changes nothing."""
    return _answer(call, VERIFICATION, lambda context: settings_of_verification(context, token), done=False)


@refuses(NotFound, Suspended, Busy)
def post_verification(call: PublicCall, token: str) -> Ok[notice_schemas.MailLink] | Page:
    """Verify the e-mail address to which the link was sent. A repeated request has no further effect."""
    return _answer(call, VERIFICATION, lambda context: verify_address(context, token), done=True)


@refuses(NotFound, Suspended, Busy)
def get_unsubscription(call: PublicCall, token: str) -> Ok[notice_schemas.MailLink] | Page:
    """Show the page on which a person ends the mails to an address. It changes nothing."""
    return _answer(call, UNSUBSCRIPTION, lambda context: settings_of_unsubscription(context, token), done=False)


@refuses(NotFound, Suspended, Busy)
def post_unsubscription(call: PublicCall, token: str) -> Ok[notice_schemas.MailLink] | Page:
    """End the mails to an address with one click (RFC 8058). A repeated request has no further effect."""
    return _answer(call, UNSUBSCRIPTION, lambda context: unsubscribe(context, token), done=True)


def _answer(
    call: PublicCall, link: str, act: Callable[[Context], object], *, done: bool
) -> Ok[notice_schemas.MailLink] | Response:
    """Return the outcome of a link, as a page for a person."""
    is_page = html_page.is_wanted(call.request.headers.get("accept"))
    try:
        act(call.context)
    except NotFound:
        if not is_page:
            raise
        return _page(call, link, "gone", HTTPStatus.NOT_FOUND)
    return _page(call, link, "done" if done else "ask") if is_page else Ok(notice_schemas.MailLink(done))


def _page(call: PublicCall, link: str, state: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    frame = frame_of(call.context.settings, call.request)
    html = html_page.render("mail_link.html", frame, link=link, state=state)
    # The button of the page is a form without a script.
    return html_page.response(html, frame, status, html_page.PLAIN, form_action=html_page.SELF)
