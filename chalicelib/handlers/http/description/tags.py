"""The groups of operations, in the order in which a new user of the API needs them.

A tag of the OpenAPI document is one group, and a section of the reference page is another view of it. A new route needs
a place here.
"""

from functools import cache
from typing import NamedTuple


class Tag(NamedTuple):
    """A group of operations, with its operation ids in the order of use."""

    name: str
    description: str
    operation_ids: tuple[str, ...]


TAGS = (
    Tag("me", "Start here. The profile and the settings of the caller.", ("getMe", "patchMe", "getAttendance")),
    Tag(
        "sessions",
        "Book a session, look at your sessions, change one or cancel it.",
        (
            "postSession",
            "postSessions",
            "getSessions",
            "getOwnSession",
            "getSessionCalendar",
            "patchSession",
            "postJoin",
            "postJoined",
            "postSecondChance",
            "deleteSession",
        ),
    ),
    Tag(
        "repeats",
        "Weekly patterns that become sessions 14 days ahead.",
        ("postRepeat", "getRepeats", "patchRepeat", "deleteRepeat"),
    ),
    Tag(
        "people",
        "Other members. Favorites, snoozes and blocks decide which members are matched with you.",
        (
            "getUser",
            "putFavorite",
            "putWatch",
            "deleteWatch",
            "putSnooze",
            "getPeople",
            "deleteFavorite",
            "deleteSnooze",
            "putBlock",
            "deleteBlock",
        ),
    ),
    Tag(
        "availability",
        "The slots in which you can lock in with another member.",
        ("getCalendar", "getAvailability", "getFavoritesAvailability"),
    ),
    Tag(
        "invite links",
        "Addresses by which others lock in with you, and their page.",
        ("postLink", "getLinks", "getInvite", "postInvite", "deleteLink"),
    ),
    Tag(
        "push",
        "Browsers that show your events as push messages.",
        ("postSubscription", "getSubscriptions", "deleteSubscription"),
    ),
    Tag(
        "calendar feeds",
        "Secret addresses of your sessions for calendar programs.",
        ("postFeed", "getFeeds", "getFeedFile", "deleteFeed"),
    ),
    Tag(
        "events",
        "The changes of your sessions, and the channels through which they reach you.",
        (
            "getEvents",
            "getNotices",
            "patchNotices",
            "getVerification",
            "postVerification",
            "getUnsubscription",
            "postUnsubscription",
            "postWebhook",
            "getWebhooks",
            "getWebhook",
            "patchWebhook",
            "postWebhookTest",
            "getWebhookDeliveries",
            "postWebhookDelivery",
            "deleteWebhook",
        ),
    ),
    Tag(
        "order",
        "Reports of a session's partner, and what staff do about them. Only staff may call the routes of staff.",
        ("postReport", "getReports", "getMembers", "putSuspension", "deleteSuspension", "getLog"),
    ),
    Tag("API keys", "Keys for your scripts. Only a bearer token manages them.", ("postKey", "getKeys", "deleteKey")),
    Tag(
        "your data",
        "The use of your account, the export of your data and the deletion of the account.",
        ("getAccess", "getExport", "getExportedCalendar", "getExportedSheet", "deleteMe"),
    ),
    Tag(
        "service",
        "The state and the description of the service. No credentials are needed.",
        ("getConfig", "getHealth", "getDescription", "getDocs", "getSignedIn"),
    ),
)


@cache
def tag_names() -> dict[str, str]:
    """Return the name of the tag of each operation, by operation id in the order of use."""
    return {operation_id: tag.name for tag in TAGS for operation_id in tag.operation_ids}
