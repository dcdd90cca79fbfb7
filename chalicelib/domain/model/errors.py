"""Every way the service refuses, one class each; the handlers' table maps the stable `code` to a status."""

from datetime import timedelta
from typing import ClassVar

OUTCOME_UNKNOWN_DETAIL = "No answer came from the table. Look whether it was done before you ask again."


class Refusal(Exception):
    """Something asked for is not done, and nothing has changed.

    `detail` is a sentence for a person; `field` names the input at fault, where one is; `retry_after` is when asking
    again may help, where that can be told.
    """

    code: ClassVar[str]
    default_detail: ClassVar[str]

    def __init__(
        self, detail: str | None = None, *, field: str | None = None, retry_after: timedelta | None = None
    ) -> None:
        self.detail = detail or self.default_detail
        self.field = field
        self.retry_after = retry_after
        super().__init__(self.detail)


class MalformedJson(Refusal):
    """The body is not JSON."""

    code = "malformed_json"
    default_detail = "The body is not valid JSON."


class InvalidCursor(Refusal):
    """The cursor was not handed out for this list, or was changed since."""

    code = "invalid_cursor"
    default_detail = "Use the cursor exactly as the previous page of the same list gave it."


class Unauthenticated(Refusal):
    """Nobody can be told from the credentials."""

    code = "unauthenticated"
    default_detail = "Send a valid bearer token of the configured issuer, or a personal API key."


class Forbidden(Refusal):
    """The API key may not do that, whatever its owner may (R35)."""

    code = "forbidden"
    default_detail = "This API key may not do this."


class NotFound(Refusal):
    """There is no such thing, or it is another member's."""

    code = "not_found"
    default_detail = "There is nothing here."


class MethodNotAllowed(Refusal):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    default_detail = "This path does not take that method."


class NotAvailable(Refusal):
    """The target cannot be locked in; the reason is nobody's business (R11)."""

    code = "not_available"
    default_detail = "This partner can't be locked in for this slot."


class TimeConflict(Refusal):
    """An own booking is in the way (R3, R16)."""

    code = "time_conflict"
    default_detail = "A session of yours overlaps this one. Cancel it, or ask to replace it; what has begun stays."


class InviteUnavailable(Refusal):
    """Nobody can be locked in with by this link, or not by the caller; the reason is nobody's business (R28)."""

    code = "invite_unavailable"
    default_detail = "This invite link can't be used."


class TooLate(Refusal):
    """What is asked for has started or was cancelled (R17, R30)."""

    code = "too_late"
    default_detail = "This session has started or was cancelled."


class TooLarge(Refusal):
    """The body is larger than the service reads."""

    code = "too_large"
    default_detail = "The body is larger than 16 KiB."


class UnsupportedMediaType(Refusal):
    """The body is declared as something other than JSON."""

    code = "unsupported_media_type"
    default_detail = "Send the body as application/json."


class InvalidRequest(Refusal):
    """One input is at fault; `field` names it."""

    code = "invalid_request"
    default_detail = "The request is not valid."


class IdempotencyKeyReused(Refusal):
    """The idempotency key belongs to another request of the same member."""

    code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used with another body. Use a new key for a new request."


class RateLimited(Refusal):
    """The caller has or does too much of something; the detail says what to do (R36)."""

    code = "rate_limited"
    default_detail = "That is more than one member may have, or too much at once. Wait, or take something back."


class Busy(Refusal):
    """Every retry lost its race or the table is overloaded."""

    code = "busy"
    default_detail = "Too many changes at once. Nothing was changed; try again in a moment."
