"""The conversion of notice settings into their public schemas."""

from chalicelib.handlers.http.responses import notice_schemas
from chalicelib.services.notices.notice_settings import NoticesView


def notices(view: NoticesView) -> notice_schemas.Notices:
    """Return the notice settings as their member sees them."""
    settings = view.settings
    return notice_schemas.Notices(
        notice_schemas.EmailNotices(
            address=settings.address,
            verified=settings.verified,
            refused=settings.refused,
            kinds=list(settings.email_kinds),
        ),
        notice_schemas.PushNotices(kinds=list(settings.push_kinds), subscriptions=view.push_subscriptions),
    )
