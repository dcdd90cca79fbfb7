"""The refusals of the service. The handlers map each stable `code` to an HTTP status."""

from datetime import timedelta
from typing import ClassVar, Self

from msgspec import Struct

from chalicelib.domain.model.limit_use import LimitUse

OUTCOME_UNKNOWN_DETAIL = "The outcome of the request is unknown. Check whether it took effect before you retry."


class InvalidInput(Struct, frozen=True):
    """An invalid input of a request.

    `detail` is for a person. It either continues a sentence that begins with the name of the field, without a full
    stop, or is a sentence of its own.
    """

    field: str
    detail: str

    @property
    def sentence(self) -> str:
        """The detail as a sentence of its own."""
        return self.detail if self.detail.endswith(".") else f"{self.field} {self.detail}."


class Refusal(Exception):
    """A request that is refused.

    It has changed nothing, except that it may count towards a limit (R36). The outcome may be unknown only after Busy.
    `detail` is text for a person. `inputs` are the invalid inputs, and `field` names the first one. `retry_after` is
    the time after which a retry may succeed. `field` and `retry_after` are None if they do not apply.
    """

    code: ClassVar[str]
    default_detail: ClassVar[str]

    def __init__(
        self, detail: str | None = None, *, field: str | None = None, retry_after: timedelta | None = None
    ) -> None:
        self.detail = detail or self.default_detail
        self.inputs: tuple[InvalidInput, ...] = () if field is None else (InvalidInput(field, self.detail),)
        self.retry_after = retry_after
        super().__init__(self.detail)

    @classmethod
    def of(cls, *inputs: InvalidInput) -> Self:
        """Return the refusal of all these inputs, with a sentence for each."""
        refusal = cls()
        refusal.inputs = inputs
        refusal.state_inputs()
        return refusal

    def state_inputs(self) -> None:
        """Make the sentences of the inputs, if there is one, the detail."""
        self.detail = " ".join(invalid.sentence for invalid in self.inputs) or self.detail
        self.args = (self.detail,)

    @property
    def field(self) -> str | None:
        """The name of the first invalid input."""
        return self.inputs[0].field if self.inputs else None


class MalformedJson(Refusal):
    """A body that is not JSON."""

    code = "malformed_json"
    default_detail = "The body is not valid JSON."


class InvalidCursor(Refusal):
    """A cursor that was issued for another list, or was changed since."""

    code = "invalid_cursor"
    default_detail = "Use the cursor exactly as the previous page of the same list gave it."


class Unauthenticated(Refusal):
    """Credentials that are missing, invalid or expired."""

    code = "unauthenticated"
    default_detail = "Send a valid bearer token of the configured issuer, or a personal API key."


class Forbidden(Refusal):
    """A request that the scopes of the API key or token do not permit (R35)."""

    code = "forbidden"
    default_detail = "This API key may not do this."


class Suspended(Refusal):
    """A request of a suspended member, or at an address of one (R47)."""

    code = "suspended"
    default_detail = "Your account is suspended."


class NotFound(Refusal):
    """A resource that does not exist or belongs to another member."""

    code = "not_found"
    default_detail = "There is nothing here."


class MethodNotAllowed(Refusal):
    """A method that the path does not have."""

    code = "method_not_allowed"
    default_detail = "This path does not take that method."


class NotAvailable(Refusal):
    """A target that cannot be locked. The answer is the same for every reason (R11)."""

    code = "not_available"
    default_detail = "This partner can't be locked in for this slot."


class TimeConflict(Refusal):
    """A slot that overlaps a booking of the caller (R3, R16)."""

    code = "time_conflict"
    default_detail = "A session of yours overlaps this one. Cancel it, or ask to replace it; what has begun stays."


class InviteUnavailable(Refusal):
    """An invite link that the caller cannot use. The answer is the same for every reason (R28)."""

    code = "invite_unavailable"
    default_detail = "This invite link can't be used."


class TooLate(Refusal):
    """A slot that has started, or a booking that was cancelled (R17, R30)."""

    code = "too_late"
    default_detail = "This session has started or was cancelled."


class TooLarge(Refusal):
    """A body that is larger than the route accepts."""

    code = "too_large"
    default_detail = "The body is larger than 16 KiB, or 256 KiB for a batch."


class UnsupportedMediaType(Refusal):
    """A body with another content type than JSON."""

    code = "unsupported_media_type"
    default_detail = "Send the body as application/json."


class UnsupportedCoding(UnsupportedMediaType):
    """A body in a content coding."""

    default_detail = "Send the body without a Content-Encoding such as gzip."


class InvalidRequest(Refusal):
    """One or more invalid inputs. The detail has one sentence for each."""

    code = "invalid_request"
    default_detail = "The request is not valid."

    def __init__(
        self, detail: str | None = None, *, field: str | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(detail, field=field, retry_after=retry_after)
        self.state_inputs()


class IdempotencyKeyReused(Refusal):
    """An idempotency key that the member used for another request."""

    code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used with another body. Use a new key for a new request."


class RateLimited(Refusal):
    """A request beyond a limit of the caller. The detail says what to do (R36).

    `use` is the use of that limit, None for a limit of another kind.
    """

    code = "rate_limited"
    default_detail = "That is more than one member may have, or too much at once. Wait, or take something back."

    def __init__(
        self, detail: str | None = None, *, retry_after: timedelta | None = None, use: LimitUse | None = None
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.use = use


class Busy(Refusal):
    """A request that failed for now.

    The reason is conflicts, a throttled table, a read or write without a response, or an account that is still being
    erased. If the outcome is unknown, the detail says so.
    """

    code = "busy"
    default_detail = "Too many changes at once. Nothing was changed; try again in a moment."
