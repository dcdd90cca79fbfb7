"""The reads of a route that begin with the read of the caller's account."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Request

from chalicelib.handlers.http.call import EarlyCall, MemberCall
from chalicelib.handlers.http.operations import ApiOperation
from chalicelib.services.begun_reads import Begun, begin_read
from chalicelib.services.context import Context


class EarlyReads:
    """The inputs of one request, and the reads that its view declares with `begins`.

    Refusals and failures are kept. They are raised when the view asks, so that those of the authentication come first.
    """

    def __init__(
        self, context: Context, operation: ApiOperation, request: Request, parameters: Mapping[str, str]
    ) -> None:
        self._context = context
        self._operation = operation
        self._request = request
        self._parameters = parameters
        self._begun: Begun[dict[str, Any]] | None = None

    def begin(self, member_id: str) -> None:
        """Parse the inputs and read for the caller with this id, who may have no account.

        A repeated call reads again.
        """
        call = EarlyCall(self._context, self._request, member_id)
        self._begun = begin_read(lambda: self._read(call))

    def inputs(self, call: MemberCall) -> dict[str, Any]:
        """Return the inputs of the view, with what was read as `begun`. Raises the refusal of an invalid input.

        Where an authentication did not begin, the reads are made now.
        """
        if not self._operation.begins:
            return self._operation.inputs(call)
        if self._begun is None:
            self.begin(call.member_id)
        assert self._begun  # noqa: S101 - set by `begin`
        return self._begun()

    def _read(self, call: EarlyCall) -> dict[str, Any]:
        inputs, begins = self._operation.inputs(call), self._operation.begins
        assert begins  # noqa: S101 - without reads nothing begins
        return {**inputs, "begun": begin_read(lambda: begins(call, **self._parameters, **inputs))}
