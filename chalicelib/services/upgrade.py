"""The refusal of what the former release cannot read, while both releases run."""

from datetime import timedelta

from chalicelib.domain.model.errors import Busy
from chalicelib.services.context import Context
from chalicelib.version import SCHEMA

UPGRADE_DETAIL = "This is not possible while the service is upgraded. Try again in a few minutes."
RETRY_AFTER = timedelta(minutes=5)


def is_upgraded(context: Context) -> bool:
    """Return whether all running releases read what only this one writes."""
    return context.settings.schema == SCHEMA


def check_upgraded(context: Context) -> None:
    """Check that all running releases read what only this one writes. Raises Busy."""
    if not is_upgraded(context):
        raise Busy(UPGRADE_DETAIL, retry_after=RETRY_AFTER)
