"""The refusal of what the former release cannot read, while both releases run."""

from datetime import timedelta

from chalicelib.domain.model.errors import Busy
from chalicelib.services.context import Context

UPGRADE_DETAIL = "This is not possible while the service is upgraded. Try again in a few minutes."
RETRY_AFTER = timedelta(minutes=5)


def check_upgraded(context: Context) -> None:
    """Check that all running releases read what this one writes. Raises Busy."""
    if not context.settings.is_upgraded:
        raise Busy(UPGRADE_DETAIL, retry_after=RETRY_AFTER)
