"""The reads of a route that begin with the read of the caller's account."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from chalice.app import Request

from chalicelib.handlers.http.call import Call, EarlyCall
from chalicelib.handlers.http.operations import ApiOperation
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
        self._inputs: Future[dict[str, Any]] = Future()

    def begin(self, member_id: str) -> None:
        """Parse the inputs and read for the caller with this id, who may have no account.

        A repeated call reads again.
        """
        self._inputs = Future()
        call = EarlyCall(self._context, self._request, member_id)
        try:
            self._inputs.set_result(self._read(call))
        except Exception as error:  # noqa: BLE001 - raised by `inputs`
            self._inputs.set_exception(error)

    def inputs(self, call: Call) -> dict[str, Any]:
        """Return the inputs of the view, with what was read as `begun`. Raises the refusal of an invalid input."""
        return self._inputs.result() if self._operation.begins else self._operation.inputs(call)

    def _read(self, call: EarlyCall) -> dict[str, Any]:
        inputs, begins = self._operation.inputs(call), self._operation.begins
        assert begins  # noqa: S101 - without reads nothing begins
        begun: Future[Any] = Future()
        try:
            begun.set_result(begins(call, **self._parameters, **inputs))
        except Exception as error:  # noqa: BLE001 - raised in the use case, which may read again
            begun.set_exception(error)
        return {**inputs, "begun": begun.result}
