"""The reasons to refuse an input, in words for a person.

Each continues a sentence that begins with the name of the input, or is a sentence of its own at a limit (R36). Programs
read the code and the field, so that a text can change and can have a translation.
"""

from collections.abc import Sequence

UNKNOWN = "is not a known field"
MISSING = "is required"
MISSING_PARTNER = "is required to lock in"
MISSING_GENDER = "needs a gender of your own, so set your gender too"

EMPTY = "must not be empty"
INVISIBLE = "must have at least one visible character"
UNPRINTABLE = "must not have control characters, noncharacters or unpaired surrogates"
UNPAIRED_DIRECTION = "must close every direction control that it opens, and no other"
UNPAIRED_SURROGATE = "must not have unpaired surrogates"
UNPAIRED_SURROGATE_IN_NAME = "must not have fields with unpaired surrogates in their names"

OBJECT = "must be a JSON object"
TEXT = "must be a text"
FLAG = "must be true or false"
FLAG_OR_NULL = "must be true, false or null"

INSTANT = "must be an ISO 8601 instant with an offset, such as 2026-12-01T09:00:00+00:00"
TIME_ZONE = "must be an IANA time zone, such as Europe/Vienna"
PUSH_ENDPOINT = "must be an https address of a push service"
PUSH_POINT = "must be a point of the curve P-256 in base64url, as the browser gives it"
PUSH_AUTH = "must be 16 bytes in base64url, as the browser gives them"
PHOTO_URL = "must be an https address of a public host, or null"
MAIL_ADDRESS = "must be an e-mail address, such as ada@example.org, with only ASCII characters before the @"
REFUSED_ADDRESS = "must be another address, because mails to this one came back or were reported"
EVENT_KINDS = "must be a list of kinds of events, such as session.matched"
WEBHOOK_URL = "must be an https address in ASCII of a public host, with port 443 or one from 1024 on and no #"
IDEMPOTENCY_KEY = "must have 1 to 255 visible ASCII characters"

OFF_THE_QUARTER_HOUR = "must be on the quarter hour, UTC"
BEYOND_HORIZON = "must be at most 13 weeks ahead"
NOT_AHEAD = "must be in the future"
BEFORE_START = "must not be before the start"
AFTER_START = "must not change after the start of the session"

LOCAL_TIME = "must be a local time on the quarter hour, such as 09:00"
LOCAL_DATE = "must be a date, such as 2026-12-01"
WEEKDAYS = "must be a list of weekdays, such as mon"
BEYOND_YEAR = "must be at most a year ahead"
BEFORE_FROM = "must not be before `from`"
IN_THE_PAST = "must not be in the past"

ONESELF = "must be another member"
NOT_A_FAVORITE = "must be one of your favorites"


def or_null(text: str) -> str:
    """Return the reason for an input that may also be null."""
    return FLAG_OR_NULL if text == FLAG else f"{text} or null"


def one_of(values: Sequence[object], *, nullable: bool = False) -> str:
    """Return the reason for an input with few possible values."""
    *names, last = [*map(str, values), *(["null"] if nullable else [])]
    return f"must be one of {', '.join(names)} or {last}" if names else f"must be {last}"


def whole_number(least: int, most: int) -> str:
    """Return the reason for an input that is a number of a range."""
    return f"must be a whole number from {least} to {most}"


def too_long(most: int) -> str:
    """Return the reason for a text with more characters than it may have."""
    return f"must have at most {most} characters"


def list_of_at_most(most: int) -> str:
    """Return the reason for an input that is a list."""
    return f"must be a list of at most {most} entries"


def too_late_after_start(length: str) -> str:
    """Return the reason to refuse the end of a range that is longer than `length`."""
    return f"must be at most {length} after the start"


def more_unknown(number: int) -> str:
    """Return the reason for unknown fields that are counted and not named."""
    return f"must not have unknown fields, and has {number} more"


def most_favorites(limit: int) -> str:
    """Return the reason to refuse one more favorite."""
    return f"You have {limit} favorites, which is the limit. Remove one first."


def most_blocks(limit: int) -> str:
    """Return the reason to refuse one more block or snooze."""
    return f"You have {limit} blocks and snoozes together, which is the limit. Remove one first."


def most_links(limit: int) -> str:
    """Return the reason to refuse one more invite link."""
    return f"You have {limit} links, which is the limit. Revoke one first."


def most_links_of_key(limit: int) -> str:
    """Return the reason to refuse one more invite link by the same API key."""
    return (
        f"This API key has made {limit} links, which is the limit of one key. "
        "Revoke one of them first, or use another key."
    )


def most_api_keys(limit: int) -> str:
    """Return the reason to refuse one more API key."""
    return f"You have {limit} API keys, which is the limit. Revoke one first."


def most_feeds(limit: int) -> str:
    """Return the reason to refuse one more calendar feed."""
    return f"You have {limit} calendar feeds, which is the limit. Revoke one first."


def most_repeats(limit: int) -> str:
    """Return the reason to refuse one more repeat."""
    return f"You have {limit} repeats, which is the limit. End one first."


def most_webhooks(limit: int) -> str:
    """Return the reason to refuse one more webhook."""
    return f"You have {limit} webhooks, which is the limit. Delete one first."
