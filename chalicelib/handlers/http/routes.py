"""The table of routes, each with its level of access and its view.

Only the rows of this table are registered. A route without a row does not exist (R35). HEAD has the row of GET.
"""

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.handlers.http.identity.access import Access
from chalicelib.handlers.http.responses.cross_origin import METHODS


class Route(NamedTuple):
    """The level of access of a route, the module in `resources` and the name of its view there."""

    access: Access
    resource: str
    view: str


ROUTES: Mapping[tuple[str, str], Route] = {
    ("GET", "/health"): Route(Access.PUBLIC, "health", "get_health"),
    ("GET", "/docs"): Route(Access.PUBLIC, "description", "get_docs"),
    ("GET", "/openapi.json"): Route(Access.PUBLIC, "description", "get_description"),
    ("GET", "/signed-in"): Route(Access.PUBLIC, "sign_in", "get_signed_in"),
    ("GET", "/v1/config"): Route(Access.PUBLIC, "config", "get_config"),
    ("GET", "/c/{file}"): Route(Access.PUBLIC, "calendar_feeds", "get_feed_file"),
    ("GET", "/i/{token}"): Route(Access.OPTIONAL, "invites", "get_invite"),
    ("POST", "/i/{token}"): Route(Access.WRITE, "invites", "post_invite"),
    ("GET", "/v1/me"): Route(Access.READ, "members", "get_me"),
    ("PATCH", "/v1/me"): Route(Access.WRITE, "members", "patch_me"),
    ("DELETE", "/v1/me"): Route(Access.BEARER_ONLY, "members", "delete_me"),
    ("GET", "/v1/me/access"): Route(Access.BEARER_ONLY, "members", "get_access"),
    ("GET", "/v1/me/attendance"): Route(Access.READ, "members", "get_attendance"),
    ("GET", "/v1/me/export"): Route(Access.EXPORT, "members", "get_export"),
    ("GET", "/v1/me/export/calendar"): Route(Access.EXPORT, "export_files", "get_exported_calendar"),
    ("GET", "/v1/me/export/sheet"): Route(Access.EXPORT, "export_files", "get_exported_sheet"),
    ("GET", "/v1/users/{userId}"): Route(Access.READ, "members", "get_user"),
    ("GET", "/v1/users/{userId}/availability"): Route(Access.READ, "availability", "get_availability"),
    ("GET", "/v1/people"): Route(Access.EXPORT, "people", "get_people"),
    ("PUT", "/v1/people/{userId}/favorite"): Route(Access.WRITE, "people", "put_favorite"),
    ("DELETE", "/v1/people/{userId}/favorite"): Route(Access.WRITE, "people", "delete_favorite"),
    ("PUT", "/v1/people/{userId}/watch"): Route(Access.WRITE, "people", "put_watch"),
    ("DELETE", "/v1/people/{userId}/watch"): Route(Access.WRITE, "people", "delete_watch"),
    ("PUT", "/v1/people/{userId}/snooze"): Route(Access.WRITE, "people", "put_snooze"),
    ("DELETE", "/v1/people/{userId}/snooze"): Route(Access.WRITE, "people", "delete_snooze"),
    ("PUT", "/v1/people/{userId}/block"): Route(Access.WRITE, "people", "put_block"),
    ("DELETE", "/v1/people/{userId}/block"): Route(Access.WRITE, "people", "delete_block"),
    ("POST", "/v1/sessions"): Route(Access.WRITE, "sessions", "post_session"),
    ("POST", "/v1/sessions/batch"): Route(Access.WRITE, "sessions", "post_sessions"),
    ("GET", "/v1/sessions"): Route(Access.READ, "sessions", "get_sessions"),
    ("GET", "/v1/sessions/{sessionId}"): Route(Access.READ, "sessions", "get_own_session"),
    ("PATCH", "/v1/sessions/{sessionId}"): Route(Access.WRITE, "sessions", "patch_session"),
    ("DELETE", "/v1/sessions/{sessionId}"): Route(Access.WRITE, "sessions", "delete_session"),
    ("POST", "/v1/sessions/{sessionId}/join"): Route(Access.WRITE, "sessions", "post_join"),
    ("POST", "/v1/sessions/{sessionId}/second-chance"): Route(Access.WRITE, "sessions", "post_second_chance"),
    ("GET", "/v1/sessions/{sessionId}/calendar"): Route(Access.READ, "session_calendar", "get_session_calendar"),
    ("POST", "/v1/rooms/joined"): Route(Access.PUBLIC, "room_events", "post_joined"),
    ("POST", "/v1/repeats"): Route(Access.WRITE, "repeats", "post_repeat"),
    ("GET", "/v1/repeats"): Route(Access.READ, "repeats", "get_repeats"),
    ("PATCH", "/v1/repeats/{repeatId}"): Route(Access.WRITE, "repeats", "patch_repeat"),
    ("DELETE", "/v1/repeats/{repeatId}"): Route(Access.WRITE, "repeats", "delete_repeat"),
    ("POST", "/v1/reports"): Route(Access.WRITE, "reports", "post_report"),
    ("GET", "/v1/staff/reports"): Route(Access.STAFF, "staff", "get_reports"),
    ("GET", "/v1/staff/members"): Route(Access.STAFF, "staff", "get_members"),
    ("PUT", "/v1/staff/members/{userId}/suspension"): Route(Access.STAFF, "staff", "put_suspension"),
    ("DELETE", "/v1/staff/members/{userId}/suspension"): Route(Access.STAFF, "staff", "delete_suspension"),
    ("GET", "/v1/staff/log"): Route(Access.STAFF, "staff", "get_log"),
    ("GET", "/v1/calendar"): Route(Access.READ, "availability", "get_calendar"),
    ("GET", "/v1/availability/favorites"): Route(Access.READ, "availability", "get_favorites_availability"),
    ("GET", "/v1/me/notices"): Route(Access.EXPORT, "notices", "get_notices"),
    ("PATCH", "/v1/me/notices"): Route(Access.BEARER_ONLY, "notices", "patch_notices"),
    ("GET", "/n/verify/{token}"): Route(Access.PUBLIC, "mail_links", "get_verification"),
    ("POST", "/n/verify/{token}"): Route(Access.PUBLIC, "mail_links", "post_verification"),
    ("GET", "/n/unsubscribe/{token}"): Route(Access.PUBLIC, "mail_links", "get_unsubscription"),
    ("POST", "/n/unsubscribe/{token}"): Route(Access.PUBLIC, "mail_links", "post_unsubscription"),
    ("POST", "/v1/invite-links"): Route(Access.WRITE, "invites", "post_link"),
    ("GET", "/v1/events"): Route(Access.READ, "events", "get_events"),
    ("POST", "/v1/webhooks"): Route(Access.BEARER_ONLY, "webhooks", "post_webhook"),
    ("GET", "/v1/webhooks"): Route(Access.BEARER_ONLY, "webhooks", "get_webhooks"),
    ("GET", "/v1/webhooks/{webhookId}"): Route(Access.BEARER_ONLY, "webhooks", "get_webhook"),
    ("PATCH", "/v1/webhooks/{webhookId}"): Route(Access.BEARER_ONLY, "webhooks", "patch_webhook"),
    ("DELETE", "/v1/webhooks/{webhookId}"): Route(Access.BEARER_ONLY, "webhooks", "delete_webhook"),
    ("POST", "/v1/webhooks/{webhookId}/test"): Route(Access.BEARER_ONLY, "webhooks", "post_webhook_test"),
    ("GET", "/v1/webhooks/{webhookId}/deliveries"): Route(Access.BEARER_ONLY, "webhooks", "get_webhook_deliveries"),
    ("POST", "/v1/webhooks/{webhookId}/deliveries/{eventId}"): Route(
        Access.BEARER_ONLY, "webhooks", "post_webhook_delivery"
    ),
    ("GET", "/v1/invite-links"): Route(Access.READ, "invites", "get_links"),
    ("DELETE", "/v1/invite-links/{inviteLinkId}"): Route(Access.WRITE, "invites", "delete_link"),
    ("POST", "/v1/push-subscriptions"): Route(Access.BEARER_ONLY, "push_subscriptions", "post_subscription"),
    ("GET", "/v1/push-subscriptions"): Route(Access.EXPORT, "push_subscriptions", "get_subscriptions"),
    ("DELETE", "/v1/push-subscriptions/{pushSubscriptionId}"): Route(
        Access.BEARER_ONLY, "push_subscriptions", "delete_subscription"
    ),
    ("POST", "/v1/calendar-feeds"): Route(Access.BEARER_ONLY, "calendar_feeds", "post_feed"),
    ("GET", "/v1/calendar-feeds"): Route(Access.READ, "calendar_feeds", "get_feeds"),
    ("DELETE", "/v1/calendar-feeds/{calendarFeedId}"): Route(Access.WRITE, "calendar_feeds", "delete_feed"),
    ("POST", "/v1/api-keys"): Route(Access.BEARER_ONLY, "api_keys", "post_key"),
    ("GET", "/v1/api-keys"): Route(Access.BEARER_ONLY, "api_keys", "get_keys"),
    ("DELETE", "/v1/api-keys/{apiKeyId}"): Route(Access.BEARER_ONLY, "api_keys", "delete_key"),
}


# The gateway's name for every path without a route. It is answered here, so that pages of every permitted origin can
# read the refusal: the gateway itself knows no list of origins.
UNKNOWN_PATH = "/{proxy+}"


def methods_of(path: str) -> list[str]:
    """Return the methods of a path, with HEAD wherever there is GET, and with OPTIONS as the last.

    An unknown path takes every method, to refuse it.
    """
    if path == UNKNOWN_PATH:
        return [*sorted(METHODS), "OPTIONS"]
    own = {method for method, of in ROUTES if of == path}
    return [*sorted(own | {"HEAD"} if "GET" in own else own), "OPTIONS"]
